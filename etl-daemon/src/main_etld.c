/*
 * main_etld.c - ekok-etld: pulls the sources, once or as a service on their schedules, and asks other systems about
 * what came; tries a source, and replays what was set aside (aside.h). Refuses to begin with settings in which
 * anything is wrong (setting.h).
 */
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aside.h"
#include "base/log.h"
#include "connectors.h"
#include "control.h"
#include "job/desk.h"
#include "job/keeper.h"
#include "schedule/sweeper.h"
#include "seat.h"

static const char USAGE[] =
    "usage: ekok-etld --config FILE [--once] [--source NAME]... [--progress-fd N] [--verbose]\n"
    "       ekok-etld --config FILE --trial NAME|FILE [--trial-rows N]\n"
    "       ekok-etld --config FILE --replay NAME [--reason CODE] [--since DATE] [--until DATE]\n"
    "       ekok-etld --config FILE --verify [--most N] [--source SYSTEM]... [--progress-fd N] [--verbose]\n";

static bool read_fd(const char *text, int *out)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);
    *out = (int)value;
    return *text && *end == '\0' && value > 2 && value < 1024;
}

static bool read_most(const char *text, int *out)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);
    *out = (int)value;
    return *text && *end == '\0' && value >= 1 && value <= 1000000;
}

static bool take_plain(const char *word, arguments *out)
{
    if (strcmp(word, "--once") == 0)
        out->once = true;
    else if (strcmp(word, "--verify") == 0)
        out->verify = true;
    else if (strcmp(word, "--verbose") == 0)
        log_set_level(LOG_DEBUG);
    else
        return false;
    return true;
}

static bool read_arguments(int count, char **word, arguments *out)
{
    *out = (arguments){.progress_fd = -1, .trial_rows = 10};
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? word[i + 1] : NULL;
        if (take_plain(word[i], out))
            continue;
        if (!value)
            return false;
        i++;
        if (strcmp(word[i - 1], "--config") == 0)
            out->config_file = value;
        else if (strcmp(word[i - 1], "--trial") == 0)
            out->trial = value;
        else if (strcmp(word[i - 1], "--replay") == 0)
            out->replay = value;
        else if (strcmp(word[i - 1], "--reason") == 0)
            out->filter.reason = value;
        else if (strcmp(word[i - 1], "--since") == 0)
            out->filter.since = value;
        else if (strcmp(word[i - 1], "--until") == 0)
            out->filter.until = value;
        else if (strcmp(word[i - 1], "--trial-rows") == 0)
            out->trial_rows = (int)strtol(value, NULL, 10);
        else if (strcmp(word[i - 1], "--source") == 0 && out->only_count < SOURCES_MAX)
            out->only[out->only_count++] = value;
        else if (strcmp(word[i - 1], "--most") == 0
                     ? !read_most(value, &out->most)
                     : strcmp(word[i - 1], "--progress-fd") != 0 || !read_fd(value, &out->progress_fd))
            return false;
    }
    return out->config_file != NULL;
}

static verify_plan plan_of(const setting *s, const arguments *a, const http_identity *identity, control *c)
{
    return (verify_plan){.systems = &s->systems,
                         .only = a->verify ? a->only : NULL,
                         .only_count = a->verify ? a->only_count : 0,
                         .common = {.identity = identity,
                                    .keys = s->keys,
                                    .home = a->home,
                                    .conninfo = s->config.database,
                                    .stop = &c->orders.stop,
                                    .urgent = &c->orders.urgent,
                                    .most = a->most > 0 ? a->most : s->config.verify_most,
                                    .report = control_report_pass,
                                    .context = c}};
}

static exit_code ask(const setting *s, const arguments *a, control *c)
{
    const http_identity identity = setting_identity(s);
    const verify_plan plan = plan_of(s, a, &identity, c);
    failure f = {.text = ""};
    exit_code code = verify_once(&plan, &f);
    if (f.text[0])
        (void)fprintf(stderr, "ekok-etld: %s\n", f.text);
    return code;
}

typedef struct {
    const setting *s;
    const arguments *a;
    control *c;
    page_pool pool;
    http_identity identity;
    wall_clock wall;
    job_task *task;
    keeper *books;
    desks *places;
    gate *gate;
} pulling;

static void make_tasks(pulling *p)
{
    const setting *s = p->s;
    for (size_t i = 0; i < s->defs; i++)
        p->task[i] = (job_task){.def = s->def[i],
                                .kind = connector_for(s->def[i]),
                                .identity = &p->identity,
                                .keys = s->keys,
                                .signer = s->signer[i],
                                .auth = s->auth[i],
                                .home = p->a->home,
                                .conninfo = s->config.database,
                                .lease_seconds = s->config.lease_seconds,
                                .forced = p->a->once,
                                .pool = &p->pool,
                                .keeper = p->books,
                                .gate = p->gate,
                                .desks = p->places,
                                .wall = p->a->once ? NULL : &p->wall,
                                .orders = &p->c->orders,
                                .report = control_report,
                                .context = p->c};
}

