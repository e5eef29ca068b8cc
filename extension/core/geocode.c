/*
 * geocode.c - a place by its BBS code of 2, 4, 6 or 8 digits: division, district, upazila, union.
 *
 * Only the structure is judged: which codes exist is a question to a reference table. No division's code begins
 * with 0, so neither does any place's; that finds the district's two digits given alone.
 */
#include "digits.h"

enum { LEVEL_BITS = 2, LEVEL_MASK = 3, LEVELS = 4 };

static const uint64_t DIGITS_END = UINT64_C(100000000);

/* How many places of the lowest level fit below one of that level, itself included. */
static uint64_t breadth(int level)
{
    static const uint64_t places[LEVELS + 1] = {0, 1000000, 10000, 100, 1};

    return places[level];
}

static uint64_t value_of(ekok_geocode geocode)
{
    return geocode.bits >> LEVEL_BITS;
}

static ekok_geocode make(uint64_t value, int level)
{
    return (ekok_geocode){value << LEVEL_BITS | (uint64_t)(level - 1)};
}

ekok_status ekok_geocode_parse(ekok_span text, ekok_geocode *out)
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_PLAIN, &digits);

    if (status.code != EKOK_OK) {
        return status;
    }
    if (digits.count % 2 != 0 || digits.count > 2 * LEVELS) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    int level = digits.count / 2;
    uint64_t value = digits.value * breadth(level);
    if (value < DIGITS_END / 10) {
        return ekok_status_at(EKOK_BAD_PREFIX, digits.first);
    }
    *out = make(value, level);
    return status;
}

size_t ekok_geocode_format(ekok_geocode geocode, char out[EKOK_DIGITS_TEXT])
{
    int level = ekok_geocode_level(geocode);

    return ekok_digits_write(value_of(geocode) / breadth(level), 2 * level, out);
}

int ekok_geocode_level(ekok_geocode geocode)
{
    return (int)(geocode.bits & LEVEL_MASK) + 1;
}

bool ekok_geocode_at(ekok_geocode geocode, int level, ekok_geocode *out)
{
    if (level < EKOK_GEOCODE_DIVISION || level > ekok_geocode_level(geocode)) {
        return false;
    }
    *out = make(value_of(geocode) / breadth(level) * breadth(level), level);
    return true;
}

ekok_geocode ekok_geocode_last(ekok_geocode geocode)
{
    return make(value_of(geocode) + breadth(ekok_geocode_level(geocode)) - 1, LEVELS);
}

bool ekok_geocode_contains(ekok_geocode outer, ekok_geocode inner)
{
    return outer.bits <= inner.bits && inner.bits <= ekok_geocode_last(outer).bits;
}
