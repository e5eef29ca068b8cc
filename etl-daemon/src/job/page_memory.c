/*
 * page_memory.c - bodies in mapped memory: no copy when one grows, and what a large one took goes back at
 * once.
 */
#include "job/page_memory.h"

#include <sys/mman.h>
#include <time.h>

#include "secret/seal.h"

void page_pool_init(page_pool *pool, int workers)
{
    size_t share = PAGE_POOL / (size_t)(workers > 0 ? workers : 1);
    pool->share = (share > PAGE_SHARE_LEAST ? share : PAGE_SHARE_LEAST) & ~(size_t)65535;
    (void)pthread_mutex_init(&pool->large_slot, NULL);
    (void)pthread_mutex_init(&pool->seal_slot, NULL);
    (void)pthread_mutex_init(&pool->workbook_slot, NULL);
}

void page_pool_free(page_pool *pool)
{
    (void)pthread_mutex_destroy(&pool->large_slot);
    (void)pthread_mutex_destroy(&pool->seal_slot);
    (void)pthread_mutex_destroy(&pool->workbook_slot);
}

bool page_memory_open(page_memory *m, page_pool *pool, size_t page_bytes)
{
    *m = (page_memory){.pool = pool, .room = page_bytes < PAGE_LARGE ? page_bytes : PAGE_LARGE};
    void *data =
        mmap(NULL, m->room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED)
        return false;
    (void)madvise(data, m->room, MADV_DONTDUMP);
    m->data = data;
    return true;
}

void page_memory_close(page_memory *m)
{
    if (!m->data)
        return;
    page_memory_clear(m);
    (void)munmap(m->data, m->room);
    m->data = NULL;
}

static bool take_large_slot(page_memory *m, const atomic_int *cancel)
{
    while (pthread_mutex_trylock(&m->pool->large_slot) != 0) {
        if (cancel && *cancel)
            return false;
        (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    m->has_large_slot = true;
    return true;
}

bool page_memory_add(page_memory *m, span bytes, const atomic_int *cancel)
{
    if (bytes.n > m->room - m->size)
        return false;
    if (m->size + bytes.n > m->pool->share && !m->has_large_slot && !take_large_slot(m, cancel))
        return false;
    memcpy(m->data + m->size, bytes.p, bytes.n);
    m->size += bytes.n;
    return true;
}

void page_memory_clear(page_memory *m)
{
    wipe(m->data, m->size);
    if (m->size > m->pool->share)
        (void)madvise(m->data + m->pool->share, m->room - m->pool->share, MADV_DONTNEED);
    m->size = 0;
    if (m->has_large_slot)
        (void)pthread_mutex_unlock(&m->pool->large_slot);
    m->has_large_slot = false;
}
