/*
 * row_digest.h - many rows as one number that does not depend on their order: each adds the first 16 bytes of
 * SHA-256(secret, length and name, length and image), modulo 2^128. The twin of ekok.table_digest in the server.
 * Two sets of rows with one sum can't be made by whoever does not know the secret, which is drawn anew each time.
 */
#ifndef ETL_SECRET_ROW_DIGEST_H
#define ETL_SECRET_ROW_DIGEST_H

#include <stdint.h>

#include "base/span.h"

enum { ROW_SECRET_BYTES = 32, ROW_SUM_BYTES = 16 };

typedef struct {
    uint64_t high, low;
} row_sum;

typedef struct row_digester row_digester;

row_digester *
row_digester_new(void); /* NULL without memory, algorithm or random bytes; for one thread at a time */
void row_digester_free(row_digester *d);
const uint8_t *row_digester_secret(const row_digester *d); /* ROW_SECRET_BYTES */

MUST_CHECK bool row_sum_add(row_digester *d, span name, span image, row_sum *sum);
MUST_CHECK bool row_sum_take(row_digester *d, span name, span image, row_sum *sum);

void row_sum_bytes(const row_sum *sum, uint8_t out[ROW_SUM_BYTES]); /* big-endian */

#endif
