/*
 * totp.h - secrets of second factors and the one-time codes they make: RFC 6238 with SHA-1, 6 digits, steps of 30
 * seconds, as every authenticator has it.
 *
 * Promises that looking at a code takes the same time whatever is wrong with it, and that what it is held against
 * is wiped. Refuses to know who tried how often: that is agent/code.c's.
 */
#ifndef ETL_SECRET_TOTP_H
#define ETL_SECRET_TOTP_H

#include <stdint.h>

#include "base/span.h"

enum { TOTP_SECRET = 20, TOTP_DIGITS = 6, TOTP_SECONDS = 30, TOTP_TEXT = 33 /* a secret in letters */ };

MUST_CHECK bool totp_make(uint8_t secret[TOTP_SECRET]);

typedef struct {
    uint32_t now;   /* the step of this moment */
    uint32_t after; /* only a later one counts */
} totp_window;

/*
 * Is this the code of the step of now, the one before or the one behind it? *step: which, the latest; 0: none. False:
 * the library failed.
 */
MUST_CHECK bool totp_check(const uint8_t secret[TOTP_SECRET], span code, totp_window window, uint32_t *step);

/* The code of one step. */
MUST_CHECK bool totp_code(const uint8_t secret[TOTP_SECRET], uint32_t step, char out[TOTP_DIGITS + 1]);

/* As an authenticator takes it: base 32 of RFC 4648. */
void totp_text(const uint8_t secret[TOTP_SECRET], char out[TOTP_TEXT]);

#endif
