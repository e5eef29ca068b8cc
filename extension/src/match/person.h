/*
 * person.h - SQL values of type ekok.person and of levels, as the core compares them. A call site remembers
 * the last person of either argument, so that one person held against many is read once.
 */
#ifndef EKOK_MATCH_PERSON_H
#define EKOK_MATCH_PERSON_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/array.h"

#include "match.h"
#include "type/weights.h"

/* A person and what it points to. */
typedef struct {
    ekok_person person;
    ekok_name name[2], father, mother, place;
    ekok_held held[EKOK_HELD_MAX];
} ekok_person_room;

/* Fills room from a value of type ekok.person. */
void ekok_person_read(Datum value, ekok_person_room *room);

/* Argument n (0 or 1), valid until the next call at this site; must not be NULL. */
const ekok_person *ekok_person_argument(FunctionCallInfo fcinfo, int n);

/* Levels as ekok.match_levels gives them: 0 for missing, else from 1 on within each field. */
ekok_levels ekok_levels_from(const int16 given[EKOK_FIELDS]);
Datum ekok_levels_array(const ekok_levels *levels);

/* Argument n, one pair's levels. */
ekok_levels ekok_levels_argument(FunctionCallInfo fcinfo, int n);

#endif
