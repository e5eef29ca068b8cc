/*
 * status.h - what the core answers: a code from status.def and, where it helps, a position.
 * The core never prints, allocates or exits; its caller turns a status into an error or a reason.
 */
#ifndef EKOK_CORE_STATUS_H
#define EKOK_CORE_STATUS_H

typedef enum {
    EKOK_OK = 0,
#define X(code, name, message, detail, hint) EKOK_##code,
#include "status.def"
#undef X
    EKOK_CODE_COUNT
} ekok_code;

typedef struct {
    ekok_code code;
    int position; /* of the offending character, counted in characters from 1; 0: the value as a whole */
} ekok_status;

#define EKOK_MUST_CHECK __attribute__((warn_unused_result))

/* Stable lower-case name of a code ("bad_length"), and its three texts; never NULL. */
const char *ekok_code_name(ekok_code code);
const char *ekok_code_message(ekok_code code);
const char *ekok_code_detail(ekok_code code);
const char *ekok_code_hint(ekok_code code);

#endif
