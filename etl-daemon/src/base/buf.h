/*
 * buf.h - a growing byte buffer born with its ceiling: an append past the ceiling fails and changes nothing.
 * Grows by doubling, so a byte is copied at most twice on average. Not for secrets (see secret/).
 */
#ifndef ETL_BASE_BUF_H
#define ETL_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

typedef struct {
    char *data;
    size_t size, room, ceiling;
} buf;

void buf_init(buf *b, size_t ceiling);
void buf_free(buf *b);
void buf_clear(buf *b); /* keeps the memory */

/* False when the ceiling or the memory is reached; the buffer is then unchanged. */
MUST_CHECK bool buf_reserve(buf *b, size_t count); /* room for count more bytes behind data + size */
MUST_CHECK bool buf_add(buf *b, const void *bytes, size_t count);
MUST_CHECK bool buf_add_text(buf *b, const char *text);
MUST_CHECK bool buf_add_char(buf *b, char c);
MUST_CHECK bool buf_add_hex(buf *b, const void *bytes, size_t count);
MUST_CHECK bool buf_printf(buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline span buf_span(const buf *b)
{
    return (span){b->data, b->size};
}

#endif
