/*
 * page_work.h - a page in memory becomes a committed page: decoded, mapped, validated, sealed, staged,
 * merged. The database is asked for a transaction only now, so that no source can keep one open.
 */
#ifndef ETL_JOB_PAGE_WORK_H
#define ETL_JOB_PAGE_WORK_H

#include "cell/cell.h"
#include "job/id_set.h"
#include "job/job.h"
#include "job/known_pages.h"
#include "load/load_page.h"
#include "load/load_writer.h"
#include "map/contract.h"
#include "map/map.h"
#include "row/row.h"
#include "secret/seal.h"
#include "source/paging.h"

enum { PAGE_RECORDS_MAX = ID_SET_MAX };

/*
 * PAGE_DRIFTED: it can be read, but breaks the source's contract; nothing of it is taken. PAGE_GATHERED: it was read
 * before, and stands in work.known, or was taken from there. PAGE_ASK_AGAIN: the listing goes on at an earlier page.
 */
typedef enum {
    PAGE_LOADED,
    PAGE_BROKEN,
    PAGE_FAILED,
    PAGE_DRIFTED,
    PAGE_GATHERED,
    PAGE_ASK_AGAIN
} page_outcome;

/* What a page turned out to be. */
typedef struct {
    int64_t records;
    int64_t total; /* announced by the source, -1: not */
    page_counts counts;
    paging_step step;
    failure why;             /* of PAGE_BROKEN, PAGE_FAILED, PAGE_DRIFTED, and of PAGING_STUCK */
    char drift[DRIFT_LINES]; /* of PAGE_DRIFTED: what broke, as etl.run.drift, a line each */
} page_report;

typedef struct {
    const job_task *task;
    cell *decoder;
    load_page load;
    load_writer writer;
    id_set ids;
    civil_date today, latest; /* latest: a page is read anew before it */
    const char *accepted;     /* drift that was released, as contract_begin wants it; NULL: none */

    uint8_t reading[SHA256_BYTES]; /* what the reading of its pages depends on beside their bytes */
    bool whole;     /* rows are staged with their records' bytes: one was refused in this run */
    bool remembers; /* a page that the source sent before may be taken by what it came to then */

    known_pages *known; /* of the job at this desk, set for each page; NULL: the page is read */
    bool (*before_commit)(void *context,
                          failure *f); /* between merge and COMMIT; NULL: nothing is to be done */
    void *context;

    /* of the page at hand */
    contract_watch promises;
    int64_t records;
    int64_t ahead;             /* of them are dated in the future */
    failure *why;              /* set by a record that could not be taken in */
    bool failed;               /* it was the database or the crypto library, not the page */
    bool passing;              /* in some days it may come to something else: it is not remembered */
    char next[PAGE_NEXT_TEXT]; /* what it says of its successor */
    char since[PAGING_VALUE_TEXT], after[PAGING_VALUE_TEXT];

    /* of the record at hand, wiped after it */
    map_scratch scratch;
    mapped_record mapped;
    registry_row row;
} page_work;

/* reader outlives it. */
MUST_CHECK bool page_work_open(page_work *w, const job_task *task, cell *reader, pg_session *pg, failure *f);
void page_work_today(page_work *w); /* the day turns while it is open */
void page_work_close(page_work *w);

/*
 * Loads the page. mark->next_cursor and mark->fetched are filled in here; *at moves past the page only when
 * it is committed, or gathered. With every other outcome nothing of it is in the database.
 */
page_outcome page_work_load(page_work *w, span body, page_mark *mark, paging *at, page_report *report);

#endif
