/*
 * csv.h - where the records of comma separated text end, and what their fields are (RFC 4180, with any of four
 * delimiters). The page of a CSV source (csv_page.c) and the cutting of files into pages (slice_text.c) both stand on
 * it, so that they count alike.
 *
 * Promises: CR LF and LF end a record outside of quotes; a quoted field may hold delimiters, line ends and doubled
 * quotes; a record without any content (blank, or delimiters alone) is none. Refuses to guess: text behind a closing
 * quote makes the record malformed, and where a stray quote could have made one record swallow the next (malformed
 * or ragged, with a line end inside quotes) the caller must give the rest up.
 */
#ifndef ETL_DECODE_CSV_H
#define ETL_DECODE_CSV_H

#include "base/span.h"

#define CSV_ANY '\0' /* in a header whose delimiter is not known yet: any of the four */

typedef struct {
    char delimiter;
    bool in_quotes, behind_quote, in_field; /* behind_quote: a closing quote, or the first of a doubled one */
    bool content;                           /* the record holds more than delimiters, blanks and quotes */
    bool malformed;                         /* text stands behind a closing quote */
    bool quoted_line;                       /* a line end stands inside quotes */
    bool nul;                               /* a NUL byte: not text, or UTF-16 */
    int line;                               /* of the file, of the next byte */
    size_t length;                          /* bytes of the record so far */
} csv_scan;

void csv_begin(csv_scan *scan, char delimiter, int line);

/* Looks for the end of the record; *at moves behind its line end, or to the end of the bytes. True: a record ended
 * (ask `content` whether it is one), then call csv_next before going on. */
MUST_CHECK bool csv_find_end(csv_scan *scan, span bytes, size_t *at);
void csv_next(csv_scan *scan);

/* Bytes of the record without its line end. */
span csv_without_end(span record);

/* Cuts a whole record into fields, unquoted, written to text (room for record.n bytes). Returns how many there are;
 * those past fields_max are counted and not kept. */
MUST_CHECK size_t csv_fields(char delimiter, span record, char *text, span *field, size_t fields_max);

/* The delimiter that stands most often in the header outside of quotes; NUL when none does or two do so. */
char csv_detect(span header);

#endif
