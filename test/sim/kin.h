/*
 * kin.h - what the simulated people are called and where they are registered: consistent within a family, so that a
 * child's mother_name is the mother's own name, and a man's father_name the grandfather's.
 */
#ifndef SIM_KIN_H
#define SIM_KIN_H

#include "population.h"

/* Position of a neighbour of another family whose name this person happens to bear, or NOBODY. */
unsigned person_namesake(const world *w, const block *b, unsigned position);

full_name person_name(const world *w, const block *b, unsigned position);
full_name person_father(const world *w, const block *b, unsigned position);
full_name person_mother(const world *w, const block *b, unsigned position);
/* False when there is no spouse to name. */
bool person_spouse(const world *w, const block *b, unsigned position, full_name *out);

registration person_registration(const world *w, const block *b, unsigned position);

#endif
