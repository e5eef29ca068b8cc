/*
 * value_room.c - see value_room.h.
 */
#include "rotate/value_room.h"

#include <stdlib.h>

#include "base/hex.h"

enum { SMALLEST_ROOM = 64 << 10 };

bool value_room_make(value_room *r, size_t letters, failure *f)
{
    size_t wanted = letters / 2 > SMALLEST_ROOM ? letters / 2 : SMALLEST_ROOM;
    if (r->clear && wanted <= r->size)
        return true;
    value_room_free(r);
    r->size = wanted;
    r->sealed = wanted <= VALUE_ROOM_MAX ? malloc(wanted) : NULL;
    r->clear = r->sealed ? malloc(wanted) : NULL;
    return r->clear || fail(f, EXIT_INTERNAL, "no memory for a value of %zu bytes", wanted);
}

void value_room_free(value_room *r)
{
    if (r->clear)
        wipe(r->clear, r->size);
    free(r->clear);
    free(r->sealed);
    *r = (value_room){.size = 0};
}

bool value_room_open(value_room *r, const keyring *ring, const seal_place *place, const char *text,
                     failure *why)
{
    size_t size = hex_read_bytea(text, r->sealed, r->size);
    opened_value opened = {r->clear, r->size, 0};
    bool good = open_value(ring, place, (span){(const char *)r->sealed, size}, &opened, why);
    r->value = (span){(const char *)r->clear, opened.size};
    return good;
}

void value_room_wipe(value_room *r)
{
    wipe(r->clear, r->value.n);
    r->value.n = 0;
}
