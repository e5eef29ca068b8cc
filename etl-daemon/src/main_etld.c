/*
 * main_etld.c - ekok-etld: pulls the sources, once or every interval, and asks other systems about what came.
 * All that can be wrong before the first
 * byte is fetched is found out here and told in one line: configuration, source definitions, key file,
 * database, and whether the keys are those of this registry. Refuses to begin otherwise.
 */
#include <dirent.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "config/config.h"
#include "connectors.h"
#include "control.h"
#include "load/load_run.h"
#include "schedule/schedule.h"
#include "verify/verify.h"
#include "wire/http.h"

typedef struct {
    const char *config_file;
    const char *only[SOURCES_MAX];
    size_t only_count;
    bool once, verify;
    int most; /* of a pass over a system; 0: as configured */
    int progress_fd;
} arguments;

typedef struct {
    config config;
    source_def *def[SOURCES_MAX];
    jws_key *signer[SOURCES_MAX]; /* NULL where none is declared */
    size_t defs;
    keyring *ring;
    verify_systems systems;
} setting;

static const char USAGE[] =
    "usage: ekok-etld --config FILE [--once] [--source NAME]... [--progress-fd N] [--verbose]\n"
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
    *out = (arguments){.progress_fd = -1};
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? word[i + 1] : NULL;
        if (take_plain(word[i], out))
            continue;
        if (!value)
            return false;
        i++;
        if (strcmp(word[i - 1], "--config") == 0)
            out->config_file = value;
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

static bool add_source(setting *s, const char *path, failure *f)
{
    source_def *def = calloc(1, sizeof *def);
    if (!def || s->defs >= SOURCES_MAX) {
        free(def);
        return fail(f, EXIT_CONFIG, "%s: more than %d source definitions", path, SOURCES_MAX);
    }
    if (!source_def_read(path, def, f)) {
        free(def);
        return false;
    }
    for (size_t i = 0; i < s->defs; i++)
        if (strcmp(s->def[i]->name, def->name) == 0)
            (void)fail(f, EXIT_CONFIG, "%s: [source] name: %s is the name of another definition too", path,
                       def->name);
    if (f->text[0] == '\0' && !connector_for(def))
        (void)fail(f, EXIT_CONFIG,
                   "%s: [source] url: no kind of source speaks this; accepted: https://... or style = file",
                   path);
    s->def[s->defs++] = def;
    return f->text[0] == '\0';
}

static int is_ini(const struct dirent *file)
{
    size_t n = strlen(file->d_name);
    return n > 4 && file->d_name[0] != '.' && strcmp(file->d_name + n - 4, ".ini") == 0;
}

/* All definitions are read and checked, also those that are not wanted now. */
static bool read_sources(setting *s, failure *f)
{
    struct dirent **file = NULL;
    int count = scandir(s->config.source_dir, &file, is_ini, alphasort);
    bool good =
        count > 0 ||
        fail(f, EXIT_CONFIG, "%s: no source definition (*.ini) can be read here; see [sources] directory",
             s->config.source_dir);
    for (int i = 0; i < count; i++) {
        char path[CONFIG_TEXT + 300];
        (void)snprintf(path, sizeof path, "%s/%s", s->config.source_dir, file[i]->d_name);
        good = good && add_source(s, path, f);
        free(file[i]);
    }
    free(file);
    return good;
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

static bool read_signers(setting *s, failure *f)
{
    for (size_t i = 0; i < s->defs; i++) {
        if (s->def[i]->signer[0] && !(s->signer[i] = jws_key_read(s->def[i]->signer, f)))
            return false;
    }
    return true;
}

static bool check_keys(const setting *s, failure *f)
{
    pg_session *pg = pg_open(s->config.database, "ekok-etld", f);
    bool good = pg && load_keys_check(pg, s->ring, f);
    pg_close(pg);
    return good;
}

static bool prepare(setting *s, const arguments *a, failure *f)
{
    if (!config_read(a->config_file, &s->config, f) ||
        !verify_systems_read(s->config.verify_dir, &s->systems, f) || !check_files(&s->config, f))
        return false;
    if (!a->verify && (!read_sources(s, f) || !choose_sources(s, a, f) || !read_signers(s, f)))
        return false;
    s->ring = keyring_open(s->config.key_file, f);
    return s->ring && http_global_init(f) && check_keys(s, f);
}

static void release(setting *s)
{
    for (size_t i = 0; i < s->defs; i++) {
        source_def_free(s->def[i]);
        free(s->def[i]);
        jws_key_free(s->signer[i]);
    }
    verify_systems_free(&s->systems);
    keyring_close(s->ring);
}

static verify_plan plan_of(const setting *s, const arguments *a, const http_identity *identity, control *c)
{
    return (verify_plan){.systems = &s->systems,
                         .only = a->verify ? a->only : NULL,
                         .only_count = a->verify ? a->only_count : 0,
                         .common = {.identity = identity,
                                    .ring = s->ring,
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

static exit_code pull(const setting *s, const arguments *a, control *c)
{
    const http_identity identity = {s->config.ca_file, s->config.client_cert, s->config.client_key};
    page_pool pool;
    job_task *task = calloc(s->defs, sizeof *task);
    if (!task)
        return EXIT_INTERNAL;
    page_pool_init(&pool, s->config.workers);
    for (size_t i = 0; i < s->defs; i++)
        task[i] = (job_task){.def = s->def[i],
                             .kind = connector_for(s->def[i]),
                             .identity = &identity,
                             .ring = s->ring,
                             .signer = s->signer[i],
                             .conninfo = s->config.database,
                             .pool = &pool,
                             .orders = &c->orders,
                             .report = control_report,
                             .context = c};
    const schedule_plan plan = {task, s->defs, s->config.workers, s->config.interval_seconds, a->once};
    verify_timer timer = {.plan = plan_of(s, a, &identity, c), .interval = s->config.verify_seconds};
    if (!a->once)
        verify_timer_start(&timer);
    exit_code code = schedule_run(&plan);
    verify_timer_end(&timer);
    page_pool_free(&pool);
    free(task);
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
    exit_code code = EXIT_DONE;
    if (!prepare(&s, &a, &f) || !control_start(&c, a.progress_fd, &f)) {
        (void)fprintf(stderr, "ekok-etld: %s\n", f.text);
        code = f.code;
    } else {
        code = a.verify ? ask(&s, &a, &c) : pull(&s, &a, &c);
        control_end(&c);
    }
    release(&s);
    return (int)code;
}
