/*
 * xlsx_sheet.h - the rows of one sheet, one at a time, as cells with their kinds.
 *
 * Promises cells in the order of their columns, absent ones left out; a number as a person reads it (15 digits, as
 * spreadsheets keep); a date of either date system as yyyy-mm-dd. Holds one row: texts of row_bytes together, past
 * which the row is too large. Refuses a sheet of more than XLSX_SHEET_MAX bytes of XML, and rows or cells out of order.
 */
#ifndef ETL_DECODE_XLSX_SHEET_H
#define ETL_DECODE_XLSX_SHEET_H

#include "base/buf.h"
#include "decode/xlsx_book.h"
#include "decode/xlsx_xml.h"
#include "row/raw.h"

enum { XLSX_SHEET_MAX = 1 << 30, XLSX_ROWS_MAX = 1048576, XLSX_MERGES_MAX = 256 };

typedef enum { CELL_TEXT, CELL_NUMBER, CELL_TRUTH, CELL_DAY, CELL_FAULT } cell_kind;

typedef struct {
    int column; /* from 0, below RAW_FIELDS_MAX */
    cell_kind kind;
    size_t at, size; /* of its text in the row's */
} xlsx_cell;

typedef struct {
    int number; /* from 1 */
    xlsx_cell cell[RAW_FIELDS_MAX];
    size_t cells;
    bool too_large; /* some text is missing */
    buf text;
} xlsx_row;

/* A merged region, columns from 0 and rows from 1, its last ones included. */
typedef struct {
    int first_row, last_row, first_column, last_column;
} xlsx_merge;

typedef struct {
    xlsx_merge merge[XLSX_MERGES_MAX];
    size_t count;
} xlsx_merges;

typedef struct xlsx_sheet xlsx_sheet;

/* NULL: *problem. The book outlives the sheet. */
xlsx_sheet *xlsx_sheet_open(xlsx_zip *z, const xlsx_book *book, size_t row_bytes, const char **problem);
void xlsx_sheet_close(xlsx_sheet *s);

/* XML_PAUSED: *row is the next one, which lives until the next call. XML_BROKEN: *problem. */
xml_step xlsx_sheet_next(xlsx_sheet *s, const xlsx_row **row, const char **problem);

/* All merged regions that touch the rows up to last_row; they stand behind the rows, so the sheet is read through. */
MUST_CHECK bool xlsx_sheet_merges(xlsx_zip *z, const char *sheet, int last_row, xlsx_merges *out,
                                  const char **problem);

/* A number's text as a person reads it; false when it is none. Out: at least 40 bytes. */
MUST_CHECK bool xlsx_number(const char *text, char *out);

/* The day of a serial number; false when there is none. Out: 11 bytes. */
MUST_CHECK bool xlsx_day(double serial, bool system_1904, char *out);

#endif
