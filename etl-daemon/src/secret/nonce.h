/*
 * nonce.h - random nonces, drawn from OpenSSL's generator a page at a time.
 * A nonce is handed out once: a pool belongs to one thread, and its page is emptied by the kernel in a forked child,
 * which then draws afresh. Private to secret/.
 */
#ifndef ETL_SECRET_NONCE_H
#define ETL_SECRET_NONCE_H

#include <stdint.h>

#include "base/span.h"

enum { NONCE_BYTES = 24 };

typedef struct nonce_pool nonce_pool;

nonce_pool *nonce_pool_new(void); /* NULL when out of memory, or where the kernel cannot wipe on fork */
void nonce_pool_free(nonce_pool *pool);
MUST_CHECK bool nonce_take(nonce_pool *pool, uint8_t out[NONCE_BYTES]);

#endif
