/*
 * paging.h - where a listing goes on: a source definition and a cursor text give the next address; what a
 * page held gives the next cursor and whether the listing is done. Pure: nothing is fetched, nothing is
 * decoded here. The rules of each style stand in config/source_def.h. Refuses a listing that does not move.
 */
#ifndef ETL_SOURCE_PAGING_H
#define ETL_SOURCE_PAGING_H

#include <stdint.h>

#include "base/failure.h"
#include "config/source_def.h"

enum { PAGING_VALUE_TEXT = 513, PAGING_URL_TEXT = 4096, PAGING_CURSOR_TEXT = 3200, PAGES_MAX = 10000000 };
enum { PAGING_LINK_TEXT = 1025 };

typedef struct {
    const source_def *def;
    int64_t number; /* style page: page number; style offset: records before this page */

    /* style cursor: the source's cursor; style since: the time; empty: at the start */
    char value[PAGING_VALUE_TEXT];
    char after[PAGING_VALUE_TEXT]; /* style since: the last id at that time */
    bool back;                     /* style since: the page at hand begins before it, by the overlap */

    /* style link: `value` is path and query of the page at hand; empty: at the start */
    char
        link[PAGING_LINK_TEXT]; /* what the page's header Link named, set by who fetched it; empty: nothing */

    /* style search: the page is `number`, from 1 */
    int64_t total;  /* as announced by the pages before, -1: not */
    char asked[33]; /* transaction of the page at hand, set by who asked for it */

    /* style file: `value` is the file's SHA-256 in hexadecimal, `number` the records of it that are committed */
    bool ended;    /* all of them */
    int64_t slice; /* records of the page at hand, set by who cut it; -1: not counted there */
    bool last;     /* it is the file's last page */
    int line;      /* line or row of its first record */
} paging;

/* What the decoder saw on a page; spans with n == 0 where the source gave nothing. */
typedef struct {
    int64_t records;
    int64_t total;     /* as the source announces it, -1 when it does not */
    span next;         /* style cursor */
    span since, after; /* style since: since_field and after_field of the last record that had them */
} page_facts;

typedef enum { PAGING_MORE, PAGING_DONE, PAGING_STUCK } paging_step;

/*
 * Begins at a cursor, or at the start for NULL. False when the cursor is not one of this style: then at the
 * start.
 */
bool paging_start(paging *p, const source_def *def, const char *cursor);

/* The address of the page at hand; false when it is longer than PAGING_URL_TEXT. */
MUST_CHECK bool paging_url(const paging *p, char out[PAGING_URL_TEXT]);

/* The position as text, to be stored; empty: at the start (to be stored as NULL). */
void paging_cursor(const paging *p, char out[PAGING_CURSOR_TEXT]);

/*
 * Can a page be skipped when it is broken? Only where its successor's address does not stand on the page
 * itself.
 */
bool paging_can_skip(const paging *p);
void paging_skip(paging *p);

/*
 * Moves past a page. After PAGING_DONE the position is where the next run begins. PAGING_STUCK: the source
 * says there is more but its position did not move, or ended the listing before the total it announces; f
 * says which.
 */
paging_step paging_advance(paging *p, const page_facts *facts, failure *f);

/* Style file: begins a file, or goes on in the one that the cursor tells of. sha256: 64 hexadecimal digits. */
void paging_enter_file(paging *p, const char *sha256);

/* Records before the page at hand, as far as the style tells; for progress against an announced total. */
int64_t paging_records_before(const paging *p);

#endif
