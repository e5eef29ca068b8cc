/*
 * civil_truth.h - what the simulated registers (births, SIMs, wallets, voters, lists) know about a person: a function
 * of the seed, the person and the number asked about. The servers and the list of expected verdicts both ask here, each
 * having found the person in its own way.
 *
 * An answer is written field=value, the field that decides in the system's message: see sql/reference.
 */
#ifndef SIM_CIVIL_TRUTH_H
#define SIM_CIVIL_TRUTH_H

#include "record.h"

enum { NO_PERSON = -1 };

/* Systems that are asked, in the order of their names' table; those from LISTS on share one shape. */
typedef enum {
    CIVIL_BDRIS,
    CIVIL_BTRC,
    CIVIL_BKASH,
    CIVIL_NAGAD,
    CIVIL_ROCKET,
    CIVIL_EC,
    CIVIL_LISTS,
    CIVIL_COUNT = CIVIL_LISTS + 7
} civil_system;

const char *civil_name(civil_system system);

/* person: -1, or whom the identifier belongs to; date_right: the birth date told is the person's. */
typedef struct {
    int64_t person;
    int birth_year;
    bool date_right;
} civil_claim;

const char *truth_birth(const world *w, const civil_claim *claim);
const char *truth_voter(const world *w, const civil_claim *claim);
const char *truth_list(const world *w, civil_system list, const civil_claim *claim);

/* owner: whose number it is, -1: nobody's. */
const char *truth_sim(const world *w, const char *number, int64_t owner, int64_t asked);
const char *truth_wallet(const world *w, civil_system provider, const char *number,
                         const int64_t owner_person[2]);

/* The answer to be expected for a record, NULL when the system is not asked about it. */
const char *truth_expected(const world *w, civil_system system, const record *r);

#endif
