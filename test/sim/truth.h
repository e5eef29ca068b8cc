/*
 * truth.h - what the evaluation may know and the product may not: who is who among the served records.
 */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include <stdio.h>

#include "ranks.h"

/*
 * A heading and one line per served record, tab-separated: source, record_id, person, programme, household, defect,
 * overlap, twin_of, namesake_of. A record that is served twice has a second line with the defect `duplicate` and no
 * overlap. twin_of and namesake_of stand with the later one of the two. False when writing fails.
 */
bool truth_write(const world *w, FILE *out);

/* The same counted: a small table. */
bool census_write(const world *w, FILE *out);

#endif
