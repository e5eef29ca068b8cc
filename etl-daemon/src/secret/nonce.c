/*
 * nonce.c - the pool is one page with MADV_WIPEONFORK, so that "nothing left" is what a child sees.
 */
#include "secret/nonce.h"

#include <openssl/rand.h>
#include <sys/mman.h>

enum { PAGE = 4096, IN_POOL = (PAGE - (int)sizeof(size_t)) / NONCE_BYTES };

struct nonce_pool {
    size_t left; /* 0 at birth and after a fork */
    uint8_t nonce[IN_POOL][NONCE_BYTES];
};

_Static_assert(sizeof(struct nonce_pool) <= PAGE, "a pool is one page");

nonce_pool *nonce_pool_new(void)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, PAGE, MADV_WIPEONFORK) == 0)
        return page;
    munmap(page, PAGE);
    return NULL;
}

void nonce_pool_free(nonce_pool *pool)
{
    if (pool)
        munmap(pool, PAGE);
}

bool nonce_take(nonce_pool *pool, uint8_t out[NONCE_BYTES])
{
    if (pool->left == 0) {
        if (RAND_bytes(&pool->nonce[0][0], (int)sizeof pool->nonce) != 1)
            return false;
        pool->left = IN_POOL;
    }
    memcpy(out, pool->nonce[--pool->left], NONCE_BYTES);
    return true;
}
