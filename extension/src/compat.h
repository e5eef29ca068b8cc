/*
 * compat.h - what differs between PostgreSQL's majors, in one place. Written for 15, the only major that the tests
 * run on; what is said here of later ones follows their headers and has not been run.
 */
#ifndef EKOK_COMPAT_H
#define EKOK_COMPAT_H

#include "postgres.h"

#include "access/genam.h"
#include "storage/bufmgr.h"
#include "utils/backend_status.h"
#include "utils/rel.h"

#if PG_VERSION_NUM < 150000
#error "ekok needs PostgreSQL 15 or later"
#endif

/* A scan of `index` by `keys` conditions, without order-by operators. */
static inline IndexScanDesc ekok_index_beginscan(Relation table, Relation index, Snapshot snapshot, int keys)
{
#if PG_VERSION_NUM >= 180000
    return index_beginscan(table, index, snapshot, NULL, keys, 0);
#else
    return index_beginscan(table, index, snapshot, keys, 0);
#endif
}

/* Pins a page in the buffer where it was seen a moment ago; false when it has gone from there. */
static inline bool ekok_read_recent(Relation relation, BlockNumber block, Buffer seen)
{
#if PG_VERSION_NUM >= 160000
    return ReadRecentBuffer(relation->rd_locator, MAIN_FORKNUM, block, seen);
#else
    return ReadRecentBuffer(relation->rd_node, MAIN_FORKNUM, block, seen);
#endif
}

/* The n-th connected backend's status, counted from 1. */
static inline LocalPgBackendStatus *ekok_backend_status(int n)
{
#if PG_VERSION_NUM >= 160000
    return pgstat_get_local_beentry_by_index(n);
#else
    return pgstat_fetch_stat_local_beentry(n);
#endif
}

#endif
