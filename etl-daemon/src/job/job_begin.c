/*
 * job_begin.c - opens the runs of all sources that are due, before any of them goes on. Refuses to open one of a source
 * that is left alone.
 */
#include "job/job_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "load/load_starts.h"

static job *new_job(const job_start *s)
{
    *s->progress =
        (job_progress){.source = s->task->def->name, .total = -1, .state = JOB_FAILED, .code = EXIT_INTERNAL};
    job *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->task = s->task;
    j->progress = s->progress;
    j->files = (file_run){.dir = {.fd = -1}, .file = {.fd = -1}};
    job_report(j, JOB_RUNNING);
    s->progress->code = EXIT_DONE;
    return j;
}

static void leave_alone(job *j, int seconds)
{
    job_progress *p = j->progress;
    p->wait_seconds = seconds;
    (void)snprintf(p->problem, sizeof p->problem, "left alone for another %d s after failures", seconds);
    log_event(LOG_INFO, p->source, "left_alone", "seconds=%d", seconds);
    job_report(j, JOB_ALONE);
    free(j);
}

/* What came of it; true: the job is to go on. */
static bool take(job *j, const load_start *opened)
{
    if (opened->wait_seconds > 0) {
        leave_alone(j, opened->wait_seconds);
        return false;
    }
    j->opened = opened->opened;
    j->contested = opened->taken;
    if (j->opened)
        j->run = opened->run;
    else
        j->why = opened->why;
    return true;
}

static void open_all(keeper *books, load_start *wanted, size_t count)
{
    failure f = {.code = EXIT_DONE, .text = ""};
    pg_session *pg = keeper_enter(books, &f);
    for (size_t i = 0; !pg && i < count; i++)
        wanted[i].why = f;
    if (!pg)
        return;
    load_starts_open(pg, wanted, count);
    keeper_leave(books);
}

void jobs_begin(job_start *start, size_t count)
{
    load_start *wanted = calloc(count + 1, sizeof *wanted);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const job_task *task = start[i].task;
        start[i].job = wanted ? new_job(&start[i]) : NULL;
        if (start[i].job)
            wanted[n++] =
                (load_start){.def = task->def,
                             .lease_seconds = task->lease_seconds + task->def->deadlines.page_seconds,
                             .forced = task->forced};
    }
    if (n > 0)
        open_all(start[0].task->keeper, wanted, n);
    n = 0;
    for (size_t i = 0; i < count; i++)
        if (start[i].job && !take(start[i].job, &wanted[n++]))
            start[i].job = NULL;
    free(wanted);
}
