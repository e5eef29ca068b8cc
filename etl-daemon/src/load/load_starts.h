/*
 * load_starts.h - opens the runs of many sources in one call of the registry, in one transaction: what is due at the
 * same minute starts together. Refuses to let a source that cannot be opened keep another from it.
 */
#ifndef ETL_LOAD_LOAD_STARTS_H
#define ETL_LOAD_LOAD_STARTS_H

#include "load/load_run.h"

typedef struct {
    const source_def *def;
    int lease_seconds;
    bool forced; /* a human asks: an open circuit breaker is tried at once */

    /* What came of it. */
    bool opened;
    bool taken;       /* not opened: another session is pulling this source */
    int wait_seconds; /* not opened: it is left alone for so long */
    load_run run;     /* of an opened one */
    failure why;      /* neither opened nor left alone */
} load_start;

/* Each of `count` as by etl.ask_breaker and load_run_open, told in itself; where the call fails, in each. */
void load_starts_open(pg_session *pg, load_start *start, size_t count);

/* While a run waits for a connection, and, waiting false, when it has one: its lease stands for so many seconds. */
MUST_CHECK bool load_run_wait(pg_session *pg, int64_t run_id, int seconds, bool waiting, failure *f);

#endif
