/*
 * spill.h - numbers dealt into many lists as they come, so that each list can later be taken up by itself: what
 * partitions a sort or a join that is larger than a cache. One writer at a time; plain C, nothing of the server.
 */
#ifndef EKOK_LINKAGE_SPILL_H
#define EKOK_LINKAGE_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkage/heap.h"

enum { LINK_CHUNK_ENTRIES = 254, LINK_LISTS_MOST = 512 };

typedef struct link_chunk {
    struct link_chunk *next; /* the one filled before */
    uint64_t count;
    uint64_t entry[LINK_CHUNK_ENTRIES];
} link_chunk;

typedef struct {
    link_chunk *last;
    size_t count;
} link_list;

typedef struct {
    link_heap *heap;
    link_list *list; /* of so many */
    uint32_t lists;
    link_chunk *free; /* chunks that belong to no list, in slabs */
    void *slabs;      /* one after the other, by their first word */
} link_spill;

/* False when the heap is too short. */
bool link_spill_make(link_spill *spill, link_heap *heap, uint32_t lists);
bool link_spill_add(link_spill *spill, uint32_t list, uint64_t entry);
/* Copies the entries of a list behind each other. */
void link_spill_read(const link_spill *spill, uint32_t list, uint64_t *out);
/* Empties all lists; their memory is kept for the next use. */
void link_spill_clear(link_spill *spill);
void link_spill_end(link_spill *spill);

#endif
