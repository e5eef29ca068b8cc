/*
 * leaf.h - what is hashed of an entry, written from its values as the server keeps them: to the byte the beginning of
 * the line that COPY writes of it as text (times in UTC, bytes in hex), which proofs hold and anyone can make by SQL.
 * Refuses a value that is not of its column's size.
 */
#ifndef ETL_TRACE_LEAF_H
#define ETL_TRACE_LEAF_H

#include "base/buf.h"
#include "trace/trail.h"

typedef struct {
    buf text;       /* the leaf */
    buf said, head; /* when, who, why and what of the last entry: as sent, and as written */
} leaf_writer;

void leaf_writer_init(leaf_writer *w);
void leaf_writer_free(leaf_writer *w);

/* out lasts until the next. value: numbers and times of 8 bytes, high first; lengths of 4 bytes lie between them. */
MUST_CHECK bool leaf_write(leaf_writer *w, const span value[TRAIL_FIELDS], span *out);

/* A timestamptz, microseconds since 2000, as text in UTC; the size. */
enum { LEAF_TIME_TEXT = 48 };
size_t leaf_time(int64_t since_2000, char out[LEAF_TIME_TEXT]);

#endif
