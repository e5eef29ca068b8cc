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

/*
 * The records themselves, in the clear and undamaged, each with its truth: what a ministry's own table would hold, for
 * tests and benchmarks without the servers. A heading and one line per record, tab-separated: id (system and record),
 * programme, name_bn, name_en, father, mother, birth_date, sex, place, nid, brn, mobile, wallet, account, routing, then
 * person, overlap, twin_of, namesake_of.
 */
bool records_write(const world *w, FILE *out);

/*
 * What the registers must answer: a heading and a line for each undamaged record and each system that is asked about
 * it, tab-separated: source, record_id, system, answer (field=value).
 */
bool verdicts_write(const world *w, FILE *out);

/* The same counted: a small table. */
bool census_write(const world *w, FILE *out);

#endif
