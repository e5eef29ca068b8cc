/*
 * entry_scan.h - the entries of an evidence index in rising order by PostgreSQL's own scan: what leaf_walk.h
 * gives, for an index in descending order, whose leaves would have to be walked leftwards. Slower by the
 * executor's step per entry.
 */
#ifndef EKOK_DOUBLEDIP_ENTRY_SCAN_H
#define EKOK_DOUBLEDIP_ENTRY_SCAN_H

#include "postgres.h"

#include "utils/snapshot.h"

#include "doubledip/entry.h"
#include "doubledip/target.h"

typedef struct entry_scan entry_scan;

entry_scan *entry_scan_begin(const sweep_target *target, Snapshot snapshot, sweep_range range, uint8 source);
/*
 * The next entries, none only at the end; good until the next call. Dead rows are among them. Checks for
 * interrupts.
 */
int entry_scan_read(entry_scan *scan, const sweep_entry **entries);
void entry_scan_end(entry_scan *scan);

#endif
