/*
 * sweeper.c - see sweeper.h. When a sweep is due is asked of the registry, so that a restart of the daemon does not
 * delay it and one that somebody else made counts.
 */
#include "schedule/sweeper.h"

#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "wire/pg.h"

enum { LOOK_SECONDS = 10, TICK_MS = 100, WORKER_STACK = 1 << 20 };

/* One text of one row; a parameter that is NULL is left out. */
static bool ask(pg_session *pg, const char *sql, const char *const param[2], char out[64], failure *f)
{
    pg_rows *rows = pg_query(pg, sql, param[1] ? 2 : param[0] ? 1 : 0, param, f);
    const char *value = rows && pg_rows_count(rows) == 1 ? pg_rows_get(rows, 0, 0) : NULL;
    if (value)
        (void)snprintf(out, 64, "%s", value);
    bool answered = value != NULL, ran = rows != NULL;
    pg_rows_free(rows);
    return answered || (ran && fail(f, EXIT_INTERNAL, "the sweep gave no answer: is sql/ applied?"));
}

static void work(const sweeper *s, pg_session *pg, failure *f)
{
    char run[64], finished[64] = "f";
    const char *const none[2] = {NULL, NULL}, *const this[2] = {run, NULL};
    if (!ask(pg, "SELECT registry.begin_sweep()", none, run, f))
        return;
    log_event(LOG_INFO, NULL, "sweep_begun", "sweep=%s", run);
    while (finished[0] != 't' && !s->orders->stop) {
        if (!ask(pg, "SELECT finished FROM registry.step_sweep($1::bigint)", this, finished, f))
            return;
    }
    log_event(LOG_INFO, NULL, finished[0] == 't' ? "swept" : "sweep_left", "sweep=%s", run);
}

static void look(const sweeper *s, int64_t since)
{
    char interval[32], born[32], due[64];
    failure f = {.code = EXIT_DONE, .text = ""};
    pg_session *pg = pg_open(s->conninfo, "ekok-etld sweep", &f);
    (void)snprintf(interval, sizeof interval, "%d", s->interval_seconds);
    (void)snprintf(born, sizeof born, "%lld", (long long)since);
    const char *const asked[2] = {born, interval};
    if (pg &&
        ask(pg,
            "SELECT coalesce((SELECT max(started_at) FROM report.sweeps WHERE state = 'finished'), "
            "to_timestamp($1::bigint)) + make_interval(secs => $2::int) <= clock_timestamp()",
            asked, due, &f) &&
        due[0] == 't')
        work(s, pg, &f);
    if (f.text[0])
        log_event(LOG_WARNING, NULL, "sweep_failed", "problem=\"%s\"", f.text);
    pg_close(pg);
}

static void *watch(void *context)
{
    const sweeper *s = context;
    const int64_t since = time(NULL);
    int64_t next = since;
    while (!s->orders->stop) {
        if (time(NULL) >= next) {
            look(s, since);
            next = time(NULL) + LOOK_SECONDS;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = TICK_MS * 1000000L}, NULL);
    }
    return NULL;
}

void sweeper_start(sweeper *s)
{
    pthread_attr_t attributes;
    s->started = false;
    if (s->interval_seconds == 0 || pthread_attr_init(&attributes) != 0)
        return;
    (void)pthread_attr_setstacksize(&attributes, WORKER_STACK);
    s->started = pthread_create(&s->thread, &attributes, watch, s) == 0;
    (void)pthread_attr_destroy(&attributes);
    if (!s->started)
        log_event(LOG_WARNING, NULL, "no_sweeps", "reason=\"no thread could be started\"");
}

void sweeper_end(sweeper *s)
{
    if (s->started)
        (void)pthread_join(s->thread, NULL);
    s->started = false;
}
