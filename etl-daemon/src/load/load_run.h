/*
 * load_run.h - the beginning and the end of one source's run in the database, and the check of the keys.
 */
#ifndef ETL_LOAD_LOAD_RUN_H
#define ETL_LOAD_LOAD_RUN_H

#include "config/source_def.h"
#include "secret/keyring.h"
#include "wire/pg.h"

enum { RUN_CURSOR = 4096 };

typedef struct {
    int64_t id;
    char cursor[RUN_CURSOR]; /* empty: begin at the start */
    bool resumed;            /* an earlier run did not finish; this one goes on where it stood */
} load_run;

/*
 * Takes the source's lease for this session (another session's: a failure of EXIT_PARTIAL) and opens a run.
 */
MUST_CHECK bool load_run_open(pg_session *pg, const source_def *def, load_run *out, failure *f);

/* A run of kind replay: the same lease, no cursor. */
MUST_CHECK bool load_run_open_replay(pg_session *pg, const source_def *def, int64_t *id, failure *f);

/* state: finished, stopped or failed; problem may be NULL. Gives the lease back. */
MUST_CHECK bool load_run_close(pg_session *pg, int64_t run_id, const char *state, const char *problem,
                               failure *f);

/*
 * Are these the keys that the registry was filled with? A key seen for the first time is registered.
 * EXIT_KEYS.
 */
MUST_CHECK bool load_keys_check(pg_session *pg, const keyring *ring, failure *f);

#endif
