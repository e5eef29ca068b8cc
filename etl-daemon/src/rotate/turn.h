/*
 * turn.h - tokens of one part of the registry: values are opened, and those whose token is of an older version are
 * named to the database, which turns each for all who hold it. Clear text lives in one buffer, wiped after each value.
 */
#ifndef ETL_ROTATE_TURN_H
#define ETL_ROTATE_TURN_H

#include "base/buf.h"
#include "rotate/books.h"
#include "validate/subject.h"

typedef struct {
    pg_session *pg;
    const keyring *ring;
    const char *rotation, *kind; /* "nid", ... */
    key_purpose purpose;
    subject_kind subject;
    uint32_t version;
    buf old_list, new_list; /* arrays in the form of their text */
    int64_t checked, older; /* values with the new token; with an older one, in the part in hand */
    unreadable unread;
} turn;

MUST_CHECK bool turn_init(turn *t, const rotate_request *request, const char *rotation, uint32_t version,
                          failure *f);
void turn_free(turn *t);

/* counts: rows turned, rows passed over; the second is -1 while a sweep is unfinished. */
MUST_CHECK bool turn_part(turn *t, const rotate_part *part, int64_t counts[2], failure *f);

#endif
