/*
 * known_pages.h - pages in hand that the source sent before, gathered and taken together: one transaction for some
 * pages, not one for each. Promises that they are all taken or none, in their order; where one of them is not as it
 * was, all are asked for again and taken one by one.
 *
 * A group is bounded by pages, records and time, and only what its pages came to is kept of it, not their bodies. A
 * source that counts its requests is not asked twice for a page: its pages are taken one by one.
 */
#ifndef ETL_JOB_KNOWN_PAGES_H
#define ETL_JOB_KNOWN_PAGES_H

#include "load/load_known.h"
#include "source/paging.h"

enum {
    KNOWN_RECORDS_MAX = 4000,
    KNOWN_MS_MAX = 200 /* since the first was gathered; looked at as pages come */
};

typedef struct {
    bool single; /* pages are taken one by one */

    /* the pages gathered, none of them committed */
    int64_t run_id;
    int count, number; /* number: of the first, within the run */
    int64_t since_ms, records;
    uint8_t reading[SHA256_BYTES];
    uint8_t sha256[LOAD_KNOWN_MAX][SHA256_BYTES];
    int64_t bytes[LOAD_KNOWN_MAX];
    paging before; /* where the first of them stands */
    int alone;     /* so many pages from here on are taken one by one */

    /* committed since somebody looked */
    int taken;
    page_counts counts;
} known_pages;

/*
 * KNOWN_NOT: the page is to be read, none is gathered. KNOWN_ASK_AGAIN: nor does the listing go on at the page in hand.
 */
typedef enum { KNOWN_NOT, KNOWN_GATHERED, KNOWN_ASK_AGAIN, KNOWN_FAILED } known_step;

/* What is known of a page that was gathered. */
typedef struct {
    int64_t records, total; /* total -1: not announced */
    paging_step step;
    failure *why; /* of KNOWN_FAILED; set by the caller */
} known_page;

/*
 * Gathers the page of mark (reading NULL: it cannot be known) and moves *at past it, or takes what was gathered before
 * it. After KNOWN_FAILED the transaction is to be abandoned; the page is not gathered, those before it still are. A
 * page that ends the listing leaves none gathered.
 */
known_step known_pages_meet(known_pages *k, load_page *load, const page_mark *mark, paging *at,
                            known_page *page);

/* Takes what is gathered, if anything. *again: they are to be asked for again, *at is back at the first. */
MUST_CHECK bool known_pages_take(known_pages *k, load_page *load, paging *at, bool *again, failure *f);

#endif
