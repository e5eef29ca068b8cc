/*
 * pairing.c - see pairing.h. Both lists are sorted and gone through together, cell by cell.
 */
#include "cli/pairing.h"

#include <stdlib.h>

static int by_cell_and_time(const void *a, const void *b)
{
    const pairing_event *x = *(pairing_event *const *)a, *y = *(pairing_event *const *)b;
    int cells = strcmp(x->cell, y->cell);
    return cells != 0 ? cells : (x->at > y->at) - (x->at < y->at);
}

/* How much alike: 3 purpose and name, 2 purpose, 1 name, 0 neither. */
static int likeness(const pairing_event *a, const pairing_event *b)
{
    return 2 * (strcmp(a->why, b->why) == 0) + (strcmp(a->who, b->who) == 0);
}

/* The readings that an opening may belong to are a stretch of the list, which moves on with time. */
static void pair_alike(pairing_event **reading, size_t readings, pairing_event **opening, size_t openings,
                       int wanted)
{
    size_t first = 0;
    for (size_t o = 0; o < openings; o++) {
        while (first < readings && reading[first]->at < opening[o]->at - PAIRING_WAIT)
            first++;
        for (size_t r = first; !opening[o]->other && r < readings; r++) {
            if (reading[r]->at > opening[o]->at + PAIRING_SKEW)
                break;
            if (!reading[r]->other && likeness(reading[r], opening[o]) == wanted) {
                reading[r]->other = opening[o];
                opening[o]->other = reading[r];
            }
        }
    }
}

static size_t of_cell(pairing_event **event, size_t events, const char *cell)
{
    size_t n = 0;
    while (n < events && strcmp(event[n]->cell, cell) == 0)
        n++;
    return n;
}

void pairing_find(pairing_event **reading, size_t readings, pairing_event **opening, size_t openings)
{
    if (readings == 0 || openings == 0)
        return;
    qsort(reading, readings, sizeof *reading, by_cell_and_time);
    qsort(opening, openings, sizeof *opening, by_cell_and_time);
    for (size_t o = 0, r = 0; o < openings;) {
        const char *cell = opening[o]->cell;
        while (r < readings && strcmp(reading[r]->cell, cell) < 0)
            r++;
        size_t more_o = of_cell(opening + o, openings - o, cell);
        size_t more_r = of_cell(reading + r, readings - r, cell);
        for (int wanted = 3; wanted >= 0; wanted--)
            pair_alike(reading + r, more_r, opening + o, more_o, wanted);
        o += more_o;
        r += more_r;
    }
}
