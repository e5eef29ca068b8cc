/*
 * identify.h - a record's identifiers, read by extension/core and nowhere else. Promises canonical ASCII
 * digits in the row, and the subjects of the tokens; refuses to mend: what the core does not read is a
 * reason, with the core's own words for the rule.
 */
#ifndef ETL_VALIDATE_IDENTIFY_H
#define ETL_VALIDATE_IDENTIFY_H

#include "validate/judge.h"

/*
 * birth_year: of the record's birth date, 0 when that could not be read; it is held against the NID's and the
 * BRN's.
 */
void identify(const judge *j, int birth_year);

#endif
