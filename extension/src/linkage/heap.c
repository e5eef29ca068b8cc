/* heap.c - see heap.h. */
#include "linkage/heap.h"

#include <stdlib.h>

struct link_block {
    link_block *next, *before;
    size_t size; /* with this header */
    size_t unused;
};

void link_heap_make(link_heap *heap, size_t ceiling)
{
    *heap = (link_heap){.ceiling = ceiling};
    pthread_mutex_init(&heap->lock, NULL);
}

static bool count(link_heap *heap, size_t size)
{
    if (size > heap->ceiling - heap->taken) {
        heap->is_short = true;
        return false;
    }
    heap->taken += size;
    heap->most = heap->taken > heap->most ? heap->taken : heap->most;
    return true;
}

void *link_heap_take(link_heap *heap, size_t size)
{
    link_block *block = NULL;

    size += sizeof *block;
    pthread_mutex_lock(&heap->lock);
    if (count(heap, size)) {
        block = malloc(size);
        if (block != NULL) {
            *block = (link_block){heap->first, NULL, size, 0};
            if (heap->first != NULL)
                heap->first->before = block;
            heap->first = block;
        } else {
            heap->taken -= size;
            heap->is_short = true;
        }
    }
    pthread_mutex_unlock(&heap->lock);
    return block != NULL ? block + 1 : NULL;
}

void link_heap_give(link_heap *heap, void *chunk)
{
    link_block *block = chunk != NULL ? (link_block *)chunk - 1 : NULL;

    if (block == NULL)
        return;
    pthread_mutex_lock(&heap->lock);
    if (block->before != NULL)
        block->before->next = block->next;
    else
        heap->first = block->next;
    if (block->next != NULL)
        block->next->before = block->before;
    heap->taken -= block->size;
    pthread_mutex_unlock(&heap->lock);
    free(block);
}

bool link_heap_short(link_heap *heap)
{
    pthread_mutex_lock(&heap->lock);
    bool is_short = heap->is_short;
    pthread_mutex_unlock(&heap->lock);
    return is_short;
}

void link_heap_end(link_heap *heap)
{
    while (heap->first != NULL)
        link_heap_give(heap, heap->first + 1);
    pthread_mutex_destroy(&heap->lock);
}
