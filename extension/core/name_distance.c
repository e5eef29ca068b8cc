/*
 * name_distance.c - the recurrence of Wagner and Fischer over name_likeness.def, left as soon as no path can stay
 * within the cost that the floor allows.
 */
#include "name_distance.h"

#include "name.h"
#include "name_phone.h"

static const uint8_t LIKENESS[PHONE_COUNT][PHONE_COUNT] = {
#define X(name, letter, class, weight, cost) [PHONE_##name][PHONE_##name] = 100,
#include "name_phone.def"
#undef X
#define X(one, other, cost)                                                                                  \
    [PHONE_##one][PHONE_##other] = 100 - (cost), [PHONE_##other][PHONE_##one] = 100 - (cost),
#include "name_likeness.def"
#undef X
};

static const uint8_t WEIGHT[PHONE_COUNT] = {
#define X(name, letter, class, weight, cost) [PHONE_##name] = weight,
#include "name_phone.def"
#undef X
};

static const uint8_t LOSE[PHONE_COUNT] = {
#define X(name, letter, class, weight, cost) [PHONE_##name] = cost,
#include "name_phone.def"
#undef X
};

/* In hundredths: how much dearer the first sound is when only one of the words has it. */
static const unsigned FIRST = 150;

unsigned ekok_sounds_weight(ekok_sounds run)
{
    unsigned sum = 0;

    for (size_t i = 0; i < run.n; i++) {
        sum += WEIGHT[run.p[i]];
    }
    return sum;
}

unsigned ekok_sound_change(uint8_t from, uint8_t to)
{
    return 100u - LIKENESS[from][to];
}

unsigned ekok_sound_loss(uint8_t phone, bool first)
{
    return LOSE[phone] * (first ? FIRST : 100u) / 100;
}

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

/* The distance, or anything above limit once it must be above. */
static unsigned distance(ekok_sounds a, ekok_sounds b, unsigned limit)
{
    unsigned row[EKOK_NAME_WHOLE_MAX + 1];

    row[0] = 0;
    for (size_t j = 0; j < b.n; j++) {
        row[j + 1] = row[j] + LOSE[b.p[j]] * (j == 0 ? FIRST : 100u) / 100;
    }
    for (size_t i = 0; i < a.n; i++) {
        const uint8_t *like = LIKENESS[a.p[i]];
        unsigned lose = LOSE[a.p[i]];
        unsigned diagonal = row[0];
        unsigned least = row[0] += lose * (i == 0 ? FIRST : 100u) / 100;

        for (size_t j = 0; j < b.n; j++) {
            unsigned change = 100u - like[b.p[j]];
            unsigned here;

            if (i == 0 && j == 0 && change >= 55) { /* a name's first sound is the surest */
                change += change / 5;
            }
            here = smallest(diagonal + change, row[j + 1] + lose, row[j] + LOSE[b.p[j]]);
            diagonal = row[j + 1];
            row[j + 1] = here;
            least = here < least ? here : least;
        }
        if (least > limit) {
            return least;
        }
    }
    return row[b.n];
}

uint16_t ekok_sounds_similarity(ekok_sounds a, ekok_sounds b, unsigned floor)
{
    unsigned of_a = ekok_sounds_weight(a), of_b = ekok_sounds_weight(b);
    unsigned heavier = of_a > of_b ? of_a : of_b, lighter = of_a > of_b ? of_b : of_a;
    unsigned limit = (10000 - floor) * heavier / 10000;

    if (lighter == 0 || heavier - lighter > limit + limit / 2) {
        return 0;
    }
    unsigned cost = distance(a, b, limit);
    return cost > limit ? 0 : (uint16_t)(10000 - cost * 10000 / heavier);
}
