/*
 * verify.c - threads and files. A definition that cannot be read is found before anything is asked.
 */
#include "verify/verify.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

enum { PASS_STACK = 1 << 20, LOOK_EVERY_MS = 200 };

static int is_ini(const struct dirent *file)
{
    size_t n = strlen(file->d_name);
    return n > 4 && file->d_name[0] != '.' && strcmp(file->d_name + n - 4, ".ini") == 0;
}

static bool add_system(verify_systems *s, const char *path, failure *f)
{
    inquiry_def *def = s->count < SYSTEMS_MAX ? calloc(1, sizeof *def) : NULL;
    if (!def)
        return fail(f, EXIT_CONFIG, "%s: more than %d systems, or no memory", path, SYSTEMS_MAX);
    if (!inquiry_def_read(path, def, f)) {
        free(def);
        return false;
    }
    s->def[s->count++] = def;
    for (size_t i = 0; i + 1 < s->count; i++)
        if (strcmp(s->def[i]->name, def->name) == 0)
            return fail(f, EXIT_CONFIG, "%s: [system] name: %s is the name of another file's system too",
                        path, def->name);
    return true;
}

bool verify_systems_read(const char *folder, verify_systems *out, failure *f)
{
    struct dirent **file = NULL;
    *out = (verify_systems){.count = 0};
    int count = scandir(folder, &file, is_ini, alphasort);
    if (count < 0)
        return errno == ENOENT ||
               fail(f, EXIT_CONFIG, "%s: %s; see [verify] directory", folder, strerror(errno));
    bool good = true;
    for (int i = 0; i < count; i++) {
        char path[2048];
        (void)snprintf(path, sizeof path, "%s/%s", folder, file[i]->d_name);
        good = good && add_system(out, path, f);
        free(file[i]);
    }
    free(file);
    return good;
}

void verify_systems_free(verify_systems *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->def[i]);
    s->count = 0;
}

typedef struct {
    pass_task task;
    pass_progress progress;
    pthread_t thread;
    bool started;
} seat;

static void *sit(void *context)
{
    seat *s = context;
    pass_run(&s->task, &s->progress);
    return NULL;
}

static bool wanted(const verify_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->only_count; i++)
        if (strcmp(plan->only[i], name) == 0)
            return true;
    return plan->only_count == 0;
}

static bool check_names(const verify_plan *plan, failure *f)
{
    for (size_t i = 0; i < plan->only_count; i++) {
        bool known = false;
        for (size_t k = 0; k < plan->systems->count; k++)
            known = known || strcmp(plan->systems->def[k]->name, plan->only[i]) == 0;
        if (!known)
            return fail(f, EXIT_USAGE, "no system is called %.40s; ekok verify status shows their names",
                        plan->only[i]);
    }
    return plan->systems->count > 0 ||
           fail(f, EXIT_CONFIG, "there is no system to ask: see [verify] directory in the configuration");
}

/* Of two codes the one to be told. */
static exit_code worse(exit_code a, exit_code b)
{
    static const exit_code order[] = {EXIT_INTERNAL, EXIT_KEYS,        EXIT_CONFIG,
                                      EXIT_DATABASE, EXIT_INTERRUPTED, EXIT_PARTIAL};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return EXIT_DONE;
}

static void start(seat *s)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) == 0) {
        (void)pthread_attr_setstacksize(&attributes, PASS_STACK);
        s->started = pthread_create(&s->thread, &attributes, sit, s) == 0;
        (void)pthread_attr_destroy(&attributes);
    }
    if (!s->started)
        log_event(LOG_ERROR, s->task.def->name, "no_thread", "what=verify");
}

exit_code verify_once(const verify_plan *plan, failure *f)
{
    exit_code code = EXIT_DONE;
    if (!check_names(plan, f))
        return f->code;
    seat *seats = calloc(plan->systems->count, sizeof *seats);
    if (!seats)
        return EXIT_INTERNAL;
    for (size_t i = 0; i < plan->systems->count; i++) {
        seat *s = &seats[i];
        s->task = plan->common;
        s->task.def = plan->systems->def[i];
        if (!wanted(plan, s->task.def->name))
            continue;
        const pass_progress waiting = {.system = s->task.def->name};
        s->task.report(s->task.context, &waiting);
        start(s);
        code = s->started ? code : EXIT_INTERNAL;
    }
    for (size_t i = 0; i < plan->systems->count; i++) {
        if (!seats[i].started)
            continue;
        (void)pthread_join(seats[i].thread, NULL);
        code = worse(code, seats[i].progress.code);
    }
    free(seats);
    return code;
}

/* Quiet: no source is being pulled, or one for so long that it is no reason to wait any more. */
static bool sources_quiet(const verify_timer *t)
{
    failure f;
    bool quiet = false;
    pg_session *pg = pg_open(t->plan.common.conninfo, "ekok-etld verify", &f);
    pg_rows *rows = pg ? pg_query(pg,
                                  "SELECT FROM etl.run WHERE state = 'running' AND started_at > now() - "
                                  "interval '1 hour' LIMIT 1",
                                  0, NULL, &f)
                       : NULL;
    if (rows)
        quiet = pg_rows_count(rows) == 0;
    pg_rows_free(rows);
    pg_close(pg);
    return quiet;
}

static bool wait_for(const verify_timer *t, int seconds)
{
    const atomic_int *stop = t->plan.common.stop;
    for (int64_t left = (int64_t)seconds * 1000; left > 0 && !*stop; left -= LOOK_EVERY_MS)
        (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * 1000000L}, NULL);
    return !*stop;
}

static void *keep_time(void *context)
{
    verify_timer *t = context;
    failure f = {.text = ""};
    while (wait_for(t, t->interval)) {
        while (!sources_quiet(t) && wait_for(t, 5))
            ;
        if (!*t->plan.common.stop)
            (void)verify_once(&t->plan, &f);
    }
    return NULL;
}

void verify_timer_start(verify_timer *timer)
{
    timer->started =
        timer->plan.systems->count > 0 && pthread_create(&timer->thread, NULL, keep_time, timer) == 0;
    if (!timer->started && timer->plan.systems->count > 0)
        log_event(LOG_ERROR, NULL, "no_thread", "what=verify");
}

void verify_timer_end(verify_timer *timer)
{
    if (timer->started)
        (void)pthread_join(timer->thread, NULL);
    timer->started = false;
}
