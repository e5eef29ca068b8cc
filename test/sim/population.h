/*
 * population.h - the people: person i is a function of (seed, i) alone, whatever the size of the population.
 *
 * People come in blocks of 64 neighbours of one union, a block is cut into families. A family has members that stand
 * in the population, and relatives that are known by name only. Nothing is kept: a block is made when it is wanted.
 */
#ifndef SIM_POPULATION_H
#define SIM_POPULATION_H

#include "identifiers.h"
#include "names.h"
#include "places.h"
#include "programmes.h"

enum { BLOCK_PEOPLE = 64, REFERENCE_YEAR = 2024, NOBODY = 255 };

/* Places in a family; the first five can be members, the others are parents known by name. */
typedef enum {
    KIN_HEAD,
    KIN_WIFE,
    KIN_GRANDFATHER,
    KIN_GRANDMOTHER,
    KIN_WIFE_FATHER,
    KIN_WIFE_MOTHER,
    KIN_ELDER_FATHER,
    KIN_ELDER_MOTHER,
    KIN_OTHER_FATHER,
    KIN_OTHER_MOTHER,
    KIN_CHILD /* KIN_CHILD + n: the n-th child */
} kin;

typedef struct {
    uint8_t first; /* position of the family's first member in the block */
    uint8_t kin;
    uint8_t sex, faith;
    uint8_t twin; /* position of the twin born before, or NOBODY */
    uint8_t programmes;
    uint8_t programme[ENROLMENTS_MAX];
    int16_t birth_year;
    bool disabled, married;
    bool old_wife; /* the family's wife is of the older generation */
} person;

typedef struct {
    uint64_t number;
    spot at;
    person p[BLOCK_PEOPLE];
} block;

/* What everything is computed from. */
typedef struct {
    uint64_t seed;
    uint64_t persons;
    uint32_t defects_per_million;
    uint32_t epoch;
    places places;
} world;

void world_init(world *w, uint64_t seed, uint64_t persons);

void block_make(const world *w, uint64_t number, block *out);

static inline uint64_t person_number(const block *b, unsigned position)
{
    return b->number * BLOCK_PEOPLE + position;
}

static inline uint64_t family_number(const block *b, unsigned position)
{
    return b->number * BLOCK_PEOPLE + b->p[position].first;
}

typedef struct {
    int year, month, day;
} birth_date;

/* Heaped as in real lists: every third adult is born on 1 January. `swappable`: day and month can change places. */
birth_date person_birth(const world *w, const block *b, unsigned position, bool swappable);

#endif
