/*
 * load_limit.h - what a source's owner allows, reserved in the registry before it is used; and runs that end because of
 * it, or because of what the owner changed.
 */
#ifndef ETL_LOAD_LOAD_LIMIT_H
#define ETL_LOAD_LOAD_LIMIT_H

#include "config/source_def.h"
#include "wire/pg.h"

enum { LOAD_NOT_TODAY = -1 };

/* Reserves a request. *wait_ms: before it is sent; LOAD_NOT_TODAY: the quota of the day is used up. */
MUST_CHECK bool load_request_take(pg_session *pg, const source_def *def, int *wait_ms, failure *f);

/* Reserves a request for a token. *wait_seconds: 0, or until one may be asked for. */
MUST_CHECK bool load_grant_take(pg_session *pg, const source_def *def, int *wait_seconds, failure *f);

/* Ends a run whose source broke its contract. drift: a line for each thing that broke, as etl.run.drift. */
MUST_CHECK bool load_run_hold(pg_session *pg, int64_t run_id, const char *problem, const char *drift,
                              failure *f);

/* Ends a run that goes on by itself. waits_for: "quota" or "hours". */
MUST_CHECK bool load_run_pause(pg_session *pg, int64_t run_id, const char *waits_for, const char *problem,
                               failure *f);

#endif
