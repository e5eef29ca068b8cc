/*
 * csv_header.h - the head of CSV text: title rows, header rows, delimiter; shared by the page and by the cutting of
 * files. Promises that what it takes is at most CSV_HEAD_MAX bytes; refuses longer heads and undecided delimiters.
 */
#ifndef ETL_DECODE_CSV_HEADER_H
#define ETL_DECODE_CSV_HEADER_H

#include "decode/csv.h"
#include "decode/table.h"

enum { CSV_HEAD_MAX = 65536 };

typedef struct {
    const source_table *table;
    int titles; /* rows above the header, still to be read over */
    int rows;   /* of the header, read */
    csv_scan scan;
    char text[CSV_HEAD_MAX]; /* the header rows as they stand */
    size_t size;             /* of the rows that are complete, and the part of the next */
    size_t end[HEADER_ROWS_MAX];
    char delimiter;
    const char *problem;
} csv_head;

typedef enum { HEAD_MORE, HEAD_DONE, HEAD_LOST } head_step;

void csv_head_begin(csv_head *head, const source_table *table, int titles);

/* Takes bytes up to the end of the header; *at moves behind what was taken. */
MUST_CHECK head_step csv_head_feed(csv_head *head, span bytes, size_t *at);

/* Fields of the header into t and their paths; false: t->problem. */
MUST_CHECK bool csv_head_resolve(const csv_head *head, table_header *t);

/* Windows-1252 as UTF-8, five unused codes as controls; out has room for 3 x text.n. Returns the bytes written. */
MUST_CHECK size_t csv_to_utf8(span text, char *out);

#endif
