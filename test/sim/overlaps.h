/*
 * overlaps.h - which of a person's numbers, names and dates each of the enrolments shows, so that the records of one
 * person relate in exactly the declared ways (overlap.def).
 */
#ifndef SIM_OVERLAPS_H
#define SIM_OVERLAPS_H

#include "population.h"

typedef enum {
#define X(KIND, kind, rate, nid, brn, wallet) OVERLAP_##KIND,
#include "overlap.def"
#undef X
    OVERLAP_COUNT
} overlap_kind;

const char *overlap_name(overlap_kind kind);

typedef enum { ID_NID10, ID_NID13, ID_NID17, ID_BRN, ID_SECOND_BRN } id_form;

/* Whose mobile number: an owner and a slot of identifier_mobile. */
typedef struct {
    uint64_t owner;
    unsigned slot;
} mobile_ref;

typedef struct {
    programme_id programme;
    mis_id mis;
    overlap_kind kind;
    id_form id;
    mobile_ref mobile, wallet;
    bool pays_wallet; /* else into an account */
    bool bengali, latin;
    bool swapped; /* day and month change places */
    uint32_t way; /* of spelling, see name_write */
    unsigned nth; /* which of the person's enrolments: the account's slot */
} showing;

typedef struct {
    unsigned count;
    bool swappable; /* the person's birth date is one that can be swapped */
    showing e[ENROLMENTS_MAX];
} showing_plan;

void overlaps_plan(const world *w, const block *b, unsigned position, showing_plan *out);

#endif
