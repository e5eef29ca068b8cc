/*
 * compare.h - are the tables what their trace says? A table whose rows and sum are those of the balance is; any other
 * is compared row by row by the server, which names the rows. Finds also a trigger that is missing or off.
 */
#ifndef ETL_TRACE_COMPARE_H
#define ETL_TRACE_COMPARE_H

#include "trace/verify.h"

typedef struct {
    size_t tables, rows_wrong;
} compare_result;

/* In the transaction in which the balance was drawn. What is wrong is added to `out`'s findings. */
MUST_CHECK bool compare_tables(pg_session *pg, const balance *b, verify_result *out, compare_result *result,
                               failure *f);

#endif
