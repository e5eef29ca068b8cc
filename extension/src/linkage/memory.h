/*
 * memory.h - memory of one de-duplication, with a ceiling: maintenance_work_mem. Whatever would pass it is an
 * error that says so, before it is taken; all of it goes with its memory context.
 */
#ifndef EKOK_LINKAGE_MEMORY_H
#define EKOK_LINKAGE_MEMORY_H

#include "postgres.h"

typedef struct {
    MemoryContext context;
    Size taken, ceiling; /* bytes */
    Size most;           /* taken at any time */
} link_memory;

/* A child of the current memory context. */
link_memory link_memory_make(void);

/* The error of whoever would pass the ceiling. */
void link_memory_refuse(void) pg_attribute_noreturn();

/* Not zeroed; of any size up to the ceiling. */
void *link_take(link_memory *memory, Size size);
/* Gives back what link_take gave, of that size. */
void link_give(link_memory *memory, void *chunk, Size size);
/* An array of `have` elements of that size, made room for `want`; NULL and 0 to begin with. */
void *link_grow(link_memory *memory, void *array, Size element, Size have, Size want);

#endif
