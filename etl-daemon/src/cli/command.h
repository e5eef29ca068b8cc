/*
 * command.h - the words of the command line, and what each command needs: configuration, database session,
 * keys.
 */
#ifndef ETL_CLI_COMMAND_H
#define ETL_CLI_COMMAND_H

#include "agent/sealer.h"
#include "config/config.h"
#include "wire/pg.h"

enum {
    WORDS_MAX = 260,
    CASES_DEFAULT = 5,
    CASES_MAX = 1000,
    ROWS_DEFAULT = 20,
    ROWS_MAX = 5000,
    COMMAND_WITNESSES = 8,
    MOST_MAX = 1000000,
    WAIT_DEFAULT = 900,
    WAIT_MAX = 86400
};

typedef struct {
    const char *config_file;
    const char *word[WORDS_MAX]; /* all but options: command first */
    size_t words;
    bool all, json, rows_given, dry_run;
    bool code;                                  /* --code: a one-time code is asked for first */
    const char *ministry, *place, *certificate; /* of access; NULL: all, everywhere, none */
    const char *programme, *record, *finding;   /* of access glass; NULL: any, any, none */
    const char *source;                         /* --source, NULL: every one */
    const char *reason, *since, *until; /* reason: of a release, or code of quarantine; NULL: none, any */
    bool clear, purpose_given;
    const char *purpose;
    int cases, rows;
    const char *topic; /* --case, NULL: none */
    const char *agent; /* --agent: the key agent's socket, NULL: that of the configuration */
    const char *agent_trace,
        *head;             /* --agent-trace: a copy of its trace; --head: a line that must be in it */
    const char *database;  /* --database, NULL: that of the configuration */
    const char *keys_file; /* --keys: public keys */
    const char *witness[COMMAND_WITNESSES];
    size_t witnesses;
    const char *into, *stanza, *repository, *every, *programs, *libraries; /* of a drill */
    int wait;                                                              /* seconds for the archive */
    bool keep, check, print;
    const char *wrap; /* --wrap, NULL: not given */
    int most; /* values a second of a rotation; enrolments a system is asked about, 0: as configured */
} command_line;

/* False with one line in f (EXIT_USAGE). */
MUST_CHECK bool command_line_read(int count, char **word, command_line *out, failure *f);

typedef struct {
    config config;
    pg_session *pg;
    sealer *keys;             /* NULL: identifiers stay sealed, */
    char sealed_because[400]; /* and why */
} command_session;

/* Configuration and database; the key file, or the agent, only when with_keys, and its absence is no failure. */
MUST_CHECK bool command_session_open(command_session *s, const command_line *line, bool with_keys,
                                     failure *f);
void command_session_close(command_session *s);

#endif
