/*
 * load_writer.h - what load_row and load_bad share: the keys, a scratch for cipher text, the sealing of a
 * record.
 */
#ifndef ETL_LOAD_LOAD_WRITER_H
#define ETL_LOAD_LOAD_WRITER_H

#include "base/buf.h"
#include "secret/keyring.h"

enum { LOAD_FIXED_TEXT = 8192 /* ceiling of a line without its sealed record */ };

typedef struct {
    const keyring *ring;
    size_t row_bytes; /* ceiling of a record */
    buf sealed;       /* cipher text only */
} load_writer;

void load_writer_init(load_writer *w, const keyring *ring, size_t row_bytes);
void load_writer_free(load_writer *w);

/* Ceiling of a COPY line of a record of row_bytes at most. */
static inline size_t load_line_max(size_t row_bytes)
{
    return LOAD_FIXED_TEXT + 2 * (row_bytes + 64);
}

/*
 * MACs and seals a record as received (its first row_bytes bytes, should it be larger), for its place in
 * etl.quarantine; the sealed form is then in w->sealed.
 */
MUST_CHECK bool load_seal_record(load_writer *w, span raw, uint8_t mac[TOKEN_BYTES]);

#endif
