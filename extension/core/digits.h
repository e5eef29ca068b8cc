/*
 * digits.h - the one reader of digits behind every identifier.
 *
 * Takes ASCII and Bengali digits; steps over spaces, hyphens, NBSP, ZWJ and ZWNJ wherever they stand. Refuses
 * everything else - NUL, letters, the digits of other scripts, tabs and line ends - with its position.
 * Looks at no text of more than EKOK_IDENTIFIER_TEXT_MAX bytes.
 */
#ifndef EKOK_CORE_DIGITS_H
#define EKOK_CORE_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

#include "identifier.h"
#include "span.h"
#include "status.h"

enum { EKOK_DIGITS_VALUE_MAX = 19 /* so many digits always fit the value */ };

typedef struct {
    uint64_t value; /* means nothing when count is above EKOK_DIGITS_VALUE_MAX */
    int count;
    int first; /* position of the first digit, in characters from 1 */
    bool plus; /* a plus sign stood before the first digit */
} ekok_digits;

typedef enum {
    EKOK_DIGITS_PLAIN,    /* a plus sign is refused */
    EKOK_DIGITS_WITH_PLUS /* one plus sign may stand before the first digit */
} ekok_digits_form;

/* Fills *out with at least one digit, or says why not; judging their number is the caller's business. */
EKOK_MUST_CHECK ekok_status ekok_digits_read(ekok_span text, ekok_digits_form form, ekok_digits *out);

/* True when year is a birth year from 1850 to 2199. */
bool ekok_digits_year_ok(uint64_t year);

/* Writes value as exactly `count` ASCII digits, zeros in front, and a NUL; returns count (at most 17). */
size_t ekok_digits_write(uint64_t value, int count, char out[EKOK_DIGITS_TEXT]);

static inline ekok_status ekok_status_at(ekok_code code, int position)
{
    return (ekok_status){code, position};
}

static inline ekok_status ekok_status_ok(void)
{
    return ekok_status_at(EKOK_OK, 0);
}

#endif
