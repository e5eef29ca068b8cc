/*
 * copy_escape.h - a value in PostgreSQL's COPY text format and back: to the byte as COPY TO writes it, so that what is
 * made here equals what the server gives out. Refuses an escape that COPY TO never writes at a value's end.
 */
#ifndef ETL_BASE_COPY_ESCAPE_H
#define ETL_BASE_COPY_ESCAPE_H

#include "base/buf.h"

/* Appends; false when the buffer is full. */
MUST_CHECK bool copy_escape(buf *out, span text);

/* Replaces what the buffer holds; false when it is full or the field ends within an escape. */
MUST_CHECK bool copy_unescape(span field, buf *out);

#endif