static exit_code pull_tasks(pulling *p)
{
    const setting *s = p->s;
    const schedule_plan plan = {.task = p->task,
                                .tasks = s->defs,
                                .interval_seconds = s->config.interval_seconds,
                                .once = p->a->once,
                                .conninfo = s->config.database,
                                .wall = &p->wall};
    verify_timer timer = {.plan = plan_of(s, p->a, &p->identity, p->c), .interval = s->config.verify_seconds};
    sweeper sweeps = {.conninfo = s->config.database,
                      .interval_seconds = p->a->once ? 0 : s->config.sweep_seconds,
                      .orders = &p->c->orders};
    sweeper_start(&sweeps);
    if (!p->a->once)
        verify_timer_start(&timer);
    exit_code code = s->defs > 0 ? schedule_run(&plan) : EXIT_DONE;
    verify_timer_end(&timer);
    sweeper_end(&sweeps);
    return s->wrong_defs > 0 ? schedule_worse(code, EXIT_CONFIG) : code;
}

static exit_code pull(const setting *s, const arguments *a, control *c)
{
    pulling p = {.s = s,
                 .a = a,
                 .c = c,
                 .identity = setting_identity(s),
                 .task = calloc(s->defs + 1, sizeof *p.task),
                 .books = keeper_new(s->config.database),
                 .places = desks_open((size_t)s->config.workers),
                 .gate = gate_new(GATE_CONNECTIONS, GATE_PATIENCE_MS)};
    exit_code code = EXIT_INTERNAL;
    page_pool_init(&p.pool, s->config.workers);
    if (p.task && p.books && p.places && p.gate) {
        make_tasks(&p);
        code = pull_tasks(&p);
    }
    page_pool_free(&p.pool);
    gate_free(p.gate);
    desks_close(p.places);
    keeper_free(p.books);
    free(p.task);
    return code;
}

/* The new settings; what is wrong with them leaves the old ones in force. */
static void reload(setting *s, const arguments *a)
{
    setting fresh = {.defs = 0};
    failure f = {.text = ""};
    control_notify("RELOADING=1");
    if (!setting_read(&fresh, a, &f)) {
        log_event(LOG_ERROR, NULL, "reload_refused", "problem=\"%s\" in_force=as_before", f.text);
        setting_release(&fresh);
        return;
    }
    setting_keep_tokens(&fresh, s);
    setting_release(s);
    *s = fresh;
    log_event(LOG_INFO, NULL, "reloaded", "sources=%zu", s->defs);
}

/* As a service: pulls while it has the seat, stands by while another daemon has it, until it is to end. */
static exit_code serve(setting *s, const arguments *a, control *c, atomic_bool *standing_by)
{
    exit_code code;
    do {
        seat here;
        code = EXIT_DONE; /* whoever has the seat now finishes what a lost seat interrupted */
        *standing_by = true;
        control_notify("READY=1\nSTATUS=Standing by: another daemon keeps the schedule");
        if (seat_take(&here, s->config.database, s->config.lease_seconds, &c->orders)) {
            *standing_by = false;
            control_notify("READY=1\nSTATUS=Pulling on schedule");
            code = pull(s, a, c);
        }
        seat_leave(&here);
        if (control_reload_wanted(c))
            reload(s, a);
    } while (control_go_on(c));
    control_notify("STOPPING=1");
    return code;
}

static exit_code run(setting *s, const arguments *a, control *c, failure *f)
{
    atomic_bool standing_by = false;
    if (a->once)
        return pull(s, a, c);
    const metrics_options options = {s->config.metrics, s->config.database, &standing_by,
                                     s->config.interval_seconds};
    if (s->config.metrics[0] && !(c->metrics = metrics_start(&options, f)))
        return f->code;
    exit_code code = serve(s, a, c, &standing_by);
    metrics_stop(c->metrics);
    return code;
}

/*
 * No core dump, no other user's debugger, files of our own only for us; few malloc arenas, for the memory
 * ceiling.
 */
static void harden(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)umask(077);
    (void)mallopt(M_ARENA_MAX, 2);
    (void)mallopt(M_MMAP_THRESHOLD, 256 << 10);
}

int main(int count, char **word)
{
    arguments a;
    setting s = {.defs = 0};
    control c;
    failure f = {.code = EXIT_DONE, .text = ""};
    harden();
    if (!read_arguments(count, word, &a)) {
        (void)fputs(USAGE, stderr);
        return EXIT_USAGE;
    }
    a.home = house_open(NULL, &f); /* before the keys are read */
    exit_code code = EXIT_DONE;
    bool ready = a.home && http_global_init(&f);
    if (ready && (a.trial || a.replay)) {
        code = a.trial ? aside_try(&s, &a, &f) : aside_replay(&s, &a, &f);
    } else if (ready && setting_read(&s, &a, &f) && control_start(&c, a.progress_fd, &f)) {
        code = a.verify ? ask(&s, &a, &c) : run(&s, &a, &c, &f);
        control_end(&c);
    }
    if (f.text[0]) {
        (void)fprintf(stderr, "ekok-etld: %s\n", f.text);
        code = f.code;
    }
    setting_release(&s);
    house_close(a.home);
    return (int)code;
}
