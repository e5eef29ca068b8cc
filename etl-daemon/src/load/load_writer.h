/*
 * load_writer.h - what load_row, load_member and load_bad share: the way to the keys, and the sealing of
 * identifiers and records.
 */
#ifndef ETL_LOAD_LOAD_WRITER_H
#define ETL_LOAD_LOAD_WRITER_H

#include "agent/seal_batch.h"

enum { LOAD_FIXED_TEXT = 8192 /* ceiling of a line without its sealed record */ };

typedef struct {
    seal_batch seal;
    size_t row_bytes; /* ceiling of a record */
} load_writer;

void load_writer_init(load_writer *w, const sealer *keys, size_t row_bytes);
void load_writer_free(load_writer *w);

/* Ceiling of a COPY line of a record of row_bytes at most. */
static inline size_t load_line_max(size_t row_bytes)
{
    return LOAD_FIXED_TEXT + 2 * (row_bytes + 64);
}

typedef struct {
    seal_place place;    /* of the sealed cell */
    const char *clear;   /* empty: there is none */
    const char *subject; /* what its token is made of */
    key_purpose purpose; /* of the token's key */
} load_identifier;

/* The sealed cell and the token cell, both null or neither, each followed by a separator. */
MUST_CHECK bool load_identifier_add(load_writer *w, const load_identifier *what, buf *out);

/* A cell with the MAC that tells a changed row from an unchanged one. */
MUST_CHECK bool load_content_mac(load_writer *w, span canonical, buf *out);

/*
 * MACs and seals a record as received (its first row_bytes bytes, should it be larger), for its place in
 * etl.quarantine: a cell with its MAC, and, in a later call, the cell with the sealed form.
 */
MUST_CHECK bool load_record_mac(load_writer *w, span raw, buf *out);
MUST_CHECK bool load_record_sealed(load_writer *w, buf *out);

#endif
