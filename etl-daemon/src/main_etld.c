/*
 * main_etld.c - ekok-etld: pulls the sources, once or as a service every interval, and asks other systems about what
 * came; tries a source, and replays what was set aside. All that can be wrong before the first
 * byte is fetched is found out here and told in one line: configuration, source definitions, key file,
 * database, and whether the keys are those of this registry. Refuses to begin otherwise.
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

#include "base/log.h"
#include "cell/house.h"
#include "config/config.h"
#include "connectors.h"
#include "control.h"
#include "job/replay.h"
#include "job/trial.h"
#include "load/load_definition.h"
#include "load/load_run.h"
#include "schedule/schedule.h"
#include "schedule/sweeper.h"
#include "seat.h"
#include "verify/verify.h"
#include "wire/http.h"

typedef struct {
    const char *config_file;
    const char *only[SOURCES_MAX];
    size_t only_count;
    const char *trial; /* a source's name, or a file with a definition; NULL: pull */
    int trial_rows;
    const char *replay; /* a source's name; NULL: pull */
    replay_filter filter;
    bool once, verify;
    int most; /* of a pass over a system; 0: as configured */
    int progress_fd;
    house *home; /* of the decoding cells */
} arguments;

typedef struct {
    config config;
    source_def *def[SOURCES_MAX];
    jws_key *signer[SOURCES_MAX]; /* NULL where none is declared */
    auth *auth[SOURCES_MAX];      /* NULL: by certificate alone */
    size_t defs;
    int wrong_defs; /* left out: they cannot be read */
    sealer *keys;
    verify_systems systems;
} setting;

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

static bool wanted(const arguments *a, const char *name)
{
    for (size_t i = 0; i < a->only_count; i++)
        if (strcmp(a->only[i], name) == 0)
            return true;
    return a->only_count == 0;
}

/* A verification is asked on single people, not pulled. */
static bool add_source(void *context, source_def *def, failure *f)
{
    setting *s = context;
    if (connector_for(def) && s->defs < SOURCES_MAX) {
        s->def[s->defs++] = def;
        return true;
    }
    bool good = connector_for(def) == NULL;
    source_def_free(def);
    free(def);
    return good || fail(f, EXIT_INTERNAL, "more than %d sources have a definition", SOURCES_MAX);
}

/* All definitions are read and checked, also those that are not wanted now. */
static bool read_sources(setting *s, pg_session *pg, failure *f)
{
    if (!load_definitions(pg, add_source, s, &s->wrong_defs, f))
        return false;
    return s->defs > 0 || s->wrong_defs > 0 ||
           fail(f, EXIT_CONFIG, "no source has a definition; ekok source add FILE.json puts one in force");
}

/* Forgets the definitions that were not asked for; each name asked for must be one. */
static bool choose_sources(setting *s, const arguments *a, failure *f)
{
    for (size_t i = 0; i < a->only_count; i++) {
        bool known = false;
        for (size_t k = 0; k < s->defs; k++)
            known = known || strcmp(s->def[k]->name, a->only[i]) == 0;
        if (!known)
            return fail(f, EXIT_USAGE, "no source is called %.40s; ekok source list shows their names",
                        a->only[i]);
    }
    size_t kept = 0;
    for (size_t k = 0; k < s->defs; k++) {
        source_def *def = s->def[k];
        if (wanted(a, def->name)) {
            s->def[kept++] = def;
        } else {
            source_def_free(def);
            free(def);
        }
    }
    s->defs = kept;
    return true;
}

static bool check_files(const config *c, failure *f)
{
    const char *file[] = {c->ca_file, c->client_cert, c->client_key};
    for (size_t i = 0; i < sizeof file / sizeof *file; i++)
        if (access(file[i], R_OK) != 0)
            return fail(f, EXIT_CONFIG, "%s: cannot be read; see [tls] in the configuration", file[i]);
    return true;
}

static bool read_secrets(setting *s, failure *f)
{
    for (size_t i = 0; i < s->defs; i++) {
        if (s->def[i]->signer[0] && !(s->signer[i] = jws_key_read(s->def[i]->signer, f)))
            return false;
        if (s->def[i]->auth.kind != AUTH_MTLS &&
            !(s->auth[i] = auth_open(s->def[i], s->config.secret_dir, f)))
            return false;
    }
    return true;
}

static bool check_keys(const setting *s, failure *f)
{
    pg_session *pg = pg_open(s->config.database, "ekok-etld", f);
    bool good = pg && load_keys_check(pg, s->keys, f);
    pg_close(pg);
    return good;
}

static bool prepare_from_database(setting *s, const arguments *a, failure *f)
{
    pg_session *pg = pg_open(s->config.database, "ekok-etld", f);
    bool good = pg && load_keys_check(pg, s->keys, f) && read_sources(s, pg, f) && choose_sources(s, a, f);
    pg_close(pg);
    return good;
}

