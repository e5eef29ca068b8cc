/*
 * ranks.c - see ranks.h.
 */
#include "ranks.h"

#include <stdlib.h>

static unsigned people_of(const world *w, uint64_t number)
{
    uint64_t left = w->persons - number * BLOCK_PEOPLE;
    return left < BLOCK_PEOPLE ? (unsigned)left : BLOCK_PEOPLE;
}

static void count(const world *w, const block *b, uint32_t records[MIS_COUNT], uint16_t *present)
{
    unsigned people = people_of(w, b->number);
    for (unsigned i = 0; i < people; i++) {
        for (unsigned k = 0; k < b->p[i].programmes; k++) {
            mis_id mis = programme_mis((programme_id)b->p[i].programme[k]);
            records[mis]++;
            *present = (uint16_t)(*present | 1U << mis);
        }
    }
}

bool ranks_build(const world *w, rank_index *out)
{
    uint32_t sum[MIS_COUNT] = {0};
    block b;
    out->blocks = (w->persons + BLOCK_PEOPLE - 1) / BLOCK_PEOPLE;
    uint64_t samples = (out->blocks + RANK_SAMPLE - 1) / RANK_SAMPLE;
    out->before = calloc(samples + 1, sizeof *out->before);
    out->present = calloc(out->blocks + 1, sizeof *out->present);
    if (!out->before || !out->present) {
        ranks_free(out);
        return false;
    }
    for (uint64_t n = 0; n < out->blocks; n++) {
        if (n % RANK_SAMPLE == 0)
            for (int m = 0; m < MIS_COUNT; m++)
                out->before[n / RANK_SAMPLE][m] = sum[m];
        block_make(w, n, &b);
        count(w, &b, sum, &out->present[n]);
    }
    for (int m = 0; m < MIS_COUNT; m++)
        out->before[samples][m] = sum[m];
    return true;
}

void ranks_free(rank_index *index)
{
    free(index->before);
    free(index->present);
    index->before = NULL;
    index->present = NULL;
}

/* Makes the next block that has records of this system. */
static bool next_block(rank_walk *walk)
{
    while (walk->next_block < walk->index->blocks) {
        uint64_t n = walk->next_block++;
        if (walk->index->present[n] & (1U << walk->mis)) {
            block_make(walk->w, n, &walk->b);
            walk->position = 0;
            walk->nth = UINT32_MAX; /* its first record is still to come */
            return true;
        }
    }
    return false;
}

static bool next_in_block(rank_walk *walk)
{
    unsigned people = people_of(walk->w, walk->b.number);
    unsigned k = walk->nth + 1;
    for (; walk->position < people; walk->position++, k = 0) {
        const person *p = &walk->b.p[walk->position];
        for (; k < p->programmes; k++) {
            if (programme_mis((programme_id)p->programme[k]) == walk->mis) {
                walk->nth = k;
                return true;
            }
        }
    }
    return false;
}

bool rank_next(rank_walk *walk)
{
    while (!next_in_block(walk))
        if (!next_block(walk))
            return false;
    walk->rank++;
    return true;
}

void rank_walk_begin(rank_walk *walk, const world *w, const rank_index *index, mis_id mis, uint64_t rank)
{
    uint64_t low = 0, high = (index->blocks + RANK_SAMPLE - 1) / RANK_SAMPLE;
    while (low + 1 < high) {
        uint64_t middle = (low + high) / 2;
        if (index->before[middle][mis] <= rank)
            low = middle;
        else
            high = middle;
    }
    walk->w = w;
    walk->index = index;
    walk->mis = mis;
    walk->next_block = low * RANK_SAMPLE;
    walk->rank = index->before[low][mis];
    walk->position = BLOCK_PEOPLE; /* as if a block had just been finished */
    walk->nth = 0;
    walk->b.number = walk->next_block;
    while (walk->rank < rank && rank_next(walk))
        ;
}
