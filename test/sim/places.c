/*
 * places.c - see places.h. The rows come from data (districts, upazilas, unions as CSV), made into C by the Makefile.
 */
#include "places.h"

#include <stdlib.h>

#include "permute.h"
#include "rng.h"

typedef struct {
    uint32_t code;
    uint8_t rmo;
} union_row;

typedef struct {
    const char *code;
    uint32_t number, thousands;
    const char *en, *bn;
} upazila_row;

static const place_name district_rows[] = {
#include "districts.inc"
};
static const upazila_row upazila_rows[] = {
#include "upazilas.inc"
};
static const union_row union_rows[] = {
#include "unions.inc"
};
enum {
    DISTRICTS = sizeof district_rows / sizeof district_rows[0],
    UPAZILAS = sizeof upazila_rows / sizeof upazila_rows[0],
    UNIONS = sizeof union_rows / sizeof union_rows[0]
};
_Static_assert((int)UNIONS <= (int)PLACES_MAX, "PLACES_MAX is too small");

static size_t upazila_of(uint16_t place)
{
    uint32_t wanted = union_rows[place].code / 100;
    size_t low = 0, high = UPAZILAS;
    while (low + 1 < high) {
        size_t middle = (low + high) / 2;
        if (upazila_rows[middle].number <= wanted)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void count_unions(uint32_t unions[])
{
    for (uint16_t u = 0; u < UNIONS; u++)
        unions[upazila_of(u)]++;
}

/* Every union has a slot; the others go by people, an upazila's evenly among its unions. */
void places_init(places *p, uint64_t seed)
{
    uint32_t unions[UPAZILAS] = {0};
    double total = 0, sum = 0;
    p->seed = seed;
    count_unions(unions);
    for (uint16_t u = 0; u < UNIONS; u++)
        total += (double)upazila_rows[upazila_of(u)].thousands / unions[upazila_of(u)];
    for (uint16_t u = 0; u < UNIONS; u++) {
        p->first_slot[u] = (uint16_t)(u + (PLACE_SLOTS - UNIONS) * (sum / total));
        sum += (double)upazila_rows[upazila_of(u)].thousands / unions[upazila_of(u)];
    }
    p->first_slot[UNIONS] = PLACE_SLOTS;
    for (uint16_t u = 0; u < UNIONS; u++)
        for (uint16_t slot = p->first_slot[u]; slot < p->first_slot[u + 1]; slot++)
            p->slot_place[slot] = u;
}

spot places_of_block(const places *p, uint64_t block)
{
    uint64_t key = draw(p->seed, DRAW_SLOT, 0);
    uint64_t slot = permute(key, PLACE_SLOTS, block % PLACE_SLOTS);
    uint16_t u = p->slot_place[slot];
    uint64_t weight = (uint64_t)(p->first_slot[u + 1] - p->first_slot[u]);
    uint64_t ordinal = block / PLACE_SLOTS * weight + slot - p->first_slot[u];
    return (spot){u, (uint32_t)ordinal};
}

uint32_t place_code(uint16_t place)
{
    return union_rows[place].code;
}

int place_rmo(uint16_t place)
{
    return union_rows[place].rmo;
}

place_name place_upazila(uint16_t place)
{
    const upazila_row *row = &upazila_rows[upazila_of(place)];
    return (place_name){row->code, row->en, row->bn};
}

static place_name find(uint32_t code)
{
    for (size_t i = 0; i < DISTRICTS; i++)
        if (strtoul(district_rows[i].code, NULL, 10) == code)
            return district_rows[i];
    abort(); /* the tables contradict each other */
}

place_name place_district(uint16_t place)
{
    return find(union_rows[place].code / 10000);
}

place_name place_division(uint16_t place)
{
    return find(union_rows[place].code / 1000000);
}
