/*
 * blocks.h - brings together the records that are worth comparing: those that hold the same evidence, and those that
 * share a key of blocking.def. A group larger than its kind allows is not compared but left to its finer kind.
 */
#ifndef EKOK_LINKAGE_BLOCKS_H
#define EKOK_LINKAGE_BLOCKS_H

#include "linkage/scorer.h"

/* Says of each piece of evidence how many records hold it; before any pair is scored. */
void link_count_holders(record_store *store);

/* Scores every pair that shares evidence or a key. Interruptible; memory for the keys of one kind at a time. */
void link_score_blocks(link_scorer *scorer);

#endif
