/*
 * reseal.h - sealed values of one part of a table, opened and sealed anew under the active version of the data key.
 * Clear text lives in one buffer of the caller's process, wiped after each value.
 */
#ifndef ETL_ROTATE_RESEAL_H
#define ETL_ROTATE_RESEAL_H

#include "base/buf.h"
#include "rotate/books.h"
#include "rotate/value_room.h"

typedef struct {
    pg_session *pg;
    const keyring *ring;
    const char *rotation;
    char version[NUMBER_ROOM];
    value_room room;
    buf list[3]; /* of a statement: arrays in the form of their text */
    buf again;   /* a value sealed anew */
    unreadable unread;
} reseal;

MUST_CHECK bool reseal_init(reseal *r, const rotate_request *request, const char *rotation, failure *f);
void reseal_free(reseal *r); /* wipes */

/* counts: values written, rows passed over. In the caller's transaction. */
MUST_CHECK bool reseal_part(reseal *r, const rotate_part *part, int64_t counts[2], failure *f);

#endif
