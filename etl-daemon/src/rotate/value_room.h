/*
 * value_room.h - the one place of a rotation in which a value lies in the clear: grown to the largest that there is,
 * wiped before it grows or goes. The caller wipes a value as soon as it is used.
 */
#ifndef ETL_ROTATE_VALUE_ROOM_H
#define ETL_ROTATE_VALUE_ROOM_H

#include "secret/seal.h"

enum { VALUE_ROOM_MAX = 160 << 20 };

typedef struct {
    uint8_t *sealed, *clear;
    size_t size; /* of each */
    span value;  /* that was opened last, in clear */
} value_room;

/* Room for a value of which the database gives so many letters; a first call makes the room. What lies in it goes. */
MUST_CHECK bool value_room_make(value_room *r, size_t letters, failure *f);
void value_room_free(value_room *r); /* wipes */

/* Opens a sealed value, text as the database gives it, into r->value. False: why it does not open. */
MUST_CHECK bool value_room_open(value_room *r, const keyring *ring, const seal_place *place, const char *text,
                                failure *why);
void value_room_wipe(value_room *r); /* the value that was opened */

#endif
