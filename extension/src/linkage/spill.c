/* spill.c - see spill.h. */
#include "linkage/spill.h"

#include <string.h>

enum { SLAB_CHUNKS = 128 };

typedef struct slab {
    struct slab *next;
    link_chunk chunk[SLAB_CHUNKS];
} slab;

bool link_spill_make(link_spill *spill, link_heap *heap, uint32_t lists)
{
    *spill =
        (link_spill){.heap = heap, .lists = lists, .list = link_heap_take(heap, lists * sizeof(link_list))};
    if (spill->list == NULL)
        return false;
    memset(spill->list, 0, lists * sizeof(link_list));
    return true;
}

static bool widen(link_spill *spill)
{
    slab *more = link_heap_take(spill->heap, sizeof *more);

    if (more == NULL)
        return false;
    more->next = spill->slabs;
    spill->slabs = more;
    for (int i = 0; i < SLAB_CHUNKS; i++) {
        more->chunk[i].next = spill->free;
        spill->free = &more->chunk[i];
    }
    return true;
}

bool link_spill_add(link_spill *spill, uint32_t list, uint64_t entry)
{
    link_list *to = &spill->list[list];

    if (to->last == NULL || to->last->count == LINK_CHUNK_ENTRIES) {
        if (spill->free == NULL && !widen(spill))
            return false;
        link_chunk *chunk = spill->free;
        spill->free = chunk->next;
        chunk->next = to->last;
        chunk->count = 0;
        to->last = chunk;
    }
    to->last->entry[to->last->count++] = entry;
    to->count++;
    return true;
}

void link_spill_read(const link_spill *spill, uint32_t list, uint64_t *out)
{
    for (const link_chunk *chunk = spill->list[list].last; chunk != NULL; chunk = chunk->next) {
        memcpy(out, chunk->entry, chunk->count * sizeof out[0]);
        out += chunk->count;
    }
}

void link_spill_clear(link_spill *spill)
{
    for (uint32_t i = 0; i < spill->lists; i++) {
        link_list *list = &spill->list[i];
        while (list->last != NULL) {
            link_chunk *chunk = list->last;
            list->last = chunk->next;
            chunk->next = spill->free;
            spill->free = chunk;
        }
        list->count = 0;
    }
}

void link_spill_end(link_spill *spill)
{
    while (spill->slabs != NULL) {
        slab *one = spill->slabs;
        spill->slabs = one->next;
        link_heap_give(spill->heap, one);
    }
    link_heap_give(spill->heap, spill->list);
    *spill = (link_spill){.heap = spill->heap};
}
