/*
 * listing.c - rows of the database as they come, formatted for a person.
 */
#include "cli/listing.h"

#include <stdlib.h>

#include "cli/text.h"

enum { SQL_ROOM = 4096, CUT_ROOM = 256 };

static size_t count_columns(const listing *what)
{
    size_t n = 0;
    while (n < TABLE_COLUMNS && what->column[n].heading)
        n++;
    return n;
}

static bool add_row(table *t, const listing *what, const pg_rows *rows, int row)
{
    const char *cell[TABLE_COLUMNS];
    char number[TABLE_COLUMNS][NUMBER_TEXT], cut[TABLE_COLUMNS][CUT_ROOM];
    for (size_t i = 0; i < t->columns; i++) {
        cell[i] = pg_rows_get(rows, row, (int)i);
        if (cell[i] && what->column[i].kind == LISTED_NUMBER)
            cell[i] = text_number(strtoll(cell[i], NULL, 10), number[i]);
        if (cell[i] && what->column[i].most > 0) {
            text_cut(cell[i], what->column[i].most, cut[i], CUT_ROOM);
            cell[i] = cut[i];
        }
    }
    return table_row(t, cell);
}

static bool fill(table *t, const listing *what, const pg_rows *rows, failure *f)
{
    size_t columns = count_columns(what);
    for (size_t i = 0; i < columns; i++)
        table_column(t, what->column[i].heading,
                     what->column[i].kind == LISTED_NUMBER ? TABLE_RIGHT : TABLE_LEFT);
    for (int row = 0; row < pg_rows_count(rows); row++)
        if (!add_row(t, what, rows, row))
            return fail(f, EXIT_INTERNAL, "more rows than a screen is for; use --json");
    t->total = what->total;
    return true;
}

bool listing_print(pg_session *pg, const listing *what, failure *f)
{
    table t;
    pg_rows *rows = pg_query(pg, what->sql, what->params, what->param, f);
    if (!rows)
        return false;
    table_init(&t);
    bool good = fill(&t, what, rows, f);
    if (good && t.rows == 0)
        (void)printf("%s\n", what->empty);
    else if (good)
        table_print(&t, stdout);
    table_free(&t);
    pg_rows_free(rows);
    return good;
}

bool listing_print_paragraphs(pg_session *pg, const char *sql, failure *f)
{
    pg_rows *rows = pg_query(pg, sql, 0, NULL, f);
    if (!rows)
        return false;
    if (pg_rows_count(rows) > 0)
        (void)printf("\n");
    for (int row = 0; row < pg_rows_count(rows); row++)
        text_print_wrapped(pg_rows_get(rows, row, 0), 4, stdout);
    pg_rows_free(rows);
    return true;
}

bool listing_print_problems(pg_session *pg, failure *f)
{
    return listing_print_paragraphs(pg,
                                    "SELECT source || ' ' || state || ': ' || problem FROM report.last_runs "
                                    "WHERE problem IS NOT NULL ORDER BY source",
                                    f);
}

bool listing_print_json(pg_session *pg, const char *name, const listing *what, failure *f)
{
    char sql[SQL_ROOM];
    int written = snprintf(sql, sizeof sql, "SELECT coalesce(json_agg(x), '[]') FROM (%s) x", what->sql);
    if (written < 0 || (size_t)written >= sizeof sql)
        return fail(f, EXIT_INTERNAL, "the query of %s is too long", name);
    pg_rows *rows = pg_query(pg, sql, what->params, what->param, f);
    if (!rows)
        return false;
    (void)printf("\"%s\": %s", name, pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return true;
}
