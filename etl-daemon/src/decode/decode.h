/*
 * decode.h - turns the bytes of a page, as they arrive, into records, one at a time, in the source's format.
 *
 * Memory is bounded by row_bytes whatever the page's size. A record that is damaged but whose end can still
 * be found is reported with its reasons and the page goes on; when the framing itself is lost the page is
 * broken. Envelope values asked for beforehand (total, next cursor) are caught on the way. Built on yajl for
 * each record; the framing between records is our own, because no parser goes on after an error.
 *
 *   json   frame.h, record.h      jsonl  lines.h, record.h     csv   csv_page.h
 *   spdci  spdci.h over json      xlsx   lines.h: its pages are the rows that xlsx.h made of a workbook
 */
#ifndef ETL_DECODE_DECODE_H
#define ETL_DECODE_DECODE_H

#include "base/failure.h"
#include "config/source_def.h"
#include "row/raw.h"
#include "row/reason.h"

enum { ENVELOPE_MAX = 16, ENVELOPE_OF_CALLER = 9, ENVELOPE_TEXT_MAX = 512, ROW_BYTES_MAX = 1 << 20 };

/* Called for each element of the rows array. damaged->count > 0: the record could not be decoded, only
 * record->bytes is set. Returning false stops the page (the caller has noted why). */
typedef bool (*decode_record_fn)(void *context, const raw_record *record, const reason_list *damaged);

typedef struct {
    source_format format;
    const source_table *table; /* csv */
    int first_line;        /* csv, xlsx: of the page's first record in its file; 0: the page is the file */
    const char *rows_path; /* dotted path of the array of records; "" when the page is the array */
    const char
        *envelope[ENVELOPE_MAX]; /* dotted paths of scalars to catch, NULL where unused; from 2 on spdci names
                                           its own (spdci.h), from ENVELOPE_OF_CALLER on for itself alone */
    size_t row_bytes;            /* ceiling of one record, at most ROW_BYTES_MAX */
    bool rows_optional; /* the array of records may be absent: set by a format, never by the caller */
    decode_record_fn on_record;
    void *context;
} decode_options;

typedef struct decoder decoder;

decoder *
decoder_new(const decode_options *options); /* NULL when out of memory; strings must outlive the decoder */
void decoder_free(decoder *d);

/*
 * False: the page is broken (or on_record said stop); f says where, by byte offset, never quoting the page.
 */
MUST_CHECK bool decoder_feed(decoder *d, span bytes, failure *f);

/* At the end of the page: false when it ended early or held no rows array. */
MUST_CHECK bool decoder_finish(decoder *d, failure *f);

size_t decoder_records(const decoder *d); /* handed to on_record so far */

/* Envelope value i as text; false when absent or null. */
bool decoder_envelope(const decoder *d, int i, span *text);

#endif
