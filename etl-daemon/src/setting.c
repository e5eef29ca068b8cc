/*
 * setting.c - see setting.h. All that can be wrong before the first byte is fetched is found out here and told in one
 * line: configuration, source definitions, secrets, key file, database, and whether the keys are those of this
 * registry.
 */
#include "setting.h"

#include <stdlib.h>

#include "connectors.h"
#include "load/load_definition.h"
#include "load/load_run.h"

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

/* A pair of which one half is replaced is refused here, and what is in force stays so. */
static bool read_tls(setting *s, failure *f)
{
    const tls_paths from = {s->config.ca_file, s->config.client_cert, s->config.client_key};
    s->tls = tls_files_read(&from, f);
    return s->tls != NULL;
}

http_identity setting_identity(const setting *s)
{
    return (http_identity){tls_files_ca(s->tls), tls_files_certificate(s->tls), tls_files_key(s->tls)};
}

void setting_keep_tokens(setting *fresh, setting *before)
{
    for (size_t i = 0; i < fresh->defs; i++)
        for (size_t k = 0; k < before->defs; k++)
            if (fresh->auth[i] && before->auth[k] && strcmp(fresh->def[i]->name, before->def[k]->name) == 0)
                auth_keep_token(fresh->auth[i], before->auth[k]);
}

static bool read_secrets(setting *s, failure *f)
{
    for (size_t i = 0; i < s->defs; i++) {
        if ((s->def[i]->signer[0] && !(s->signer[i] = jws_key_read(s->def[i]->signer, f))) ||
            (auth_needed(s->def[i]) && !(s->auth[i] = auth_open(s->def[i], s->config.secret_dir, f))))
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
bool setting_read(setting *s, const arguments *a, failure *f)
{
    if (!config_read(a->config_file, &s->config, f) ||
        !verify_systems_read(s->config.verify_dir, &s->systems, f) || !read_tls(s, f))
        return false;
    s->keys = sealer_open(s->config.key_file, s->config.key_agent, f);
    if (!s->keys)
        return false;
    return a->verify ? check_keys(s, f) : prepare_from_database(s, a, f) && read_secrets(s, f);
}

void setting_release(setting *s)
{
    for (size_t i = 0; i < s->defs; i++) {
        source_def_free(s->def[i]);
        free(s->def[i]);
        jws_key_free(s->signer[i]);
        auth_close(s->auth[i]);
    }
    verify_systems_free(&s->systems);
    sealer_close(s->keys);
    tls_files_free(s->tls);
    *s = (setting){.defs = 0};
}

static bool read_one_file(setting *s, const char *path, failure *f)
{
    source_def *def = calloc(1, sizeof *def);
    if (def && source_def_read(path, def, f))
        return add_source(s, def, f);
    free(def);
    return false;
}

bool setting_read_trial(setting *s, arguments *a, failure *f)
{
    if (!config_read(a->config_file, &s->config, f) || !read_tls(s, f))
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

bool setting_read_replay(setting *s, arguments *a, failure *f)
{
    a->only[0] = a->replay;
    a->only_count = 1;
    return config_read(a->config_file, &s->config, f) &&
           (s->keys = sealer_open(s->config.key_file, s->config.key_agent, f)) &&
           prepare_from_database(s, a, f);
}
