/*
 * row_digest.h - many rows as one number that does not depend on their order: the sum of what core/row_mac.h makes of
 * each, as ekok.table_digest does in the server. Two sets of rows with one sum can't be made by whoever does not know
 * the secret, which is drawn anew each time.
 */
#ifndef ETL_SECRET_ROW_DIGEST_H
#define ETL_SECRET_ROW_DIGEST_H

#include <stdint.h>

#include "base/span.h"
#include "core/row_mac.h"

enum { ROW_SECRET_BYTES = EKOK_ROW_KEY_BYTES, ROW_SUM_BYTES = 16 };

typedef ekok_row_number row_sum;

typedef struct row_digester row_digester;

row_digester *row_digester_new(void); /* NULL without memory or random bytes */
void row_digester_free(row_digester *d);
const uint8_t *row_digester_secret(const row_digester *d); /* ROW_SECRET_BYTES */

void row_sum_add(const row_digester *d, span name, span image, row_sum *sum);
void row_sum_take(const row_digester *d, span name, span image, row_sum *sum);

void row_sum_bytes(const row_sum *sum, uint8_t out[ROW_SUM_BYTES]); /* big-endian */

#endif
