/*
 * setting.h - what ekok-etld was told: by its arguments, its configuration, the registry and its secrets. All that a
 * reload reads again is read here, and checked before anything is begun.
 */
#ifndef ETL_SETTING_H
#define ETL_SETTING_H

#include "cell/house.h"
#include "config/config.h"
#include "job/replay.h"
#include "schedule/schedule.h"
#include "secret/tls_files.h"
#include "verify/verify.h"

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
    tls_files *tls; /* NULL where nobody is asked */
    verify_systems systems;
} setting;

/* For pulling, or for asking when a->verify. False: f says what to mend; release what was read all the same. */
MUST_CHECK bool setting_read(setting *s, const arguments *a, failure *f);

/* For a trial, which needs no keys: nothing is sealed. a->only is set to the source. */
MUST_CHECK bool setting_read_trial(setting *s, arguments *a, failure *f);

/* For a replay, which needs neither the source nor our certificate: what is replayed lies in the database. */
MUST_CHECK bool setting_read_replay(setting *s, arguments *a, failure *f);

/* What we show to sources and systems; it lives as long as s. */
http_identity setting_identity(const setting *s);

/*
 * Tokens that sources have granted go over to fresh, where the definition asks for them at the same place: they are
 * good until they end, and some owners grant few within an hour. No job may be using either.
 */
void setting_keep_tokens(setting *fresh, setting *before);

void setting_release(setting *s);

#endif
