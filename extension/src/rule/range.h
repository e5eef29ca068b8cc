/*
 * range.h - the visible rows that hold one piece of evidence, by a btree index whose first column is evidence: one
 * range of the index, from the smallest programme to the largest.
 */
#ifndef EKOK_RULE_RANGE_H
#define EKOK_RULE_RANGE_H

#include "postgres.h"

#include "access/skey.h"
#include "executor/tuptable.h"
#include "utils/relcache.h"

#include "evidence.h"

typedef struct {
    struct IndexScanDescData *scan;
    ScanKeyData bound[2];
    TupleTableSlot *slot;
} range_scan;

/* Sees what the active snapshot sees. */
range_scan range_begin(Relation table, Relation index);
void range_seek(range_scan *range, ekok_evidence evidence);
/*
 * The programme of the next visible row, -1 at the end. Rows of programme `but` are passed over without a look at
 * the heap; -1 passes over none. Checks for interrupts.
 */
int range_next(range_scan *range, int but);
void range_end(range_scan *range);

#endif