/* All that a reload reads again. */
static bool read_setting(setting *s, const arguments *a, failure *f)
{
    if (!config_read(a->config_file, &s->config, f) ||
        !verify_systems_read(s->config.verify_dir, &s->systems, f) || !check_files(&s->config, f))
        return false;
    s->keys = sealer_open(s->config.key_file, s->config.key_agent, f);
    return s->keys && (a->verify ? check_keys(s, f) : prepare_from_database(s, a, f) && read_secrets(s, f));
}

static void release(setting *s)
{
    for (size_t i = 0; i < s->defs; i++) {
        source_def_free(s->def[i]);
        free(s->def[i]);
        jws_key_free(s->signer[i]);
        auth_close(s->auth[i]);
    }
    verify_systems_free(&s->systems);
    sealer_close(s->keys);
    *s = (setting){.defs = 0};
}

static verify_plan plan_of(const setting *s, const arguments *a, const http_identity *identity, control *c)
{
    return (verify_plan){.systems = &s->systems,
                         .only = a->verify ? a->only : NULL,
                         .only_count = a->verify ? a->only_count : 0,
                         .common = {.identity = identity,
                                    .keys = s->keys,
                                    .conninfo = s->config.database,
                                    .stop = &c->orders.stop,
                                    .urgent = &c->orders.urgent,
                                    .most = a->most > 0 ? a->most : s->config.verify_most,
                                    .report = control_report_pass,
                                    .context = c}};
}

static exit_code ask(const setting *s, const arguments *a, control *c)
{
    const http_identity identity = {s->config.ca_file, s->config.client_cert, s->config.client_key};
    const verify_plan plan = plan_of(s, a, &identity, c);
    failure f = {.text = ""};
    exit_code code = verify_once(&plan, &f);
    if (f.text[0])
        (void)fprintf(stderr, "ekok-etld: %s\n", f.text);
    return code;
}

/* due: as schedule_plan says, or NULL. */
static exit_code pull(const setting *s, const arguments *a, control *c, int64_t *due)
{
    const http_identity identity = {s->config.ca_file, s->config.client_cert, s->config.client_key};
    page_pool pool;
    job_task *task = calloc(s->defs + 1, sizeof *task);
    if (!task)
        return EXIT_INTERNAL;
    page_pool_init(&pool, s->config.workers);
    for (size_t i = 0; i < s->defs; i++)
        task[i] = (job_task){.def = s->def[i],
                             .kind = connector_for(s->def[i]),
                             .identity = &identity,
                             .keys = s->keys,
                             .signer = s->signer[i],
                             .auth = s->auth[i],
                             .home = a->home,
                             .conninfo = s->config.database,
                             .lease_seconds = s->config.lease_seconds,
                             .forced = a->once,
                             .pool = &pool,
                             .orders = &c->orders,
                             .report = control_report,
                             .context = c};
    const schedule_plan plan = {task, s->defs, s->config.workers, s->config.interval_seconds, a->once, due};
    verify_timer timer = {.plan = plan_of(s, a, &identity, c), .interval = s->config.verify_seconds};
    sweeper sweeps = {.conninfo = s->config.database,
                      .interval_seconds = a->once ? 0 : s->config.sweep_seconds,
                      .orders = &c->orders};
    sweeper_start(&sweeps);
    if (!a->once)
        verify_timer_start(&timer);
    exit_code code = s->defs > 0 ? schedule_run(&plan) : EXIT_DONE;
    verify_timer_end(&timer);
    sweeper_end(&sweeps);
    if (s->wrong_defs > 0)
        code = schedule_worse(code, EXIT_CONFIG);
    page_pool_free(&pool);
    free(task);
    return code;
}

static bool read_one_file(setting *s, const char *path, failure *f)
{
    source_def *def = calloc(1, sizeof *def);
    if (def && source_def_read(path, def, f))
        return add_source(s, def, f);
    free(def);
    return false;
}

/* Needs no keys: nothing is sealed and nothing is written. */
static bool prepare_trial(setting *s, arguments *a, failure *f)
{
    if (!config_read(a->config_file, &s->config, f) || !check_files(&s->config, f))
        return false;
    if (strchr(a->trial, '/') || strchr(a->trial, '.'))
        return read_one_file(s, a->trial, f) && read_secrets(s, f);
    a->only[0] = a->trial;
    a->only_count = 1;
    pg_session *pg = pg_open(s->config.database, "ekok-etld", f);
    bool good = pg && read_sources(s, pg, f) && choose_sources(s, a, f);
    pg_close(pg);
    return good && read_secrets(s, f);
}

