/*
 * holders.h - whose an identifier is: the simulated registers' way from a number to a person.
 * Built by one walk over the people when it is first asked for; takes 16 bytes an identifier, about 100 a person, so it
 * is for populations of up to a few million. Numbers that came after epoch 0 are unknown to it, as they would be to a
 * register that is updated by night.
 */
#ifndef SIM_HOLDERS_H
#define SIM_HOLDERS_H

#include "population.h"

typedef enum { HELD_NID, HELD_BRN, HELD_NUMBER } held_kind;

typedef struct holders holders;

holders *holders_new(const world *w); /* NULL: out of memory */
void holders_free(holders *h);

/* digits: a NID of 10, 13 or 17, a BRN of 17, a telephone number of 11 (01...). -1: nobody's. */
int64_t holders_find(const holders *h, held_kind kind, const char *digits);

/* The person's birth date as the registers have it. */
birth_date holders_birth(const holders *h, int64_t holder);

#endif
