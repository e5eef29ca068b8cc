/*
 * lines.h - formats that have a record a line: JSON Lines, and the rows of a workbook (format_rows).
 *
 * Promises that one bad line is one damaged record and never the page, whatever it holds: a line end cannot stand
 * inside of JSON. Blank lines are no records. A byte order mark is read over at the start. Refuses, as damaged,
 * lines of more than row_bytes, of which the first row_bytes are handed over.
 *
 * A row of a workbook is its row number, a tab, and an object whose members are the cells (xlsx_row.h): a text, a
 * number that went through a spreadsheet, true or false, {"#date":"1985-05-20"}, or {"#error":true}. In place of the
 * object may stand `#too_large`.
 */
#ifndef ETL_DECODE_LINES_H
#define ETL_DECODE_LINES_H

#include "decode/format.h"

#define ROW_TOO_LARGE "#too_large"
#define CELL_DATE     "#date"
#define CELL_ERROR    "#error"

#endif
