/*
 * job_connect.c - a run's connection to its source, through the gate: waited for with the books and the lease kept,
 * given back where others need it. Refuses to keep a place while a source is silent and somebody else could use it.
 */
#include "job/job_private.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "load/load_starts.h"

void job_disconnect(job *j)
{
    if (j->client)
        http_client_free(j->client);
    j->client = NULL;
    if (j->task->gate)
        gate_leave(j->task->gate, &j->ticket);
}

static bool is_wanted(const job *j)
{
    return j->task->gate && j->ticket.inside && gate_wanted(j->task->gate, &j->ticket);
}

static bool note_wait(job *j, bool waiting, failure *f)
{
    int seconds = j->task->lease_seconds + GATE_PATIENCE_MS / 1000 + j->task->def->deadlines.page_seconds;
    pg_session *pg = keeper_enter(j->task->keeper, f);
    if (!pg)
        return false;
    bool good = load_run_wait(pg, j->run.id, seconds, waiting, f);
    job_note_taken(j, pg);
    keeper_leave(j->task->keeper);
    return good;
}

/* In line until it is its turn; who waits long says so, in the books and in the log. */
static fetch_outcome enter(job *j, failure *f)
{
    const int64_t since = wall_steady_ms();
    bool told = false;
    gate_answer answer;
    while ((answer = gate_enter(j->task->gate, &j->ticket, &j->task->orders->stop)) == GATE_STILL) {
        if (!note_wait(j, true, f)) {
            job_disconnect(j);
            return FETCH_FAILED;
        }
        if (!told)
            log_event(LOG_WARNING, j->task->def->name, "waits_for_connection", "places=%d lane=%s",
                      GATE_CONNECTIONS, j->ticket.lane == LANE_SLOW ? "slow" : "quick");
        told = true;
    }
    if (told)
        log_event(LOG_INFO, j->task->def->name, "waited_for_connection", "seconds=%" PRId64,
                  (wall_steady_ms() - since) / 1000);
    if (answer == GATE_STOPPED)
        return FETCH_STOPPED;
    return told && !note_wait(j, false, f) ? FETCH_FAILED : FETCH_DONE;
}

fetch_outcome job_connect(void *context, http_client **client, failure *f)
{
    job *j = context;
    if (!j->client) {
        fetch_outcome entered = enter(j, f);
        if (entered == FETCH_DONE && !(j->client = http_client_new(j->task->identity, f)))
            entered = FETCH_FAILED;
        if (entered != FETCH_DONE) {
            job_disconnect(j);
            return entered;
        }
    }
    *client = j->client;
    return FETCH_DONE;
}

bool job_yields(void *context)
{
    job *j = context;
    return gate_yield(j->task->gate, &j->ticket);
}

bool job_yielded(void *context)
{
    job *j = context;
    if (!j->ticket.leaving)
        return false;
    log_event(LOG_WARNING, j->task->def->name, "connection_yielded", "silent_seconds=%d lane=slow",
              GATE_PATIENCE_MS / 1000);
    job_disconnect(j);
    j->ticket.lane = LANE_SLOW;
    return true;
}

void job_rest(job *j, int wait_ms)
{
    if (wait_ms >= GATE_PATIENCE_MS || is_wanted(j))
        job_disconnect(j);
}

void job_heard(job *j, bool silent)
{
    if (j->task->gate && !silent && j->ticket.lane == LANE_SLOW)
        gate_change(j->task->gate, &j->ticket, LANE_QUICK);
    if (is_wanted(j))
        job_disconnect(j);
}
