/*
 * fetch.h - brings one page into memory, with the retries that its definition allows.
 */
#ifndef ETL_JOB_FETCH_H
#define ETL_JOB_FETCH_H

#include "job/job.h"

typedef enum { FETCH_DONE, FETCH_FAILED, FETCH_STOPPED } fetch_outcome;

/* Called before each wait for another try. */
typedef void (*fetch_retry_fn)(void *context, const failure *why);

typedef struct {
    const job_task *task;
    http_client *client;
    page_memory *body;
    fetch_retry_fn on_retry;
    void *context;
} fetcher;

/*
 * Milliseconds before try number `attempt` (from 1): 0.5 s doubled each time up to 30 s, of which jitter (0 to
 * 999) takes away up to a half; at least what the source asks for by Retry-After, but never more than 60 s.
 */
int fetch_delay(int attempt, int retry_after, int jitter);

fetch_outcome fetch_page(fetcher *x, const char *url, failure *f);

#endif
