/*
 * load_run.h - the beginning and the end of one source's run in the database, its lease and its circuit breaker, and
 * the check of the keys.
 */
#ifndef ETL_LOAD_LOAD_RUN_H
#define ETL_LOAD_LOAD_RUN_H

#include "agent/sealer.h"
#include "config/source_def.h"
#include "wire/pg.h"

enum { RUN_CURSOR = 4096, RUN_TERMS_TEXT = 256 };

typedef struct {
    int64_t id;
    char cursor[RUN_CURSOR]; /* empty: begin at the start */
    bool resumed;            /* an earlier run did not finish; this one goes on where it stood */
    char *accepted;          /* drift that was released under this definition, a line each; free() it */
} load_run;

/* Takes or keeps the lease of the schedule for this session; *ours: false, another daemon has it. */
MUST_CHECK bool load_seat_keep(pg_session *pg, int seconds, bool *ours, failure *f);

/* A run of kind replay: the same lease, no cursor. */
MUST_CHECK bool load_run_open_replay(pg_session *pg, const source_def *def, int lease_seconds, int64_t *id,
                                     failure *f);

/*
 * Takes the source's lease for this session (another session's: a failure of EXIT_PARTIAL) and opens a run. The lease
 * stands for lease_seconds after each page. Not flushed to disk: a crash that forgets the run forgets its pages too.
 */
MUST_CHECK bool load_run_open(pg_session *pg, const source_def *def, int lease_seconds, load_run *out,
                              failure *f);

/* An opened run from a row of columns run_id, cursor, resumed, accepted, the first of them at `column`. */
MUST_CHECK bool load_run_read(const pg_rows *rows, int row, int column, load_run *out, failure *f);

/* Of the SQLSTATE of a run that was not opened: true, another session is pulling the source, and f says so. */
bool load_run_refusal(const char *sqlstate, failure *f);

/* etl.run.terms of a run under this definition, as JSON. */
void load_run_terms(const source_def *def, int lease_seconds, char out[RUN_TERMS_TEXT]);

/* A transaction of this session that nobody goes on with ends after so many seconds. */
MUST_CHECK bool load_session_bound(pg_session *pg, int seconds, failure *f);

/* While the source is waited for: the lease stands for so many seconds from now. */
MUST_CHECK bool load_run_renew(pg_session *pg, int64_t run_id, int seconds, failure *f);

/* What this run has read stood at the wrong positions: the next one begins at the start. */
MUST_CHECK bool load_run_begin_anew(pg_session *pg, int64_t run_id, failure *f);

typedef struct {
    const char *state;   /* finished, stopped or failed */
    const char *problem; /* may be NULL */
    int retry_after; /* of a failure: -1 not the source's fault; else the seconds it asked to be left alone */
} run_end;

/* Does each round of this source list all that it has? Then what is missing in a round has vanished. */
bool load_lists_all(const source_def *def);

/* Ends the listing and gives the lease back. *held: too much vanished from the listing, a human decides. */
MUST_CHECK bool load_run_close(pg_session *pg, int64_t run_id, const run_end *end, bool *held, failure *f);

/*
 * Are these the keys that the registry was filled with? A key seen for the first time is registered.
 * EXIT_KEYS.
 */
MUST_CHECK bool load_keys_check(pg_session *pg, const sealer *keys, failure *f);

#endif
