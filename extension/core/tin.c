/*
 * tin.c - the taxpayer's number of 12 digits. No check digit is public, so only the digits are counted.
 */
#include "digits.h"

enum { TIN_DIGITS = 12 };

ekok_status ekok_tin_parse(ekok_span text, ekok_tin *out)
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_PLAIN, &digits);

    if (status.code == EKOK_OK && digits.count != TIN_DIGITS) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    if (status.code == EKOK_OK) {
        out->bits = digits.value;
    }
    return status;
}

size_t ekok_tin_format(ekok_tin tin, char out[EKOK_DIGITS_TEXT])
{
    return ekok_digits_write(tin.bits, TIN_DIGITS, out);
}
