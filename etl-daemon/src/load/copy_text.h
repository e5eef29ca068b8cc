/*
 * copy_text.h - cells of PostgreSQL's COPY text format. Each function appends one cell without its separator;
 * false when the buffer is full. Refuses text that a UTF8 database would refuse (see copy_text_fits).
 */
#ifndef ETL_LOAD_COPY_TEXT_H
#define ETL_LOAD_COPY_TEXT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/date.h"

/*
 * Valid UTF-8 as PostgreSQL understands it: no NUL, no surrogates, nothing overlong, nothing above U+10FFFF.
 */
bool copy_text_fits(span text);

MUST_CHECK bool copy_null(buf *out);
MUST_CHECK bool copy_text(buf *out, span text);                        /* escaped as COPY does it */
MUST_CHECK bool copy_text_or_null(buf *out, const char *text);         /* empty: null */
MUST_CHECK bool copy_bytes(buf *out, const void *bytes, size_t count); /* bytea, hex form */
MUST_CHECK bool copy_date(buf *out, civil_date date);
MUST_CHECK bool copy_integer(buf *out, int64_t value);

static inline bool copy_next(buf *out)
{
    return buf_add_char(out, '\t');
}

static inline bool copy_end(buf *out)
{
    return buf_add_char(out, '\n');
}

#endif
