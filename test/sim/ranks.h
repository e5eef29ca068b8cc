/*
 * ranks.h - the n-th record of a system, found without reading those before: a sampled index over the population.
 * Memory: 46 bytes for every 1024 people (1.4 MB for 30 million), built by one walk over the people.
 */
#ifndef SIM_RANKS_H
#define SIM_RANKS_H

#include "population.h"

enum { RANK_SAMPLE = 16 }; /* blocks between two samples */

typedef struct {
    uint64_t blocks;
    uint32_t (*before)[MIS_COUNT]; /* records of blocks before each sample; a last row with the totals */
    uint16_t *present;             /* a bit a system, for each block: has it records here at all */
} rank_index;

bool ranks_build(const world *w, rank_index *out); /* false: out of memory */
void ranks_free(rank_index *index);

static inline uint64_t ranks_total(const rank_index *index, mis_id mis)
{
    return index->before[(index->blocks + RANK_SAMPLE - 1) / RANK_SAMPLE][mis];
}

/* A walk over the records of a system from one on. */
typedef struct {
    const world *w;
    const rank_index *index;
    mis_id mis;
    uint64_t rank; /* of the record that rank_next gives next */
    block b;       /* of the record given last */
    unsigned position, nth;
    uint64_t next_block;
} rank_walk;

void rank_walk_begin(rank_walk *walk, const world *w, const rank_index *index, mis_id mis, uint64_t rank);
/* Sets b, position and nth to the next record, and moves rank behind it; false at the end. */
bool rank_next(rank_walk *walk);

#endif
