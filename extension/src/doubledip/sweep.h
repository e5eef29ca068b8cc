/*
 * sweep.h - the groups of a sweep: every key whose visible rows, in all the indexes swept, span enough programmes.
 *
 * In rising order of key. Works in lots: candidates are gathered from the indexes up to a share of work_mem, judged
 * together in the order of the table's pages, and given out one by one. Between two calls no page is pinned.
 */
#ifndef EKOK_DOUBLEDIP_SWEEP_H
#define EKOK_DOUBLEDIP_SWEEP_H

#include "postgres.h"

#include "utils/snapshot.h"

#include "doubledip/entry.h"
#include "doubledip/target.h"

typedef struct ekok_sweep ekok_sweep;

typedef struct {
    const sweep_target *targets; /* must outlive the sweep */
    int count;
    int min_programmes;
    sweep_range range;
    /* Where a row itself is found must be known; else the visibility map may answer for the table. */
    bool want_rows;
} sweep_wish;

/*
 * Its entries are visible, in order of programme, then source, then row (of a row's HOT chain, unless
 * want_rows, the root).
 */
typedef struct {
    uint64 key;
    int programmes;
    int count;
    const sweep_entry *entries;
} sweep_group;

/* `snapshot` must be an MVCC snapshot, registered until the end. Allocates in the current memory context. */
ekok_sweep *sweep_begin(const sweep_wish *wish, Snapshot snapshot);
/* The next group, good until the next call; false at the end. */
bool sweep_next(ekok_sweep *sweep, sweep_group *group);
/*
 * Pages of indexes read so far, and candidates judged. An index in descending order has its pages counted at
 * its end.
 */
int64 sweep_pages(const ekok_sweep *sweep);
int64 sweep_candidates(const ekok_sweep *sweep);
void sweep_end(ekok_sweep *sweep);

#endif
