/*
 * schedule.h - which source is pulled when: each once, or each at its own times, within its hours (schedule/due.h).
 * Every run has a thread, so that a source which hangs delays no other; where pages are worked on there are as many
 * places as workers (job/desk.h). A source is never pulled twice at the same time.
 */
#ifndef ETL_SCHEDULE_SCHEDULE_H
#define ETL_SCHEDULE_SCHEDULE_H

#include "job/job.h"

enum { SOURCES_MAX = 256 };

typedef struct {
    const job_task *task; /* `tasks` of them, one a source */
    size_t tasks;
    int interval_seconds; /* of sources without a cron expression, and before a run that failed is tried again */
    bool once;            /* pull each source now, whatever its schedule, and return */
    const char *conninfo; /* of the registry, whose clock and books the schedule goes by; not for `once` */
    wall_clock *wall;     /* kept in step with it */
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
