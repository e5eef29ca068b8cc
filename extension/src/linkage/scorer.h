/*
 * scorer.h - scores pairs of stored records as ekok.match_score would, cheapest fields first, and stops once no
 * more than a rejected pair can come of it. Scoring calls nothing of the server and changes nothing but the memories
 * it is given: threads may share a scorer.
 */
#ifndef EKOK_LINKAGE_SCORER_H
#define EKOK_LINKAGE_SCORER_H

#include "linkage/record_store.h"

typedef enum { LINK_SHARED, LINK_PROBABLE, LINK_CERTAIN } link_state;

/* A pair that was kept; a < b. */
typedef struct {
    uint32 a, b;
    float bits; /* the score, without the prior */
    uint8 state;
    bool doubted; /* by twins.c */
    ekok_levels levels;
} link_pair;

static inline bool link_same_number(const link_pair *pair)
{
    return pair->levels.of[EKOK_FIELD_NID] == EKOK_NID_SAME ||
           pair->levels.of[EKOK_FIELD_BRN] == EKOK_BRN_SAME;
}

typedef struct {
    record_store *store;
    link_memory *memory;
    float weights[EKOK_LEVELS], best[EKOK_FIELDS]; /* best: the heaviest level of a field */
    float prior;
    bool own_others;         /* see ekok_match_verdict_in */
    bool once_each;          /* programmes here keep each person once */
    name_memories *memories; /* of the caller's thread */
    link_pair *pair;         /* those kept, in the order of a, then b */
    uint32 count;
} link_scorer;

/* weights: NULL for the standard ones, u fitted to the records where there are enough of them. */
void link_scorer_make(link_scorer *scorer, record_store *store, const float *weights);

/*
 * Fills in the pair of records a and b; false when it is less than probable. evidence: they share an identifier, so
 * that the pair is `shared` when it is less.
 */
bool link_score(const link_scorer *scorer, name_memories *memories, bool evidence, link_pair *pair);

/* All levels of a pair, whether kept or not; returns the score in bits. */
float link_levels(const link_scorer *scorer, uint32 a, uint32 b, ekok_levels *levels);

/* Two of one day and one house, who must not stand in one cluster, whether or not a human is asked. */
bool link_twins(const link_scorer *scorer, const link_pair *pair);

#endif
