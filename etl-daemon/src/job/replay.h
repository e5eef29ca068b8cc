/*
 * replay.h - quarantined records of a source taken up again, under the definition that is in force now.
 *
 * Promises that what loads leaves quarantine in the transaction that loads it, that what does not load stays with its
 * reasons of now, that of two records with one id the later counts, and that nothing newer in the registry is
 * overwritten. Refuses CSV: a quarantined line has no header; its file is dropped again.
 */
#ifndef ETL_JOB_REPLAY_H
#define ETL_JOB_REPLAY_H

#include "job/job.h"

/* Which records; NULL: every one. */
typedef struct {
    const char *reason;        /* one of its reasons */
    const char *since, *until; /* set aside from this day on, before this one: yyyy-mm-dd */
} replay_filter;

typedef struct {
    int64_t run_id, looked_at;
    int64_t fetched, inserted, updated, unchanged, quarantined, refused; /* the books of the run */
    int64_t superseded; /* the source has sent something newer; not in the books */
    int64_t unreadable; /* lost framing: left as they are, not in the books */
} replay_result;

MUST_CHECK bool replay_run(const job_task *task, const replay_filter *filter, replay_result *out, failure *f);

#endif
