/*
 * page_memory.h - where the bodies of pages lie while they are worked on, and the promise that all of them
 * together stay small whatever the sources send.
 *
 * Each job has a share (PAGE_POOL divided by the workers). A body that outgrows its share needs the large
 * slot, of which there is one for the whole process: the job waits for it, the others go on. So at worst
 * PAGE_POOL + PAGE_LARGE + one sealed copy of a broken page, PAGE_LARGE again. Bodies are wiped when let go.
 */
#ifndef ETL_JOB_PAGE_MEMORY_H
#define ETL_JOB_PAGE_MEMORY_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/span.h"

enum {
    PAGE_POOL = 12 << 20,
    PAGE_LARGE = 8 << 20, /* ceiling of any page, as config/source_key.def says */
    PAGE_SHARE_LEAST = 256 << 10
};

typedef struct {
    size_t share;
    pthread_mutex_t large_slot, seal_slot,
        workbook_slot; /* workbook: one is open at a time, for its memory */
} page_pool;

typedef struct {
    page_pool *pool;
    char *data; /* `room` bytes of address space; memory only where a body has been */
    size_t size, room;
    bool has_large_slot;
} page_memory;

void page_pool_init(page_pool *pool, int workers);
void page_pool_free(page_pool *pool);

/* Room for bodies of page_bytes at most (cut to PAGE_LARGE). */
MUST_CHECK bool page_memory_open(page_memory *m, page_pool *pool, size_t page_bytes);
void page_memory_close(page_memory *m);

/*
 * Appends; waits for the large slot where that is needed, but no longer than `cancel` is zero. False: no
 * room.
 */
MUST_CHECK bool page_memory_add(page_memory *m, span bytes, const atomic_int *cancel);

/* Wipes the body, gives memory above the share back to the system and the large slot to the others. */
void page_memory_clear(page_memory *m);

static inline span page_memory_span(const page_memory *m)
{
    return (span){m->data, m->size};
}

#endif
