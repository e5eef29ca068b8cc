/*
 * nest.c - open brackets as a stack of bits. Promises constant time and no allocation after nest_init.
 */
#include "decode/nest.h"

#include <stdlib.h>

bool nest_init(nest *n, size_t room)
{
    *n = (nest){.bits = calloc(room / 8 + 1, 1), .depth = 0, .room = room};
    return n->bits != NULL;
}

void nest_free(nest *n)
{
    free(n->bits);
    *n = (nest){0};
}

bool nest_open(nest *n, char bracket)
{
    if (n->depth >= n->room) {
        return false;
    }
    uint8_t *byte = &n->bits[n->depth / 8];
    uint8_t bit = (uint8_t)(1U << (n->depth % 8));
    *byte = (uint8_t)(bracket == '{' ? *byte | bit : *byte & ~bit);
    n->depth++;
    return true;
}

bool nest_close(nest *n, char bracket)
{
    if (n->depth == 0 || nest_in_object(n) != (bracket == '}')) {
        return false;
    }
    n->depth--;
    return true;
}
