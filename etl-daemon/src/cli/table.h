/*
 * table.h - an aligned table for a terminal: numbers right, text left, the column with free text last.
 * Refuses to be wider than the screen: the last column is cut.
 */
#ifndef ETL_CLI_TABLE_H
#define ETL_CLI_TABLE_H

#include <stdint.h>
#include <stdio.h>

#include "base/span.h"

enum { TABLE_COLUMNS = 10, TABLE_ROWS_MAX = 10000 };

typedef enum { TABLE_LEFT, TABLE_RIGHT } table_align;

typedef struct {
    size_t columns, rows, room;
    const char *heading[TABLE_COLUMNS];
    table_align align[TABLE_COLUMNS];
    char **cell; /* rows x columns, owned */
    bool total;  /* the last row is a total: a rule stands above it */
} table;

void table_init(table *t);
void table_free(table *t);
void table_column(table *t, const char *heading, table_align align); /* before the first row */

/*
 * One row; as many cells as there are columns, NULL: "-". False: no memory, or more than TABLE_ROWS_MAX rows.
 */
MUST_CHECK bool table_row(table *t, const char *const *cell);
void table_print(const table *t, FILE *to);

#endif
