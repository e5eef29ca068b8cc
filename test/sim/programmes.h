/*
 * programmes.h - the systems and programmes of the simulation and who may draw what.
 */
#ifndef SIM_PROGRAMMES_H
#define SIM_PROGRAMMES_H

#include <stdbool.h>
#include <stdint.h>

#include "names.h"
#include "rng.h"

typedef enum {
#define X(NAME, name, scripts, nid, brn, wallet, account, listed, twice) MIS_##NAME,
#include "mis.def"
#undef X
    MIS_COUNT
} mis_id;

typedef enum {
#define X(CODE, mis, taka, cash) PROGRAMME_##CODE,
#include "programme.def"
#undef X
    PROGRAMME_COUNT
} programme_id;

typedef struct {
    const char *name;
    bool bengali, latin, nid, brn, wallet, account, listed, twice;
} mis_habits;

const mis_habits *mis_habits_of(mis_id mis);
const char *programme_code(programme_id p);
mis_id programme_mis(programme_id p);
int programme_taka(programme_id p);
bool programme_cash(programme_id p);

/* What decides about a person's programmes. */
typedef struct {
    int age;
    sex sex;
    bool widow, mother, disabled, student;
    bool fighter, pensioner, bede, tea, garment; /* of the family */
    bool coast;
} circumstances;

enum { ENROLMENTS_MAX = 6 };

/* Draws up to ENROLMENTS_MAX different programmes, the main one first; returns how many. */
unsigned programmes_draw(rng *r, const circumstances *c, programme_id out[ENROLMENTS_MAX]);

#endif
