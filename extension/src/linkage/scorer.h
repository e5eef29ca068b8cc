/*
 * scorer.h - scores pairs of stored records as ekok.match_score would, cheapest fields first, and stops once no
 * more than a rejected pair can come of it. What is not rejected is kept, once for each pair.
 */
#ifndef EKOK_LINKAGE_SCORER_H
#define EKOK_LINKAGE_SCORER_H

#include "linkage/record_store.h"

enum { LINK_REJECTED_BITS = 21, LINK_REJECTED = 1 << LINK_REJECTED_BITS };

typedef enum { LINK_SHARED, LINK_PROBABLE, LINK_CERTAIN } link_state;

/* A pair that was kept; a < b. */
typedef struct {
    uint32 a, b;
    float bits; /* the score, without the prior */
    uint8 state;
    ekok_levels levels;
} link_pair;

/* Where a kept pair stands. */
typedef struct {
    uint64 pair; /* a in the upper half; 0: free */
    uint32 at;
} pair_slot;

typedef struct {
    record_store *store;
    link_memory *memory;
    float weights[EKOK_LEVELS], best[EKOK_FIELDS]; /* best: the heaviest level of a field */
    float prior;
    bool own_others; /* see ekok_match_verdict_in */
    link_pair *pair;
    pair_slot *slot;  /* of kept pairs */
    uint64 *rejected; /* of LINK_REJECTED pairs that were rejected lately: not to be scored again */
    uint32 count, room, slots;
    uint64 scored; /* pairs looked at */
} link_scorer;

/* weights: NULL for the standard ones, u fitted to the records where there are enough of them. */
void link_scorer_make(link_scorer *scorer, record_store *store, const float *weights);

/*
 * Keeps the pair when it is probable or better. evidence: they share an identifier, so that the pair is kept as
 * `shared` when it is less.
 */
void link_score(link_scorer *scorer, uint32 a, uint32 b, bool evidence);

/* All levels of a pair, whether kept or not; returns the score in bits. */
float link_levels(link_scorer *scorer, uint32 a, uint32 b, ekok_levels *levels);

/* In the order of a, then b. */
void link_sort_pairs(link_scorer *scorer);

#endif
