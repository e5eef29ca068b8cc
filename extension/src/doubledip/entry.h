/*
 * entry.h - one entry of an evidence index as the parts of the sweep hand it on, and the range of keys they are
 * held to.
 */
#ifndef EKOK_DOUBLEDIP_ENTRY_H
#define EKOK_DOUBLEDIP_ENTRY_H

#include "postgres.h"

#include "storage/itemptr.h"

#include "evidence.h"

enum { SWEEP_SOURCES_MAX = 256 };

/* What is known of an entry's row in the sweep's snapshot. */
typedef enum { ENTRY_UNJUDGED, ENTRY_VISIBLE, ENTRY_GONE } entry_verdict;

typedef struct {
    ekok_evidence evidence;
    ItemPointerData
        row;       /* as the index has it, the row or the root of its HOT chain; once judged the row itself */
    uint8 source;  /* which of the indexes swept, from 0 */
    uint8 verdict; /* an entry_verdict */
} sweep_entry;

/* From the least to the greatest evidence, both within. */
typedef struct {
    ekok_evidence least;
    ekok_evidence greatest;
} sweep_range;

#endif
