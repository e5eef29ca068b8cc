/*
 * brn.c - the birth registration number of 17 digits, and the 16-digit form written before 2013.
 *
 * The older form is converted as registrars report doing it: a 0 before the last five digits. That it was
 * converted is kept with the value. No check digit is known, so none is judged.
 */
#include "digits.h"
#include "origin.h"

static const uint64_t CONVERTED = UINT64_C(1) << 63;
static const uint64_t TEN_TO_5 = UINT64_C(100000);
static const uint64_t TEN_TO_6 = UINT64_C(1000000);
static const uint64_t TEN_TO_13 = UINT64_C(10000000000000);

static uint64_t value_of(ekok_brn brn)
{
    return brn.bits & ~CONVERTED;
}

static uint64_t from_sixteen(uint64_t value)
{
    return CONVERTED | (value / TEN_TO_5 * TEN_TO_6 + value % TEN_TO_5);
}

ekok_status ekok_brn_parse(ekok_span text, ekok_brn *out)
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_PLAIN, &digits);

    if (status.code != EKOK_OK) {
        return status;
    }
    if (digits.count != 16 && digits.count != 17) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    uint64_t bits = digits.count == 17 ? digits.value : from_sixteen(digits.value);
    if (!ekok_digits_year_ok(value_of((ekok_brn){bits}) / TEN_TO_13)) {
        return ekok_status_at(EKOK_BAD_YEAR, digits.first);
    }
    out->bits = bits;
    return status;
}

/* A converted number has the 0 that the conversion put in. */
static bool is_value(ekok_brn brn)
{
    return !ekok_brn_was_converted(brn) || value_of(brn) / TEN_TO_5 % 10 == 0;
}

size_t ekok_brn_format(ekok_brn brn, char out[EKOK_DIGITS_TEXT])
{
    return ekok_digits_write(value_of(brn), is_value(brn) ? 17 : 0, out);
}

bool ekok_brn_was_converted(ekok_brn brn)
{
    return (brn.bits & CONVERTED) != 0;
}

int ekok_brn_birth_year(ekok_brn brn)
{
    return (int)(value_of(brn) / TEN_TO_13);
}

ekok_origin ekok_brn_origin(ekok_brn brn)
{
    return ekok_origin_of(value_of(brn) % TEN_TO_13);
}

int ekok_brn_compare(ekok_brn a, ekok_brn b)
{
    return (value_of(a) > value_of(b)) - (value_of(a) < value_of(b));
}
