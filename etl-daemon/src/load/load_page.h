/*
 * load_page.h - one page, one transaction: rows and quarantine by COPY, one merge call, COMMIT. Lines are
 * sent as they come, so that memory holds a few pieces and never a page of them.
 *
 *   load_page_prepare   once a session: the staging tables
 *   load_page_begin     BEGIN
 *   load_page_rows/bad  the buffer for the next line, with room for it; full ones are sent on the way
 *   load_page_staged    the end of both COPYs
 *   load_page_merge     the merge call
 *   load_page_commit    COMMIT
 *   load_page_abandon   ROLLBACK, after any failure or for a page that turns out to be broken
 */
#ifndef ETL_LOAD_LOAD_PAGE_H
#define ETL_LOAD_LOAD_PAGE_H

#include <stdint.h>

#include "agent/seal_batch.h"
#include "base/buf.h"
#include "wire/pg.h"

enum { LOAD_PIECE = 65536 /* bytes gathered before they are sent */ };

enum { PAGE_ROW_KEYS = 2 + KEY_VERSIONS_MAX * 11 };

typedef enum { COPY_NONE, COPY_ROWS, COPY_BAD } copy_target;

typedef struct {
    pg_session *pg;
    bool members;     /* rows are members of surveyed households */
    copy_target open; /* the COPY under way */
    buf rows, bad;
    char row_keys[PAGE_ROW_KEYS]; /* the versions of content MACs that the session was told */
    seal_batch
        *seal; /* of the lines in both: settled before any is sent; NULL: nothing is left open in them */
} load_page;

/* What etl.merge_page and etl.keep_page are told about a page. */
typedef struct {
    int64_t run_id;
    int number;              /* counted from 1 within the run */
    const char *next_cursor; /* NULL: the next run begins at the start */
    const uint8_t *sha256;
    int64_t bytes;
    int64_t fetched; /* records: staged rows and quarantined ones */

    const uint8_t *reading; /* all that its reading depends on beside its bytes; NULL: it is not remembered */
    int64_t total;          /* as the page announces it, -1: not */
    const char *next;       /* what the page says of its successor; NULL: nothing */
} page_mark;

typedef struct {
    int64_t inserted, updated, unchanged, quarantined, refused;
} page_counts;

void load_page_init(load_page *p, pg_session *pg, size_t line_max); /* of enrolments; set members behind it */
void load_page_free(load_page *p);

MUST_CHECK bool load_page_prepare(load_page *p, failure *f);
MUST_CHECK bool load_page_begin(load_page *p, failure *f);
buf *load_page_rows(load_page *p, failure *f); /* NULL on failure */
buf *load_page_bad(load_page *p, failure *f);
MUST_CHECK bool load_page_staged(load_page *p, failure *f);
MUST_CHECK bool load_page_merge(load_page *p, const page_mark *mark, page_counts *counts, failure *f);
MUST_CHECK bool load_page_commit(load_page *p, failure *f);

void load_page_abandon(load_page *p);

/*
 * A broken page, in its own transaction: `sealed` is its whole body, sealed; `problem` says where it broke.
 */
MUST_CHECK bool load_page_keep(load_page *p, const page_mark *mark, span sealed, const char *problem,
                               failure *f);

#endif