static exit_code try_source(setting *s, arguments *a, failure *f)
{
    static const job_orders orders;
    page_pool pool;
    if (!prepare_trial(s, a, f))
        return f->code;
    if (s->defs != 1) {
        (void)fail(f, EXIT_USAGE, "a verification lists nobody: there is no page to try");
        return f->code;
    }
    const http_identity identity = {s->config.ca_file, s->config.client_cert, s->config.client_key};
    page_pool_init(&pool, 1);
    const job_task task = {.def = s->def[0],
                           .kind = connector_for(s->def[0]),
                           .identity = &identity,
                           .signer = s->signer[0],
                           .auth = s->auth[0],
                           .home = a->home,
                           .pool = &pool,
                           .orders = &orders};
    bool good = trial_run(&task, a->trial_rows, stdout, f) && fflush(stdout) == 0;
    page_pool_free(&pool);
    return good ? EXIT_DONE : f->code;
}

static void print_replay(const replay_result *r)
{
    const int64_t number[] = {r->run_id,    r->looked_at,   r->fetched, r->inserted,   r->updated,
                              r->unchanged, r->quarantined, r->refused, r->superseded, r->unreadable};
    (void)printf("replay");
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        (void)printf("\t%" PRId64, number[i]);
    (void)printf("\n");
}

/* Needs neither the source nor our certificate: what is replayed lies in the database. */
static exit_code replay_source(setting *s, arguments *a, failure *f)
{
    static const job_orders orders;
    page_pool pool;
    replay_result result;
    a->only[0] = a->replay;
    a->only_count = 1;
    if (!config_read(a->config_file, &s->config, f))
        return f->code;
    s->keys = sealer_open(s->config.key_file, s->config.key_agent, f);
    if (!s->keys || !prepare_from_database(s, a, f))
        return f->code;
    page_pool_init(&pool, 1);
    const job_task task = {.def = s->def[0],
                           .kind = connector_for(s->def[0]),
                           .keys = s->keys,
                           .home = a->home,
                           .conninfo = s->config.database,
                           .lease_seconds = s->config.lease_seconds,
                           .pool = &pool,
                           .orders = &orders};
    bool good = replay_run(&task, &a->filter, &result, f);
    page_pool_free(&pool);
    if (good)
        print_replay(&result);
    return good && fflush(stdout) == 0 ? EXIT_DONE : f->code;
}

/* The new settings, with each source's due time; what is wrong with them leaves the old ones in force. */
static void reload(setting *s, const arguments *a, int64_t due[SOURCES_MAX])
{
    setting fresh = {.defs = 0};
    int64_t kept[SOURCES_MAX] = {0};
    failure f = {.text = ""};
    control_notify("RELOADING=1");
    if (!read_setting(&fresh, a, &f)) {
        log_event(LOG_ERROR, NULL, "reload_refused", "problem=\"%s\" in_force=as_before", f.text);
        release(&fresh);
        return;
    }
    for (size_t i = 0; i < fresh.defs; i++)
        for (size_t k = 0; k < s->defs; k++)
            if (strcmp(fresh.def[i]->name, s->def[k]->name) == 0)
                kept[i] = due[k];
    memcpy(due, kept, sizeof kept);
    release(s);
    *s = fresh;
    log_event(LOG_INFO, NULL, "reloaded", "sources=%zu", s->defs);
}

/* As a service: pulls while it has the seat, stands by while another daemon has it, until it is to end. */
static exit_code serve(setting *s, const arguments *a, control *c, atomic_bool *standing_by)
{
    int64_t due[SOURCES_MAX] = {0};
    exit_code code;
    do {
        seat here;
        code = EXIT_DONE; /* whoever has the seat now finishes what a lost seat interrupted */
        *standing_by = true;
        control_notify("READY=1\nSTATUS=Standing by: another daemon keeps the schedule");
        if (seat_take(&here, s->config.database, s->config.lease_seconds, &c->orders)) {
            *standing_by = false;
            control_notify("READY=1\nSTATUS=Pulling on schedule");
            code = pull(s, a, c, due);
        }
        if (seat_leave(&here))
            memset(due, 0, sizeof due); /* what another daemon did meanwhile is not known */
        if (control_reload_wanted(c))
            reload(s, a, due);
    } while (control_go_on(c));
    control_notify("STOPPING=1");
    return code;
}

static exit_code run(setting *s, const arguments *a, control *c, failure *f)
{
    atomic_bool standing_by = false;
    if (a->once)
        return pull(s, a, c, NULL);
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
        code = a.trial ? try_source(&s, &a, &f) : replay_source(&s, &a, &f);
    } else if (ready && read_setting(&s, &a, &f) && control_start(&c, a.progress_fd, &f)) {
        code = a.verify ? ask(&s, &a, &c) : run(&s, &a, &c, &f);
        control_end(&c);
    }
    if (f.text[0]) {
        (void)fprintf(stderr, "ekok-etld: %s\n", f.text);
        code = f.code;
    }
    release(&s);
    house_close(a.home);
    return (int)code;
}
