/*
 * talk.h - what the daemon and a decoding cell say to each other over one stream socket: heads of eight bytes,
 * each with its payload. Both ends are of one build, so fixed parts travel as they lie in memory; TALK_HELLO
 * proves it.
 *
 * Promises that whatever the cell says is looked at before it is believed: talk_record_read accepts a record only when
 * every count, length, type and reason is in range and all of it lies inside the message. Refuses to pass on as text
 * what could hold an identifier: see talk_clean.
 */
#ifndef ETL_CELL_TALK_H
#define ETL_CELL_TALK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "decode/decode.h"
#include "decode/slice.h"

enum {
    TALK_PIECE = 65536, /* bytes read or written at once */
    TALK_PROTOCOL = 1,
    TALK_TEXT = 400,         /* a line for a person */
    TALK_DETAIL = 120,       /* of a reason, NUL included */
    TALK_PATIENCE_MS = 60000 /* a cell that moves no byte for so long is given up */
};

typedef enum {
    TALK_HELLO,    /* < talk_hello */
    TALK_PAGE,     /* > talk_page, then the bytes of the page */
    TALK_RECORD,   /* < a record, see talk_record_add */
    TALK_ENVELOPE, /* < one byte: which; then its text */
    TALK_WHOLE,    /* < the page was read to its end */
    TALK_FILE,     /* > talk_file, with the file's descriptor */
    TALK_OPENED,   /* < the file can be cut */
    TALK_CUT,      /* > uint64_t: room; */
    TALK_BYTES,    /* < a piece of the page that is cut */
    TALK_SLICE,    /* < talk_slice: its end */
    TALK_BROKEN,   /* < talk_broken: why a page, a file or a cut cannot be read */
    TALK_KINDS
} talk_kind;

typedef struct {
    uint32_t kind, size;
} talk_head;

typedef struct {
    uint32_t protocol, page_size, file_size;
} talk_hello;

typedef struct {
    uint64_t page_bytes, row_bytes;
    int32_t format, first_line;
    uint8_t has_table, has_envelope[ENVELOPE_OF_CALLER];
    char rows_path[SOURCE_TEXT], envelope[ENVELOPE_OF_CALLER][SOURCE_TEXT];
    source_table table;
} talk_page;

typedef struct {
    uint64_t row_bytes;
    int64_t skip;
    int32_t format, size;
    source_table table;
} talk_file;

typedef struct {
    int64_t records;
    int32_t line;
    uint8_t last;
} talk_slice;

typedef struct {
    int32_t code; /* exit_code */
    char text[TALK_TEXT];
} talk_broken;

talk_hello talk_hello_now(void);

/* The ceiling of any message of a cell that reads records of row_bytes. */
size_t talk_room(size_t row_bytes);

/* Appends a head and its payload; false when out is full. */
MUST_CHECK bool talk_add(buf *out, talk_kind kind, const void *payload, size_t size);

/* Appends a record with its reasons as one message. */
MUST_CHECK bool talk_record_add(buf *out, const raw_record *record, const reason_list *damaged);

/* What a record's message was read to; the record's spans point into the message. */
typedef struct {
    raw_record record;
    reason_list damaged;
    char detail[REASONS_MAX][TALK_DETAIL];
} talk_read;

/* False: it is not a message that decode/ could have made of a record of row_bytes. */
MUST_CHECK bool talk_record_read(span message, size_t row_bytes, talk_read *out);

/*
 * A line of a cell made fit to be logged and kept: printable ASCII, no more than nine digits in a row (an offset has
 * that many, an identifier more).
 */
void talk_clean(const char *from, size_t n, char *to, size_t room);

#endif
