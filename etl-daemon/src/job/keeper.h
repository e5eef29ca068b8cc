/*
 * keeper.h - the one database session of a daemon in which runs are opened, allowed to ask, and closed: short calls of
 * many jobs, one after the other. The leases of all its runs are this session's.
 *
 * Promises that a job which waits for its source needs no session of its own. Refuses to hold a transaction: whoever
 * enters makes one call and leaves. After the connection was lost the next caller gets a new one; pages that are under
 * way are let in as long as nobody else took their source (etl.lease.fence).
 */
#ifndef ETL_JOB_KEEPER_H
#define ETL_JOB_KEEPER_H

#include "job/job.h"
#include "wire/pg.h"

/* No connection is made yet; conninfo outlives it. NULL: no memory. */
keeper *keeper_new(const char *conninfo);
void keeper_free(keeper *k); /* NULL is fine */

/* The session, for this thread alone until keeper_leave; NULL: EXIT_DATABASE, and there is nothing to leave. */
pg_session *keeper_enter(keeper *k, failure *f);
void keeper_leave(keeper *k);

#endif
