/*
 * balance.h - what every audited table should hold by its entries: how many rows, and their sum (row_digest.h). An
 * insert adds a row, a delete takes it away, an update does both; an entry whose images were destroyed counts for
 * nothing, as all of its row's do. Keeps no rows, so it costs the same however long the trace is; it tells that a
 * table differs, not where.
 */
#ifndef ETL_TRACE_BALANCE_H
#define ETL_TRACE_BALANCE_H

#include "base/failure.h"
#include "secret/row_digest.h"
#include "trace/trail.h"

enum { BALANCE_TABLES_MAX = 256, BALANCE_NAME_TEXT = 140 };

typedef struct {
    char name[BALANCE_NAME_TEXT]; /* as entries name it: schema.table */
    int64_t rows;
    row_sum sum;
} balance_table;

typedef struct balance balance;

balance *balance_new(failure *f); /* NULL: EXIT_INTERNAL */
void balance_free(balance *b);

MUST_CHECK bool balance_add(balance *b, const span value[TRAIL_FIELDS], failure *f);

size_t balance_tables(const balance *b);
const balance_table *balance_table_at(const balance *b, size_t i);
const balance_table *balance_find(const balance *b, const char *name); /* NULL: it has no entries */
const uint8_t *balance_secret(const balance *b);                       /* ROW_SECRET_BYTES */

#endif
