/*
 * population.c - see population.h: blocks, families and who in them is enrolled in what.
 */
#include "population.h"

#include <string.h>

enum { CHILDREN_MAX = 5 };

typedef struct {
    rng r;
    unsigned first;
    faith faith;
    int head_age, wife_age, elder_man_age, elder_woman_age;
    bool head_dead, elder_man_dead, elders_only, old_couple;
    circumstances shared; /* the family's part */
    unsigned children;    /* members so far */
} family;

void world_init(world *w, uint64_t seed, uint64_t persons)
{
    memset(w, 0, sizeof *w);
    w->seed = seed;
    w->persons = persons;
    places_init(&w->places, seed);
}

/* Chittagong Hill Tracts: 03 Bandarban, 46 Khagrachhari, 84 Rangamati. */
static faith faith_of(rng *r, uint32_t district)
{
    uint32_t x = rng_below(r, 1000);
    if (district == 3 || district == 46 || district == 84)
        return x < 480 ? FAITH_OTHER : x < 560 ? FAITH_HINDU : FAITH_MUSLIM;
    return x < 85 ? FAITH_HINDU : x < 91 ? FAITH_OTHER : FAITH_MUSLIM;
}

static bool among(uint32_t district, const uint8_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == district)
            return true;
    return false;
}

static void family_begin(const world *w, const block *b, unsigned first, family *f)
{
    static const uint8_t coast[] = {1, 4, 9, 22, 47, 51, 75, 78, 79, 87}, gardens[] = {36, 58, 90};
    uint32_t district = place_code(b->at.place) / 10000 % 100;
    memset(f, 0, sizeof *f);
    f->r = rng_for(w->seed, DRAW_HOUSEHOLD, b->number * BLOCK_PEOPLE + first);
    f->first = first;
    f->faith = faith_of(&f->r, district);
    f->old_couple = rng_chance(&f->r, 230);
    f->head_age = f->old_couple ? 62 + (int)rng_below(&f->r, 24)
                                : 24 + (int)rng_below(&f->r, 18) + (int)rng_below(&f->r, 18);
    f->wife_age = f->head_age - 2 - (int)rng_below(&f->r, 9);
    f->wife_age = f->wife_age < 18 ? 18 : f->wife_age;
    f->elder_woman_age = f->head_age + 17 + (int)rng_below(&f->r, 14);
    f->elder_man_age = f->elder_woman_age + 2 + (int)rng_below(&f->r, 8);
    f->head_dead = rng_chance(&f->r, f->old_couple ? 350 : 60);
    f->elder_man_dead = rng_chance(&f->r, 550);
    f->shared.fighter = rng_chance(&f->r, 14);
    f->shared.pensioner = rng_chance(&f->r, 45);
    f->shared.bede = rng_chance(&f->r, 12);
    f->shared.tea = rng_chance(&f->r, 400) && among(district, gardens, sizeof gardens);
    f->shared.garment = rng_chance(&f->r, 25);
    f->shared.coast = among(district, coast, sizeof coast);
}

typedef struct {
    kin kin;
    sex sex;
    int age;
    bool married, widow, mother, student;
    unsigned twin;
} candidate;

static void enrol(const world *w, block *b, unsigned position, const family *f, const candidate *c)
{
    person *p = &b->p[position];
    rng r = rng_for(w->seed, DRAW_PERSON, b->number * BLOCK_PEOPLE + position);
    programme_id drawn[ENROLMENTS_MAX];
    circumstances all = f->shared;
    all.age = c->age;
    all.sex = c->sex;
    all.widow = c->widow;
    all.mother = c->mother;
    all.student = c->student;
    all.disabled = rng_chance(&r, c->age >= 60 ? 110 : 75);
    *p = (person){.first = (uint8_t)f->first,
                  .kin = (uint8_t)c->kin,
                  .sex = (uint8_t)c->sex,
                  .faith = (uint8_t)f->faith,
                  .twin = (uint8_t)c->twin,
                  .birth_year = (int16_t)(REFERENCE_YEAR - c->age),
                  .disabled = all.disabled,
                  .married = c->married,
                  .old_wife = f->wife_age >= 50};
    p->programmes = (uint8_t)programmes_draw(&r, &all, drawn);
    for (unsigned i = 0; i < p->programmes; i++)
        p->programme[i] = (uint8_t)drawn[i];
}

