/*
 * name_list.c - full names of people who do not exist, one a line, for the bench: the simulated ministries' tokens with
 * their frequencies, three in five in Bengali letters, half of them women, one in three spelt in an unusual way.
 * usage: name_list COUNT SEED          names, the same for the same arguments
 *        name_list COUNT SEED EVERY    the names of one person in so many of such a list, written anew: spelt in
 *                                      another way, every other one in the other script
 */
#include <stdio.h>
#include <stdlib.h>

#include "names.h"
#include "rng.h"

typedef struct {
    full_name name;
    script in;
    uint32_t way;
} written;

/* The person of a number, and how this person's name is usually written. */
static written person(uint64_t seed, uint64_t number)
{
    rng r = rng_for(seed, DRAW_PERSON, number);
    uint32_t faith_of = rng_below(&r, 1000);
    name_owner owner = {
        .family = number / 4,
        .member = (uint32_t)(number % 4),
        .sex = rng_chance(&r, 500) ? SEX_FEMALE : SEX_MALE,
        .faith = faith_of < 905   ? FAITH_MUSLIM
                 : faith_of < 990 ? FAITH_HINDU
                                  : FAITH_OTHER,
        .old = rng_chance(&r, 400),
    };

    return (written){
        .name = name_of(seed, &owner),
        .in = rng_chance(&r, 600) ? SCRIPT_BENGALI : SCRIPT_LATIN,
        .way = rng_chance(&r, 333) ? 1 + rng_below(&r, 5) : 0,
    };
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    uint64_t every = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    char text[NAME_TEXT];

    if (count == 0) {
        fputs("usage: name_list COUNT SEED [EVERY]\n", stderr);
        return 2;
    }
    for (uint64_t i = 0; i < count; i++) {
        written w = person(seed, every > 0 ? i * every + every / 2 : i);

        if (every > 0) {
            w.in = i % 2 == 0 ? w.in : w.in == SCRIPT_BENGALI ? SCRIPT_LATIN : SCRIPT_BENGALI;
            w.way += 6;
        }
        name_write(&w.name, w.in, w.way, text);
        puts(text);
    }
    return 0;
}
