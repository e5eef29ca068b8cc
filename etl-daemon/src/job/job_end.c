/*
 * job_end.c - how a run ended, in its progress, in its books and in the log. Refuses to leave a run open that it can
 * still close.
 */
#include "job/job_private.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/stop_point.h"
#include "load/load_limit.h"

/* Says in progress how it ended; step is not LOOP_ON. */
static void conclude(job *j, loop_step step, const failure *why)
{
    job_progress *p = j->progress;
    p->code = EXIT_DONE;
    if (step == LOOP_FAILED || step == LOOP_PAUSED || step == LOOP_DRIFTED) {
        job_note_problem(j, why);
    } else if (p->broken_pages > 0) {
        p->code = EXIT_PARTIAL;
        (void)snprintf(p->problem, sizeof p->problem, "%d of %d pages cannot be decoded and are kept",
                       p->broken_pages, p->pages);
    }
    if (step == LOOP_FINISHED && j->files.refused > 0) {
        p->code = EXIT_PARTIAL;
        (void)snprintf(p->problem, sizeof p->problem, "%d files are refused; the last: %s", j->files.refused,
                       j->files.problem);
    }
    if (step == LOOP_STOPPED)
        p->code = EXIT_INTERRUPTED;
    p->drifted = step == LOOP_DRIFTED;
    p->state = step == LOOP_FINISHED                         ? JOB_FINISHED
               : step == LOOP_STOPPED || step == LOOP_PAUSED ? JOB_STOPPED
               : step == LOOP_DRIFTED                        ? JOB_HELD
                                                             : JOB_FAILED;
}

/* Whose fault is a run that failed? -1: not the source's; else the seconds for which it asks to be left alone. */
static int blame(const job *j)
{
    return j->progress->code == EXIT_PARTIAL && !j->taken ? j->asked_seconds : -1;
}

/* In the books, by the call that its state needs. */
static bool write_end(const job *j, pg_session *pg, bool *held, failure *f)
{
    const job_progress *p = j->progress;
    const run_end end = {job_state_name(p->state), p->problem, blame(j)};
    if (p->drifted)
        return load_run_hold(pg, j->run.id, p->problem, j->drift, f);
    if (p->pause != PAUSE_NONE)
        return load_run_pause(pg, j->run.id, p->pause == PAUSE_QUOTA ? "quota" : "hours", p->problem, f);
    return load_run_close(pg, j->run.id, &end, held, f);
}

static void tell_hold(job_progress *p, int64_t run_id)
{
    static const char release[] = "ekok run release %" PRId64 " --reason TEXT %s";
    char advice[100];
    (void)snprintf(advice, sizeof advice, release, run_id, p->drifted ? "accepts it" : "marks them absent");
    if (!p->drifted)
        (void)snprintf(p->problem, sizeof p->problem,
                       "more records vanished than is plausible; ekok status says how many, %s", advice);
    else
        (void)snprintf(p->problem + strlen(p->problem), sizeof p->problem - strlen(p->problem), "; %s",
                       advice);
    p->state = JOB_HELD;
    p->code = EXIT_PARTIAL;
}

static void close_run(job *j)
{
    failure f;
    job_progress *p = j->progress;
    bool held = p->drifted;
    pg_session *pg = keeper_enter(j->task->keeper, &f);
    if (!pg)
        return;
    stop_point("run_closing");
    bool closed = write_end(j, pg, &held, &f);
    keeper_leave(j->task->keeper);
    if (closed) {
        stop_point("run_closed");
        if (held)
            tell_hold(p, j->run.id);
        return;
    }
    if (p->state != JOB_FAILED)
        job_note_problem(j, &f);
    p->state = JOB_FAILED;
    p->drifted = false;
}

static void log_end(const job_progress *p)
{
    log_event(p->code == EXIT_DONE ? LOG_INFO : LOG_WARNING, p->source, "run_ended",
              "state=%s pages=%d rows=%" PRId64 " inserted=%" PRId64 " updated=%" PRId64 " unchanged=%" PRId64
              " quarantined=%" PRId64 " refused=%" PRId64 "%s%s%s",
              job_state_name(p->state), p->pages, p->rows, p->inserted, p->updated, p->unchanged,
              p->quarantined, p->refused, p->problem[0] ? " problem=\"" : "", p->problem,
              p->problem[0] ? "\"" : "");
}

void job_end(job *j, loop_step step, const failure *why)
{
    conclude(j, step, why);
    close_run(j);
    log_end(j->progress);
}

void job_end_unopened(job *j, const failure *why)
{
    conclude(j, LOOP_FAILED, why);
    log_end(j->progress);
}
