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
    int count = workers > 0 ? workers : 1;
    size_t share = PAGE_POOL / 2 / (size_t)count;
    pool->share = (share > PAGE_SHARE_LEAST ? share : PAGE_SHARE_LEAST) & ~(size_t)65535;
    pool->shares = count;
    (void)pthread_mutex_init(&pool->large_slot[0], NULL);
    (void)pthread_mutex_init(&pool->large_slot[1], NULL);
    (void)pthread_mutex_init(&pool->seal_slot, NULL);
    (void)pthread_mutex_init(&pool->workbook_slot, NULL);
}

void page_pool_free(page_pool *pool)
{
    (void)pthread_mutex_destroy(&pool->large_slot[0]);
    (void)pthread_mutex_destroy(&pool->large_slot[1]);
    (void)pthread_mutex_destroy(&pool->seal_slot);
    (void)pthread_mutex_destroy(&pool->workbook_slot);
}

bool page_memory_open(page_memory *m, page_pool *pool, size_t page_bytes, bool files)
{
    *m = (page_memory){
        .pool = pool, .room = page_bytes < PAGE_LARGE ? page_bytes : PAGE_LARGE, .files = files};
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

static bool try_share(page_memory *m)
{
    int left = m->pool->shares;
    while (left > 0)
        if (atomic_compare_exchange_weak(&m->pool->shares, &left, left - 1))
            return m->has_share = true;
    return false;
}

static bool try_large_slot(page_memory *m)
{
    m->has_large_slot = pthread_mutex_trylock(&m->pool->large_slot[m->files]) == 0;
    return m->has_large_slot;
}

static bool wait_until(bool (*got)(page_memory *m), page_memory *m, const atomic_int *cancel)
{
    while (!got(m)) {
        if (cancel && *cancel)
            return false;
        (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return true;
}

bool page_memory_add(page_memory *m, span bytes, const atomic_int *cancel)
{
    size_t size = m->size + bytes.n;
    if (bytes.n > m->room - m->size)
        return false;
    if (size > PAGE_SMALL && !m->has_share && !m->files && !wait_until(try_share, m, cancel))
        return false;
    if (size > m->pool->share && !m->has_large_slot && !wait_until(try_large_slot, m, cancel))
        return false;
    memcpy(m->data + m->size, bytes.p, bytes.n);
    m->size = size;
    return true;
}

void page_memory_clear(page_memory *m)
{
    wipe(m->data, m->size);
    if (m->size > PAGE_SMALL)
        (void)madvise(m->data + PAGE_SMALL, m->room - PAGE_SMALL, MADV_DONTNEED);
    m->size = 0;
    if (m->has_large_slot)
        (void)pthread_mutex_unlock(&m->pool->large_slot[m->files]);
    if (m->has_share)
        m->pool->shares++;
    m->has_large_slot = m->has_share = false;
}
