/*
 * raw.h - one record as its source wrote it: scalars by dotted path, text still in the source's own form.
 * "address.union" names a member of an object, "phones.0" an element of an array.
 */
#ifndef ETL_ROW_RAW_H
#define ETL_ROW_RAW_H

#include "base/span.h"

enum { RAW_FIELDS_MAX = 256, RAW_PATH_MAX = 160, RAW_DEPTH_MAX = 16 };

typedef enum {
    RAW_NULL,
    RAW_BOOL,
    RAW_NUMBER,
    RAW_STRING,
    RAW_FLOAT, /* a spreadsheet's number: it went through a binary fraction of 53 bits; as a person would read it */
    RAW_DATE, /* a spreadsheet's date, as yyyy-mm-dd */
    RAW_ERROR /* a spreadsheet's #N/A and the like; no text */
} raw_type;

typedef struct {
    span path;
    raw_type type;
    span text; /* a number keeps the digits it was written with; true/false for a bool; empty for null */
} raw_field;

typedef struct {
    raw_field field[RAW_FIELDS_MAX];
    size_t count;
    span bytes; /* the record's own bytes on the page, as received */
    int line;   /* of a table: its line in the file, or its row in the sheet, from 1; 0: not of a table */
} raw_record;

/* NULL when the record has no such path. */
const raw_field *raw_find(const raw_record *record, span path);

#endif
