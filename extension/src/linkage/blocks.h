/*
 * blocks.h - brings together the records that are worth comparing: those that hold the same evidence, and those that
 * share a key of blocking.def. A group larger than its kind allows is not compared but left to its finer kind.
 *
 * Pairs are dealt into lists by their lower record, unsorted and more than once; the same lists of pairs come of any
 * number of threads. Nothing of the server is called: the tasks may run in any thread.
 */
#ifndef EKOK_LINKAGE_BLOCKS_H
#define EKOK_LINKAGE_BLOCKS_H

#include "linkage/pool.h"
#include "linkage/record_store.h"
#include "linkage/spill.h"

enum { LINK_RECORDS_MOST = 0x7fffffff };

typedef struct {
    record_store *store;
    link_heap *heap;
    unsigned key_bits, pair_shift;
    uint32 lists; /* of pairs */
    link_spill pairs[LINK_WORKERS_MOST];
    bool own_others; /* see ekok_match_verdict_in */
    bool
        once_each; /* of those who share an NID or a birth registration at most one in fifty share the programme */
    atomic_ullong met;
} link_blocks;

void link_blocks_make(link_blocks *blocks, record_store *store, link_heap *heap);

/*
 * Tasks by number, work a link_blocks. One of them also says of each piece of evidence how many records hold it. A task
 * that finds the heap too short stops the pool.
 */
uint32 link_block_tasks(void);
void link_block_task(void *work, const link_worker *worker, uint32 number);

/* A pair as it stands in a list: sorted, equal pairs are neighbours, the one that shares evidence first. */
static inline uint64 link_pair_entry(uint32 a, uint32 b, bool evidence)
{
    return (uint64)Min(a, b) << 33 | (uint64)Max(a, b) << 1 | !evidence;
}

#endif
