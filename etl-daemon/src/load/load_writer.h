/*
 * load_writer.h - what load_row and load_bad share: the way to the keys, and the sealing of a record.
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

/*
 * MACs and seals a record as received (its first row_bytes bytes, should it be larger), for its place in
 * etl.quarantine: a cell with its MAC, and, in a later call, the cell with the sealed form.
 */
MUST_CHECK bool load_record_mac(load_writer *w, span raw, buf *out);
MUST_CHECK bool load_record_sealed(load_writer *w, buf *out);

#endif
