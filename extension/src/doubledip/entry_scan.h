/*
 * entry_scan.h - the visible entries of an evidence index, in order of key, then programme.
 *
 * Visible to the active snapshot, so that two sweeps in one REPEATABLE READ transaction agree. NULLs are passed
 * over. What stands behind this header may change from an index scan to a sweep of leaf pages.
 */
#ifndef EKOK_DOUBLEDIP_ENTRY_SCAN_H
#define EKOK_DOUBLEDIP_ENTRY_SCAN_H

#include "postgres.h"

#include "storage/itemptr.h"

#include "doubledip/target.h"
#include "evidence.h"

typedef struct entry_scan entry_scan;

typedef struct {
    ekok_evidence evidence;
    ItemPointerData row; /* as the index has it: the row itself, or the root of its HOT chain */
} sweep_entry;

entry_scan *entry_scan_begin(const sweep_target *target);
/* False at the end. Checks for interrupts. */
bool entry_scan_next(entry_scan *scan, sweep_entry *entry);
/* Turns the row of an entry into the TID by which a query finds it; an error when there is none. */
void entry_scan_locate(entry_scan *scan, ItemPointer row);
void entry_scan_end(entry_scan *scan);

#endif