static void put_wife(const world *w, block *b, unsigned at, family *f)
{
    bool small_child = !f->old_couple && f->wife_age <= 40 && rng_chance(&f->r, 650);
    candidate c = {KIN_WIFE, SEX_FEMALE, f->wife_age, true, f->head_dead, small_child, false, NOBODY};
    enrol(w, b, at, f, &c);
}

static unsigned put_adults(const world *w, block *b, unsigned at, family *f)
{
    unsigned end = BLOCK_PEOPLE;
    if (at < end && !f->old_couple && f->elder_woman_age >= 58 && f->elder_woman_age <= 97 &&
        rng_chance(&f->r, 330)) {
        candidate c = {KIN_GRANDMOTHER, SEX_FEMALE, f->elder_woman_age, true, f->elder_man_dead, false,
                       false,           NOBODY};
        enrol(w, b, at++, f, &c);
    }
    if (at < end && !f->old_couple && !f->elder_man_dead && f->elder_man_age >= 62 &&
        f->elder_man_age <= 97 && rng_chance(&f->r, 400)) {
        candidate c = {KIN_GRANDFATHER, SEX_MALE, f->elder_man_age, true, false, false, false, NOBODY};
        enrol(w, b, at++, f, &c);
    }
    if (at < end && !f->head_dead && rng_chance(&f->r, f->old_couple ? 700 : 60)) {
        candidate c = {KIN_HEAD, SEX_MALE, f->head_age, true, false, false, false, NOBODY};
        enrol(w, b, at++, f, &c);
    }
    if (at < end && rng_chance(&f->r, f->old_couple || f->head_dead ? 900 : 240))
        put_wife(w, b, at++, f);
    return at;
}

static unsigned put_children(const world *w, block *b, unsigned at, family *f)
{
    unsigned wanted = f->old_couple ? 0 : rng_below(&f->r, 4);
    for (unsigned n = 0; n < wanted && at < BLOCK_PEOPLE && f->children < CHILDREN_MAX; n++) {
        int age = f->wife_age - 17 - (int)rng_below(&f->r, 16);
        candidate c = {(kin)(KIN_CHILD + f->children), SEX_MALE, age, false, false, false, true, NOBODY};
        bool twins = rng_chance(&f->r, 15), girl = rng_chance(&f->r, 540);
        if (age < 5 || age > 23)
            continue;
        c.sex = girl ? SEX_FEMALE : SEX_MALE;
        enrol(w, b, at++, f, &c);
        f->children++;
        if (twins && at < BLOCK_PEOPLE && f->children < CHILDREN_MAX) {
            c.kin = (kin)(KIN_CHILD + f->children++);
            c.twin = at - 1;
            enrol(w, b, at++, f, &c);
        }
    }
    return at;
}

void block_make(const world *w, uint64_t number, block *out)
{
    unsigned at = 0;
    out->number = number;
    out->at = places_of_block(&w->places, number);
    while (at < BLOCK_PEOPLE) {
        family f;
        family_begin(w, out, at, &f);
        at = put_adults(w, out, at, &f);
        at = put_children(w, out, at, &f);
        if (at == f.first)
            put_wife(w, out, at++, &f);
    }
}

/* Lists made from memory: a third of the adults on 1 January, others on round days. */
static birth_date heaped(rng *r, int year)
{
    static const uint8_t round_day[] = {1, 5, 10, 12, 15, 20, 25, 31};
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    birth_date d = {year, 1, 1};
    bool adult = REFERENCE_YEAR - year >= 18;
    uint32_t x = rng_below(r, 1000);
    if (x < (adult ? 330U : 60U))
        return d;
    d.month = 1 + (int)rng_below(r, 12);
    d.day = 1 + (int)rng_below(r, days[d.month - 1]);
    if (x < (adult ? 480U : 160U)) {
        d.day = round_day[rng_below(r, sizeof round_day)];
        d.day = d.day > days[d.month - 1] ? days[d.month - 1] : d.day;
    }
    return d;
}

birth_date person_birth(const world *w, const block *b, unsigned position, bool swappable)
{
    const person *p = &b->p[position];
    unsigned whose = p->twin != NOBODY ? p->twin : position;
    rng r = rng_for(w->seed, DRAW_BIRTH, b->number * BLOCK_PEOPLE + whose);
    birth_date d = heaped(&r, p->birth_year);
    if (swappable) {
        d.month = 1 + (int)rng_below(&r, 12);
        d.day = 1 + (d.month + (int)rng_below(&r, 11)) % 12; /* 1 to 12, never the month */
    }
    return d;
}
