/*
 * xlsx_book.h - what a workbook says of itself: its sheets, the system of its dates, the styles that are dates, its
 * shared strings. Promises memory of at most XLSX_STRINGS_MAX for the strings and some 200 kB for the rest. Refuses a
 * workbook that passes that, with the advice to save it as CSV.
 */
#ifndef ETL_DECODE_XLSX_BOOK_H
#define ETL_DECODE_XLSX_BOOK_H

#include "base/buf.h"
#include "decode/xlsx_zip.h"

enum {
    XLSX_STRINGS_MAX = 8 << 20, /* bytes of shared text and of its index together */
    XLSX_NAME_MAX = 256,
    XLSX_STYLES_MAX = 65536
};

typedef struct {
    bool dates_1904;
    char sheet[XLSX_NAME_MAX];   /* the part of the sheet that was asked for */
    char strings[XLSX_NAME_MAX]; /* empty: the workbook has none */
    char styles[XLSX_NAME_MAX];
    uint8_t date_style[XLSX_STYLES_MAX / 8]; /* a bit for each cell format */
    buf text;                                /* shared strings, one behind the other */
    buf ends;                                /* uint32_t each: where it ends */
} xlsx_book;

/* sheet: its name, empty for the first that is not hidden. False: *problem, static text. Free it in any case. */
MUST_CHECK bool xlsx_book_read(xlsx_book *book, xlsx_zip *z, const char *sheet, const char **problem);
void xlsx_book_free(xlsx_book *book); /* wipes the strings */

/* False when there is no such string. */
MUST_CHECK bool xlsx_book_string(const xlsx_book *book, size_t index, span *text);

static inline bool xlsx_book_is_date(const xlsx_book *book, size_t style)
{
    return style < XLSX_STYLES_MAX && (book->date_style[style / 8] >> (style % 8) & 1) != 0;
}

/* Is this number format one of a date (and not of a time, a number, a text)? */
bool xlsx_format_is_date(const char *format);

#endif
