/*
 * id_set.c - a hash table without a hash: a row's uuid is cut from a SHA-256 and so is spread already.
 */
#include "job/id_set.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

void id_set_init(id_set *set)
{
    *set = (id_set){0};
}

void id_set_free(id_set *set)
{
    free(set->slot);
    *set = (id_set){0};
}

void id_set_clear(id_set *set)
{
    if (set->count > 0)
        memset(set->slot, 0, set->slots * sizeof *set->slot);
    set->count = 0;
}

static void read_uuid(const char *uuid, uint64_t out[2])
{
    unsigned digits = 0;
    out[0] = out[1] = 0;
    for (; *uuid && digits < 32; uuid++) {
        if (*uuid == '-')
            continue;
        unsigned value = (unsigned)(*uuid <= '9' ? *uuid - '0' : (*uuid | 32) - 'a' + 10) & 15;
        out[digits / 16] = out[digits / 16] << 4 | value;
        digits++;
    }
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t find(uint64_t (*slot)[2], size_t slots, const uint64_t key[2])
{
    size_t at = (size_t)(key[0] >> 16) & (slots - 1); /* below lies the version digit */
    while ((slot[at][0] | slot[at][1]) != 0 && (slot[at][0] != key[0] || slot[at][1] != key[1]))
        at = (at + 1) & (slots - 1);
    return at;
}

static bool grow(id_set *set)
{
    size_t slots = set->slots ? 2 * set->slots : FIRST_SLOTS;
    uint64_t(*slot)[2] = calloc(slots, sizeof *slot);
    if (!slot)
        return false;
    for (size_t i = 0; i < set->slots; i++)
        if ((set->slot[i][0] | set->slot[i][1]) != 0)
            memcpy(slot[find(slot, slots, set->slot[i])], set->slot[i], sizeof *slot);
    free(set->slot);
    set->slot = slot;
    set->slots = slots;
    return true;
}

id_answer id_set_add(id_set *set, const char *uuid)
{
    uint64_t key[2];
    read_uuid(uuid, key);
    if (set->count >= ID_SET_MAX || (2 * set->count >= set->slots && !grow(set)))
        return ID_NO_ROOM;
    size_t at = find(set->slot, set->slots, key);
    if ((set->slot[at][0] | set->slot[at][1]) != 0)
        return ID_SEEN;
    memcpy(set->slot[at], key, sizeof key);
    set->count++;
    return ID_NEW;
}
