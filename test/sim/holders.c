/*
 * holders.c - see holders.h: a sorted array of hashes.
 */
#include "holders.h"

#include <stdlib.h>
#include <string.h>

#include "kin.h"
#include "overlaps.h"

typedef struct {
    uint64_t key;
    uint64_t person;
} held;

struct holders {
    const world *w;
    held *item;
    size_t count, room;
    bool failed;
};

static uint64_t key_of(held_kind kind, const char *digits)
{
    uint64_t x = mix64((uint64_t)kind + 77);
    for (; *digits; digits++)
        x = mix64(x ^ (uint64_t)(unsigned char)*digits);
    return x;
}

static void add(holders *h, held_kind kind, const char *digits, uint64_t holder)
{
    if (h->count == h->room) {
        size_t room = h->room ? h->room * 2 : 4096;
        held *more = realloc(h->item, room * sizeof *more);
        if (!more) {
            h->failed = true;
            return;
        }
        h->item = more;
        h->room = room;
    }
    h->item[h->count++] = (held){key_of(kind, digits), holder};
}

static void add_number(holders *h, mobile_ref number)
{
    char text[12];
    identifier_mobile(h->w->seed, number.owner, number.slot, text);
    add(h, HELD_NUMBER, text, number.owner);
}

static void add_person(holders *h, const block *b, unsigned position)
{
    uint64_t number = person_number(b, position);
    registration reg = person_registration(h->w, b, position);
    showing_plan plan;
    char text[18];
    identifier_nid10(h->w->seed, number, text);
    add(h, HELD_NID, text, number);
    identifier_nid13(&reg, text);
    add(h, HELD_NID, text, number);
    for (int second = 0; second < 2; second++) {
        (void)identifier_brn17(&reg, second == 1, text);
        add(h, HELD_BRN, text, number);
    }
    overlaps_plan(h->w, b, position, &plan);
    for (unsigned k = 0; k < plan.count; k++) {
        add_number(h, plan.e[k].mobile);
        add_number(h, plan.e[k].wallet);
    }
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = ((const held *)a)->key, y = ((const held *)b)->key;
    return x < y ? -1 : x > y;
}

holders *holders_new(const world *w)
{
    holders *h = calloc(1, sizeof *h);
    block b;
    if (!h)
        return NULL;
    h->w = w;
    for (uint64_t n = 0; n * BLOCK_PEOPLE < w->persons && !h->failed; n++) {
        block_make(w, n, &b);
        for (unsigned i = 0; i < BLOCK_PEOPLE && person_number(&b, i) < w->persons; i++)
            add_person(h, &b, i);
    }
    if (h->failed) {
        holders_free(h);
        return NULL;
    }
    qsort(h->item, h->count, sizeof *h->item, by_key);
    return h;
}

void holders_free(holders *h)
{
    if (!h)
        return;
    free(h->item);
    free(h);
}

int64_t holders_find(const holders *h, held_kind kind, const char *digits)
{
    size_t n = strlen(digits);
    held wanted = {key_of(kind, kind == HELD_NID && n == 17 ? digits + 4 : digits), 0};
    const held *found = bsearch(&wanted, h->item, h->count, sizeof *h->item, by_key);
    return found ? (int64_t)found->person : -1;
}

birth_date holders_birth(const holders *h, int64_t holder)
{
    block b;
    showing_plan plan;
    unsigned position = (unsigned)((uint64_t)holder % BLOCK_PEOPLE);
    block_make(h->w, (uint64_t)holder / BLOCK_PEOPLE, &b);
    overlaps_plan(h->w, &b, position, &plan);
    return person_birth(h->w, &b, position, plan.swappable);
}
