/*
 * load_known.h - pages that the source sent before, taken by what they came to then: nothing of them is decoded, staged
 * or merged. Refuses to decide whether they may be: etl.accept_pages does, under the lock of the run.
 */
#ifndef ETL_LOAD_LOAD_KNOWN_H
#define ETL_LOAD_LOAD_KNOWN_H

#include "load/load_page.h"

enum { LOAD_KNOWN_MAX = 32 /* pages in one transaction */, PAGE_NEXT_TEXT = 513 };

/* What is remembered of a page. */
typedef struct {
    bool known;
    int64_t records, total; /* total -1: not announced */
    bool has_next;
    char next[PAGE_NEXT_TEXT];
} page_memo;

/* Pages that follow each other in the listing. */
typedef struct {
    int64_t run_id;
    int number;              /* of the first, counted from 1 within the run */
    const char *next_cursor; /* behind the last; NULL: the next run begins at the start */
    const uint8_t *reading;
    int count; /* 1 to LOAD_KNOWN_MAX */
    const uint8_t (*sha256)[SHA256_BYTES];
    const int64_t *bytes;
} known_marks;

/* Asks outside of a transaction for the page of mark->sha256 as it was read by mark->reading. */
MUST_CHECK bool load_known_recall(load_page *p, const page_mark *mark, page_memo *out, failure *f);

/*
 * In a transaction of its own, which is to be abandoned after a failure. *accepted: false, one of them is to be read;
 * nothing is written then.
 */
MUST_CHECK bool load_known_take(load_page *p, const known_marks *marks, page_counts *counts, bool *accepted,
                                failure *f);

#endif
