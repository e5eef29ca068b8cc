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
                     span *clear, failure *why)
{
    size_t size = hex_read_bytea(text, r->sealed, r->size);
    opened_value value = {r->clear, r->size, 0};
    bool opened = open_value(ring, place, (span){(const char *)r->sealed, size}, &value, why);
    *clear = (span){(const char *)r->clear, value.size};
    return opened;
}
