/*
 * pages.h - answers a query of a system with a page, in that system's way of paging.
 */
#ifndef SIM_PAGES_H
#define SIM_PAGES_H

#include "mis.h"

/* Values of the query's parameters, decoded; NULL where not given. */
typedef struct {
    const char *size, *at, *after;
    unsigned lost;    /* so many of a thousand records are left out, always the same; by cursor or since */
    bool reversed;    /* the records of the page in opposite order */
    bool goes_back;   /* the third page's next cursor leads to the second page */
    unsigned overlap; /* records of the page before that come again; systems paged by offset */
    bool swapped;     /* the second and the third page are exchanged; systems paged by number */
} page_query;

/* HTTP status: 200 with the page in *out, 400 with a line in *out, 500 without memory. */
int page_make(const world *w, const rank_index *index, mis_id mis, const page_query *query, json *out);

#endif
