/*
 * twins.h - a record that is certain to be either of two twins, by what twins have in common, is for a human to place.
 * Pairs that share an NID or a birth registration stay. Decided on the pairs as they were scored, in any order.
 */
#ifndef EKOK_LINKAGE_TWINS_H
#define EKOK_LINKAGE_TWINS_H

#include "linkage/scorer.h"

/* Certain pairs that tie one record to both of two twins become probable; pairs in the order of a, then b. */
void link_doubt_twins(link_scorer *scorer);

/*
 * What became of one pair becomes of all between the same two groups of records that share a number. root: the group of
 * each record; the certain pairs outside the groups are those from `from` to `end`, in any order.
 */
void link_doubt_alike(link_scorer *scorer, const uint32 *root, uint32 from, uint32 end);

#endif
