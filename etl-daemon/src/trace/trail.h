/*
 * trail.h - the entries of the audit as the leaves of its tree: one line of COPY text an entry, columns in a fixed
 * order, rendered independently of the server's settings, in the order (transaction, number). That line is what is
 * hashed, and what an outsider is shown.
 */
#ifndef ETL_TRACE_TRAIL_H
#define ETL_TRACE_TRAIL_H

#include <stdint.h>

#include "base/buf.h"
#include "wire/pg.h"

/* Where an entry stands in the order of leaves. */
typedef struct {
    uint64_t xact, id;
} trail_key;

typedef struct {
    trail_key after; /* from the first entry behind this one; zeros: from the beginning */
    trail_key upto;  /* up to this one, and it; zeros: no end */
    uint64_t below;  /* only transactions below; 0: all */
    uint64_t most;   /* at most so many entries; 0: all */
} trail_part;

typedef struct {
    trail_key key;
    span line;
} trail_entry;

typedef bool (*trail_fn)(void *context, const trail_entry *entry, failure *f);

/* Sets the session so that lines come out the same on every server. Once a session, before the rest. */
MUST_CHECK bool trail_prepare(pg_session *pg, failure *f);

MUST_CHECK bool trail_read(pg_session *pg, const trail_part *part, trail_fn take, void *context, failure *f);

/* The same line, of a row of a query that begins with trail_columns in their order; appended to out. */
extern const char trail_columns[];
MUST_CHECK bool trail_line(const pg_rows *rows, int row, buf *out);

MUST_CHECK bool trail_number(const char *text, uint64_t *out); /* decimal; NULL and anything else: false */

#endif
