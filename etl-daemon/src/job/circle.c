/* circle.c - see circle.h. */
#include "job/circle.h"

#include <stdio.h>

const char *circle_closed(circle *c, const uint8_t page[SHA256_BYTES], const char *cursor)
{
    if (c->power > 0 && *cursor && strcmp(cursor, c->cursor) == 0)
        return "the listing goes in a circle: the source's next position is one that it gave before";
    if (c->power > 0 && memcmp(page, c->page, SHA256_BYTES) == 0)
        return "the listing does not move: the source gives a page again, to the byte, at another position";
    if (++c->lap < c->power)
        return NULL;
    c->power = c->power > 0 ? 2 * c->power : 1;
    c->lap = 0;
    memcpy(c->page, page, SHA256_BYTES);
    (void)snprintf(c->cursor, sizeof c->cursor, "%s", cursor);
    return NULL;
}
