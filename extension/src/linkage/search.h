/*
 * search.h - all pairs of stored records that are worth keeping, found and scored by the caller's process and as many
 * threads of it as max_parallel_maintenance_workers and max_parallel_workers allow. The same pairs, in the same order,
 * whatever their number.
 */
#ifndef EKOK_LINKAGE_SEARCH_H
#define EKOK_LINKAGE_SEARCH_H

#include "linkage/scorer.h"

/* Fills the scorer's pairs. weights: as for link_scorer_make. Interruptible; an error beyond the ceiling of memory. */
void link_search(link_scorer *scorer, record_store *store, const float *weights);

#endif
