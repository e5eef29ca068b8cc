/*
 * schedule.h - worker threads over the list of sources: each source once, or each one again every interval. A
 * slow source occupies one worker and delays no other source; a source is never pulled twice at the same
 * time.
 */
#ifndef ETL_SCHEDULE_SCHEDULE_H
#define ETL_SCHEDULE_SCHEDULE_H

#include "job/job.h"

enum { SOURCES_MAX = 256 };

typedef struct {
    const job_task *task; /* `tasks` of them, one a source */
    size_t tasks;
    int workers;
    int interval_seconds;
    bool once;    /* return when each source was pulled */
    int64_t *due; /* of each task, milliseconds on CLOCK_MONOTONIC; written back at the end. NULL: at once */
} schedule_plan;

/*
 * Returns when all is done, or when the orders say stop and every job has stopped. The code: EXIT_INTERNAL
 * before EXIT_DATABASE before EXIT_INTERRUPTED before EXIT_PARTIAL; without `once`, only what concerns the
 * stop itself.
 */
exit_code schedule_run(const schedule_plan *plan);

/* Of two codes the one to be told to the caller. */
exit_code schedule_worse(exit_code a, exit_code b);

#endif
