/*
 * origin.c - cuts thirteen digits into their parts. Looks nothing up: units merge and split, so what a code meant
 * is a question to a reference table of that time.
 */
#include "origin.h"

#include "digits.h"

enum { SERIAL_DIGITS = 6, UNIT_DIGITS = 2 };

/* Takes the last `count` digits off *value. */
static void cut(uint64_t *value, int count, char out[EKOK_ORIGIN_PART])
{
    uint64_t power = 1;
    char text[EKOK_DIGITS_TEXT];

    for (int i = 0; i < count; i++) {
        power *= 10;
    }
    ekok_digits_write(*value % power, count, text);
    for (int i = 0; i <= count; i++) {
        out[i] = text[i];
    }
    *value /= power;
}

ekok_origin ekok_origin_of(uint64_t thirteen)
{
    ekok_origin origin = {0};

    cut(&thirteen, SERIAL_DIGITS, origin.serial);
    cut(&thirteen, UNIT_DIGITS, origin.union_or_ward);
    cut(&thirteen, UNIT_DIGITS, origin.upazila);
    cut(&thirteen, 1, origin.rmo);
    cut(&thirteen, UNIT_DIGITS, origin.district);
    return origin;
}
