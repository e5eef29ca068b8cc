/*
 * compare.c - see compare.h. Names tables and keys of rows, never what a row holds.
 */
#include "trace/compare.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/hex.h"
#include "trace/trail.h"

enum { NAMES_MAX_BYTES = BALANCE_TABLES_MAX * (2 * BALANCE_NAME_TEXT + 3) + 8 };

/* The names of the balance's tables as the text of an array of text. */
static bool name_array(const balance *b, buf *out)
{
    bool good = buf_add_char(out, '{');
    for (size_t i = 0; good && i < balance_tables(b); i++) {
        good = buf_add_text(out, i ? ",\"" : "\"");
        for (const char *c = balance_table_at(b, i)->name; good && *c; c++)
            good = (*c != '"' && *c != '\\') || buf_add_char(out, '\\') ? buf_add_char(out, *c) : false;
        good = good && buf_add_char(out, '"');
    }
    return good && buf_add(out, "}", 2);
}

/* Rows of one table by what is wrong with them: how many, and the keys of the first. */
static bool compare_rows(pg_session *pg, const char *table, verify_result *out, compare_result *result,
                         failure *f)
{
    pg_rows *rows =
        pg_query(pg,
                 "SELECT problem, count(*), string_agg(row_id, ', ' ORDER BY row_id) FILTER (WHERE n <= 3) "
                 "FROM (SELECT *, row_number() OVER (PARTITION BY problem ORDER BY row_id) n "
                 "FROM audit.unaccounted($1::regclass)) u GROUP BY problem ORDER BY problem",
                 1, &table, f);
    bool good = rows != NULL;
    for (int i = 0; good && i < pg_rows_count(rows); i++) {
        verify_found(out, "%.80s: %.12s row(s): %.80s (%.170s)", table, pg_rows_get(rows, i, 1),
                     pg_rows_get(rows, i, 0), pg_rows_get(rows, i, 2));
        result->rows_wrong += strtoul(pg_rows_get(rows, i, 1), NULL, 10);
    }
    pg_rows_free(rows);
    return good;
}

/* A table without entries should be empty. */
static bool is_balanced(const balance *b, const char *table, const char *count, const char *digest)
{
    static const balance_table none = {.name = ""};
    const balance_table *said = balance_find(b, table);
    uint8_t told[ROW_SUM_BYTES], sum[ROW_SUM_BYTES];
    uint64_t rows;
    said = said ? said : &none;
    row_sum_bytes(&said->sum, sum);
    return trail_number(count, &rows) && said->rows >= 0 && rows == (uint64_t)said->rows &&
           hex_read_bytea(digest, told, sizeof told) == sizeof told && memcmp(told, sum, sizeof told) == 0;
}

bool compare_tables(pg_session *pg, const balance *b, verify_result *out, compare_result *result, failure *f)
{
    buf names, secret;
    *result = (compare_result){0, 0};
    buf_init(&names, NAMES_MAX_BYTES);
    buf_init(&secret, 2 * ROW_SECRET_BYTES + 4);
    bool good = (buf_add_text(&secret, "\\x") && buf_add_hex(&secret, balance_secret(b), ROW_SECRET_BYTES) &&
                 buf_add(&secret, "", 1) && name_array(b, &names)) ||
                fail(f, EXIT_INTERNAL, "no memory for the names of the tables");
    const char *const param[] = {secret.data, names.data};
    pg_rows *rows =
        good ? pg_query(pg, "SELECT audited, whole, table_name, row_count, digest FROM audit.balance($1, $2)",
                        2, param, f)
             : NULL;
    good = rows != NULL;
    for (int i = 0; good && i < pg_rows_count(rows); i++, result->tables++) {
        const char *table = pg_rows_get(rows, i, 0);
        if (strcmp(pg_rows_get(rows, i, 1), "t") != 0)
            verify_found(out, "%.80s: an audit trigger is missing or switched off", table);
        if (!is_balanced(b, pg_rows_get(rows, i, 2), pg_rows_get(rows, i, 3), pg_rows_get(rows, i, 4)))
            good = compare_rows(pg, table, out, result, f);
    }
    pg_rows_free(rows);
    buf_free(&names);
    buf_free(&secret);
    return good;
}
