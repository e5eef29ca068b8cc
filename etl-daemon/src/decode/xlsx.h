/*
 * xlsx.h - a workbook (.xlsx) as rows of the form that decode/lines.h reads: header rows become field names, each
 * further row with any content becomes one line. Built on xlsx_zip, xlsx_book and xlsx_sheet, where the bounds stand:
 * together at most 8 MiB of shared text, 2 MiB of XML parser, one row and half a MiB of tables.
 */
#ifndef ETL_DECODE_XLSX_H
#define ETL_DECODE_XLSX_H

#include "base/failure.h"
#include "config/source_def.h"

typedef struct xlsx xlsx;

/* Reads the workbook's parts and the header; fd stays the caller's. NULL: EXIT_PARTIAL with why. */
xlsx *xlsx_open(int fd, const source_table *table, size_t row_bytes, failure *f);
void xlsx_close(xlsx *x);

typedef enum { XLSX_ROW, XLSX_END, XLSX_BROKEN } xlsx_step;

/* The next row's line with its line end, until the next call. */
MUST_CHECK xlsx_step xlsx_next(xlsx *x, span *line, failure *f);

#endif
