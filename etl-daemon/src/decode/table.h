/*
 * table.h - the header of a table (CSV, XLSX) and what it makes of the columns: a field's path for each.
 *
 * Promises that a declared column is found by its whole header, blanks squeezed and capitals of ASCII alike, or by
 * its number, and that nothing is guessed: a declared column that is missing or stands twice refuses the table, with
 * its declared text. Without declarations each column's path is its header, with '_' for what a path may not hold.
 * Several header rows are joined by " / ", texts that repeat left out.
 */
#ifndef ETL_DECODE_TABLE_H
#define ETL_DECODE_TABLE_H

#include "config/source_def.h"
#include "row/raw.h"

enum { TABLE_HEADER_TEXT = 256, TABLE_PROBLEM_TEXT = 400 };

typedef struct {
    size_t columns;                                 /* of the widest header row */
    char header[RAW_FIELDS_MAX][TABLE_HEADER_TEXT]; /* squeezed, the rows joined */
    char path[RAW_FIELDS_MAX][RAW_PATH_MAX + 1];    /* empty: not read */
    char problem[TABLE_PROBLEM_TEXT];
} table_header;

void table_begin(table_header *t);

/* One row of the header, its merged cells spread by the caller. False: problem. */
MUST_CHECK bool table_add_row(table_header *t, const span *cell, size_t cells);

/* Spreads a blank cell of an upper header row from the left where the row below has text: a CSV does not say what was
 * merged. */
void table_spread(span *upper, const span *lower, size_t cells);

/* After the last row: which column is which field. False: problem. */
MUST_CHECK bool table_resolve(table_header *t, const source_table *declared);

#endif
