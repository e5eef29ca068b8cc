/*
 * fetch.h - brings one page into memory, with the retries that its definition allows.
 */
#ifndef ETL_JOB_FETCH_H
#define ETL_JOB_FETCH_H

#include "job/job.h"
#include "source/paging.h"

typedef enum {
    FETCH_DONE,
    FETCH_FAILED,
    FETCH_STOPPED,
    FETCH_NOT_TODAY /* the quota is used up */
} fetch_outcome;

/* Called before each wait for another try; false: no more of them, *why says so. */
typedef bool (*fetch_retry_fn)(void *context, int wait_ms, failure *why);

/* Called before the wait for a request's turn, where that is long; false: *f. */
typedef bool (*fetch_turn_fn)(void *context, int wait_ms, failure *f);

/* Called before each request: *client is the one to ask with. Else why not: FETCH_STOPPED, or FETCH_FAILED with *f. */
typedef fetch_outcome (*fetch_connect_fn)(void *context, http_client **client, failure *f);

typedef struct {
    const job_task *task;
    http_client *client; /* of who has no on_connect */
    page_memory *body;
    fetch_connect_fn on_connect;
    bool (*yields)(
        void *context); /* asked when a source is silent: is its request to be given up for others? */
    bool (*on_yield)(void *context); /* was it? Then it is asked anew, and that is no failure */
    fetch_retry_fn on_retry;
    fetch_turn_fn on_turn; /* NULL: nothing is to be done */
    void *context;
    paging *at;        /* learns what the header Link names */
    int asked_seconds; /* the source wants to be left alone for longer than a run waits; else 0 */
    bool silent;       /* of a page that came: nothing of it did for GATE_PATIENCE_MS */
    fetch_outcome may; /* FETCH_DONE: the last request was allowed */
} fetcher;

/*
 * Milliseconds before try number `attempt` (from 1): a part, by jitter (0 to 1000 permille), of the first delay doubled
 * each time up to the longest (full jitter, so that sources that failed together are not asked together again); at
 * least what the source asks for by Retry-After, but never more than longest_asked_seconds.
 */
int fetch_delay(const source_deadlines *d, int attempt, int retry_after, int jitter);

fetch_outcome fetch_page(fetcher *x, const char *url, failure *f);

#endif
