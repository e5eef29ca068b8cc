/*
 * trail.h - the entries of the audit as the leaves of its tree, in the order (transaction, number). What is hashed as a
 * leaf is the beginning of the line that COPY writes of an entry as text, columns in a fixed order, independent of the
 * server's settings: who, when, what, and the commitment to the entry's images, so that images can be destroyed and the
 * leaf stays. An entry from before commitments has its images in its leaf. Entries come in binary, and their leaves are
 * written here (leaf.h); a proof holds the line itself.
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

/* Entries that lie together: the first, and between which numbers and times (microseconds since 2000) they are. */
typedef struct {
    trail_key first;
    uint64_t lowest, highest;
    int64_t since, until;
} trail_stretch;

typedef struct {
    trail_key after; /* from the first entry behind this one; zeros: from the beginning */
    trail_key upto;  /* up to this one, and it; zeros: no end */
    uint64_t below;  /* only transactions below; 0: all */
    uint64_t most;   /* at most so many entries; 0: all */
    bool images;     /* with salts and images, which a leaf with a commitment does not need */
} trail_part;

/* The columns of an entry in their order. */
enum {
    TRAIL_XACT,
    TRAIL_ID,
    TRAIL_AT,
    TRAIL_ACTOR,
    TRAIL_SOURCE,
    TRAIL_RUN,
    TRAIL_PAGE,
    TRAIL_PURPOSE,
    TRAIL_TABLE,
    TRAIL_OP,
    TRAIL_ROW,
    TRAIL_COMMITMENT, /* null: the entry is from before commitments */
    TRAIL_SALT,       /* null beside a commitment: its images were destroyed, or not asked for */
    TRAIL_OLD,
    TRAIL_NEW,
    TRAIL_FIELDS
};

typedef struct {
    trail_key key;
    span leaf;                /* what is hashed */
    span value[TRAIL_FIELDS]; /* as the server keeps them, numbers of 8 bytes; p NULL: null */
} trail_entry;

/* One more entry; begins: it is the first. False: its time is none. */
MUST_CHECK bool trail_stretch_add(trail_stretch *s, const trail_entry *entry, bool begins);

typedef bool (*trail_fn)(void *context, const trail_entry *entry, failure *f);

/* Sets the session so that lines come out the same on every server. Once a session, before the rest. */
MUST_CHECK bool trail_prepare(pg_session *pg, failure *f);

MUST_CHECK bool trail_read(pg_session *pg, const trail_part *part, trail_fn take, void *context, failure *f);

/* The same line, of a row of a query that begins with trail_columns of audit.entry e; replaces what out holds. */
extern const char trail_columns[];
MUST_CHECK bool trail_line(const pg_rows *rows, int row, buf *out);

MUST_CHECK bool trail_split(span line, span field[TRAIL_FIELDS]);
bool trail_is_null(span field);

/* Commitment, salt and images of a line, out of COPY's escapes; the rest is null. False: an escape is cut. */
typedef struct {
    buf value[TRAIL_FIELDS];
} trail_room;
void trail_room_init(trail_room *room);
void trail_room_free(trail_room *room);
MUST_CHECK bool trail_images(const span field[TRAIL_FIELDS], trail_room *room, span value[TRAIL_FIELDS]);

/* The part of a line that is hashed; `room` holds it when it is no part of the line as it stands. */
MUST_CHECK bool trail_leaf(span line, const span field[TRAIL_FIELDS], buf *room, span *out);

MUST_CHECK bool trail_number(const char *text, uint64_t *out); /* decimal; NULL and anything else: false */

#endif
