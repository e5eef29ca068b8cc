/*
 * sight_print.h - who saw whom, on a screen of 80 columns or as JSON. Prints cells and purposes, never a value.
 */
#ifndef ETL_CLI_SIGHT_PRINT_H
#define ETL_CLI_SIGHT_PRINT_H

#include "cli/sight.h"

MUST_CHECK bool sight_print(const sight *s, failure *f);

/* One object: subject, agent_trace (null when none was given), readings, looked_for, openings_without_reading. */
MUST_CHECK bool sight_print_json(const sight *s, failure *f);

#endif
