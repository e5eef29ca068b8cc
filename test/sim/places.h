/*
 * places.h - where people live: 5 160 real unions, municipalities and city wards, weighted by the census of 2011.
 *
 * Neighbourhoods of 64 people (blocks) are dealt to unions from a shuffled table of slots, so that any block's union,
 * and its running number inside that union, are known without looking at the others: serial numbers never collide.
 */
#ifndef SIM_PLACES_H
#define SIM_PLACES_H

#include <stdbool.h>
#include <stdint.h>

enum { PLACE_SLOTS = 16384, PLACES_MAX = 6000 };

typedef struct {
    const char *code, *en, *bn; /* division: 2 digits, district: 4, upazila: 6 */
} place_name;

typedef struct {
    uint64_t seed;
    uint16_t slot_place[PLACE_SLOTS]; /* union of each slot */
    uint16_t first_slot[PLACES_MAX + 1];
} places;

typedef struct {
    uint16_t place;   /* union, for the functions below */
    uint32_t ordinal; /* how many blocks were dealt to this union before */
} spot;

void places_init(places *p, uint64_t seed);
spot places_of_block(const places *p, uint64_t block);

uint32_t place_code(uint16_t place); /* 8-digit P-code */
int place_rmo(uint16_t place);
place_name place_upazila(uint16_t place);
place_name place_district(uint16_t place);
place_name place_division(uint16_t place);

#endif
