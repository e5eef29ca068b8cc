/*
 * nest.h - the brackets that are open at one place of a JSON text, one bit each, so that `[` is never closed
 * by `}`. Promises a depth that never passes the room it was born with; refuses, by answering false, what
 * does not fit or match.
 */
#ifndef ETL_DECODE_NEST_H
#define ETL_DECODE_NEST_H

#include <stdint.h>

#include "base/span.h"

typedef struct {
    uint8_t *bits; /* 1: object, 0: array */
    size_t depth, room;
} nest;

MUST_CHECK bool nest_init(nest *n, size_t room); /* room: deepest nesting; false when out of memory */
void nest_free(nest *n);

/* bracket is '{' or '['; false when the room is used up. */
MUST_CHECK bool nest_open(nest *n, char bracket);

/* bracket is '}' or ']'; false when it does not close the innermost open one. */
MUST_CHECK bool nest_close(nest *n, char bracket);

/* Is the innermost open bracket an object's? False at depth 0. */
static inline bool nest_in_object(const nest *n)
{
    return n->depth > 0 && (n->bits[(n->depth - 1) / 8] >> ((n->depth - 1) % 8) & 1) != 0;
}

#endif
