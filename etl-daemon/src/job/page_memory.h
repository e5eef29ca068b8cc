/*
 * page_memory.h - where the bodies of pages lie while they are worked on, and the promise that all of them together
 * stay small whatever the sources send, and however many send at once.
 *
 * A body of PAGE_SMALL bytes is free. A larger one needs a share, of which there are as many as workers (half of
 * PAGE_POOL divided by them; the other half is for files, whose jobs are at a desk already); one that outgrows its
 * share needs the large slot, of which there is one for answers and one for files. Who gets none waits, and its
 * socket with it; the others go on. So at worst GATE_CONNECTIONS x PAGE_SMALL + PAGE_POOL + twice PAGE_LARGE + one
 * sealed copy of a broken page, PAGE_LARGE again. Bodies are wiped when let go.
 */
#ifndef ETL_JOB_PAGE_MEMORY_H
#define ETL_JOB_PAGE_MEMORY_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/span.h"

enum {
    PAGE_SMALL = 32 << 10,
    PAGE_POOL = 16 << 20,
    PAGE_LARGE = 8 << 20, /* ceiling of any page, as config/source_key.def says */
    PAGE_SHARE_LEAST = 128 << 10
};

typedef struct {
    size_t share;
    atomic_int shares;                        /* that nobody has */
    pthread_mutex_t large_slot[2];            /* of answers, of files */
    pthread_mutex_t seal_slot, workbook_slot; /* workbook: one is open at a time, for its memory */
} page_pool;

typedef struct {
    page_pool *pool;
    char *data; /* `room` bytes of address space; memory only where a body has been */
    size_t size, room;
    bool files; /* cut from files, at a desk: its share is its own */
    bool has_share, has_large_slot;
} page_memory;

void page_pool_init(page_pool *pool, int workers);
void page_pool_free(page_pool *pool);

/* Room for bodies of page_bytes at most (cut to PAGE_LARGE); files: their job is at a desk while it adds. */
MUST_CHECK bool page_memory_open(page_memory *m, page_pool *pool, size_t page_bytes, bool files);
void page_memory_close(page_memory *m);

/*
 * Appends; waits for a share or the large slot where that is needed, but no longer than `cancel` is zero. False: no
 * room.
 */
MUST_CHECK bool page_memory_add(page_memory *m, span bytes, const atomic_int *cancel);

/* Wipes the body, gives memory above PAGE_SMALL back to the system and what was taken to the others. */
void page_memory_clear(page_memory *m);

static inline span page_memory_span(const page_memory *m)
{
    return (span){m->data, m->size};
}

#endif
