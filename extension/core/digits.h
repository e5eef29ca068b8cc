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

enum { EKOK_DIGITS_READ_MAX = EKOK_IDENTIFIER_TEXT_MAX };

typedef struct {
    uint8_t digit[EKOK_DIGITS_READ_MAX]; /* values 0 to 9, in the order of writing */
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

/* The number written by `count` digits (at most 19) from index `from` (0: the first). */
uint64_t ekok_digits_value(const ekok_digits *digits, int from, int count);

/* True when the four digits from the first are a birth year from 1850 to 2199. */
bool ekok_digits_year_ok(const ekok_digits *digits);

/* Writes value as exactly `count` ASCII digits, zeros in front, and a NUL; returns count (at most 17). */
size_t ekok_digits_write(uint64_t value, int count, char out[EKOK_DIGITS_TEXT]);

ekok_status ekok_status_ok(void);
ekok_status ekok_status_at(ekok_code code, int position);

#endif
