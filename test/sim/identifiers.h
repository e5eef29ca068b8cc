/*
 * identifiers.h - numbers that identify the simulated people: well-formed, unique where the real ones are, nobody's.
 *
 * NIDs of 10 digits pass the (inferred) Luhn check and break the allocation rule of the Election Commission: a leading
 * zero, or a digit three times running; so none is a real person's. Those of 13 and 17 digits and BRNs carry the real
 * code of the place and a serial number of ours. Every function writes ASCII digits and a NUL.
 */
#ifndef SIM_IDENTIFIERS_H
#define SIM_IDENTIFIERS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PERSONS_MAX = 30000000,
    MOBILE_SLOTS = 22,       /* of one person, see identifier_mobile */
    MOBILE_SLOT_FAMILY = 6,  /* 6 and 7: shared by the family when the person is its first member */
    MOBILE_SLOT_CHANGED = 8, /* 8 to 21: numbers that came later */
    SERIALS_OF_A_PLACE = 1000000,
    SECOND_SERIALS = 333333 /* offset of second birth registrations */
};

/* Where and as which running number of that place a person is registered. */
typedef struct {
    uint64_t seed;
    uint32_t place_code; /* 8-digit P-code */
    int rmo;
    uint32_t serial; /* below SECOND_SERIALS */
    int birth_year;
} registration;

void identifier_nid10(uint64_t seed, uint64_t person, char out[11]);
void identifier_nid13(const registration *r, char out[14]);
void identifier_nid17(const registration *r, char out[18]);
/* `second`: of people registered twice. Returns whether an older 16-digit form of it can exist. */
bool identifier_brn17(const registration *r, bool second, char out[18]);
/* The 16 digits that become this BRN by a 0 before the last five. */
void identifier_brn16(const char brn17[18], char out[17]);

/* 01XXXXXXXXX; different for every person and slot. */
void identifier_mobile(uint64_t seed, uint64_t person, unsigned slot, char out[12]);
/* 13 digits, different for every person and slot, and the routing number of the branch that keeps it. */
void identifier_account(uint64_t seed, uint64_t person, unsigned slot, char out[14]);
void identifier_routing(uint64_t seed, uint32_t place_code, unsigned branch, char out[10]);
/* A wallet number is a mobile number; Rocket writes a twelfth digit. */
void identifier_rocket(const char mobile[12], char out[13]);

int luhn_digit(const char *digits, int count); /* what has to follow these digits */

#endif
