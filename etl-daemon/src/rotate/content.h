/*
 * content.h - content MACs of one part of a table, made anew from what stands: identifiers are opened, the content is
 * put together as when it was loaded, and only where its MAC by an older version is the one that stands does the MAC by
 * the new one take its place. Records set aside are opened whole and sealed anew under their new MAC. Clear text
 * lives in one row and one buffer, wiped after each.
 */
#ifndef ETL_ROTATE_CONTENT_H
#define ETL_ROTATE_CONTENT_H

#include "base/buf.h"
#include "rotate/books.h"
#include "rotate/value_room.h"

typedef struct {
    pg_session *pg;
    const keyring *ring;
    const char *rotation;
    uint32_t version;
    value_room room;
    buf list[5]; /* of a statement: places, versions of rows, MACs; rows and MACs that cannot be made anew */
    buf again;   /* a record sealed anew */
    int64_t checked;              /* MACs of the new version */
    int64_t written, passed_over; /* rows of the part in hand */
    unreadable unread;
} content;

MUST_CHECK bool content_init(content *c, const rotate_request *request, const char *rotation,
                             uint32_t version, failure *f);
void content_free(content *c); /* wipes */

/* counts: rows written, rows passed over. In the caller's transaction. */
MUST_CHECK bool content_part(content *c, const rotate_part *part, int64_t counts[2], failure *f);

#endif
