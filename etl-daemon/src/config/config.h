/*
 * config.h - the daemon's own configuration, one INI file; each setting stands once in option.def.
 * A wrong file gives one line: file, line, key, what is accepted. Secrets are never in it, only paths to them.
 */
#ifndef ETL_CONFIG_CONFIG_H
#define ETL_CONFIG_CONFIG_H

#include "base/failure.h"

enum { CONFIG_TEXT = 1024 };

/* option.def: X(section, key, member, kind, default, what is accepted, least, most); kind is TEXT, PATH, NUMBER */
typedef struct {
    char database[CONFIG_TEXT];    /* [database] conninfo: a libpq string without password */
    char key_file[CONFIG_TEXT];    /* [keys] file: this process holds the keys; or */
    char key_agent[CONFIG_TEXT];   /* [keys] agent: the socket of ekok-keyd */
    char ca_file[CONFIG_TEXT];     /* [tls] ca */
    char client_cert[CONFIG_TEXT]; /* [tls] certificate */
    char client_key[CONFIG_TEXT];  /* [tls] key */
    char secret_dir[CONFIG_TEXT];  /* [secrets] directory: one file a secret, mode 0600 */
    int workers;                   /* [run] workers: sources pulled at once, 1 to 64, default 10 */
    int interval_seconds;          /* [run] interval: between scheduled runs, 10 to 604800, default 3600 */
    int sweep_seconds;             /* [sweep] interval: between sweeps by the daemon, 0 (default) for never */
    char metrics[CONFIG_TEXT];     /* [run] metrics: path of a Unix socket; empty: none */
    int lease_seconds; /* [run] lease: a daemon that gives no sign for so long has lost its sources */
    char verify_dir[CONFIG_TEXT]; /* [verify] directory: *.ini, one a system that verifies; default verify */
    int verify_seconds;           /* [verify] interval: between passes, 1 to 604800, default 3600 */
    int verify_most;              /* [verify] most: enrolments a pass asks a system about, default 10000 */
} config;

/* Relative paths are taken from the file's own folder. Code EXIT_CONFIG. */
MUST_CHECK bool config_read(const char *path, config *out, failure *f);

#endif
