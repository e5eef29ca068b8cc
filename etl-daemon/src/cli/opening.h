/*
 * opening.h - opens a sealed identifier for a person: the reading is recorded first, then the value is
 * opened. Refuses to open what could not be recorded.
 */
#ifndef ETL_CLI_OPENING_H
#define ETL_CLI_OPENING_H

#include "cli/command.h"

enum { OPENED_TEXT = 16, OPENED_MAX = 512 };

typedef struct {
    const char *column; /* "nid_sealed" */
    const char *row_id; /* enrolment id */
    const char *sealed; /* bytea as the database writes it, \x...; NULL: the source gave none */
} sealed_cell;

/* In the clear, for `ekok open` alone, which has recorded the reading; the caller wipes it. */
MUST_CHECK bool open_recorded(command_session *s, const sealed_cell *cell, const opening_reason *reason,
                              opened_value *out, failure *f);

/* "*0123"; "sealed" without keys; "" where there is nothing. False: recording or opening failed. */
MUST_CHECK bool open_masked(command_session *s, const sealed_cell *cell, const char *purpose,
                            char out[OPENED_TEXT], failure *f);

#endif
