/*
 * heap.h - memory for several threads at once, counted against a ceiling, all of it given back in one go however the
 * work ends. Plain C: nothing of the server is touched, so any thread may call.
 * Refuses: more than the ceiling; NULL then, and link_heap_short says so from then on.
 */
#ifndef EKOK_LINKAGE_HEAP_H
#define EKOK_LINKAGE_HEAP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct link_block link_block;

typedef struct {
    pthread_mutex_t lock;
    link_block *first;
    size_t taken, most, ceiling; /* bytes */
    bool is_short;
} link_heap;

void link_heap_make(link_heap *heap, size_t ceiling);
/* Not zeroed. Meant for large blocks: each call takes the lock. */
void *link_heap_take(link_heap *heap, size_t size);
/* Gives back what link_heap_take gave; NULL: nothing. */
void link_heap_give(link_heap *heap, void *chunk);
bool link_heap_short(link_heap *heap);
/* Gives back all of it; no thread may use the heap any more. */
void link_heap_end(link_heap *heap);

#endif
