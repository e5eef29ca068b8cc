/*
 * nid.c - the national identity number of 10, 13 or 17 digits.
 *
 * A failing check digit is not an error here: the rule is inferred, so the caller decides. One length is
 * never computed from another, save that a 17-digit number carries the 13 of the older card at its end.
 */
#include "digits.h"
#include "origin.h"

enum { LENGTH_SHIFT = 60, LENGTH_10 = 1, LENGTH_13 = 2, LENGTH_17 = 3 };

static const uint64_t VALUE_MASK = (UINT64_C(1) << LENGTH_SHIFT) - 1;
static const uint64_t TEN_TO_13 = UINT64_C(10000000000000);

static uint64_t length_class(int count)
{
    switch (count) {
    case 10:
        return LENGTH_10;
    case 13:
        return LENGTH_13;
    case 17:
        return LENGTH_17;
    default:
        return 0;
    }
}

static uint64_t value_of(ekok_nid nid)
{
    return nid.bits & VALUE_MASK;
}

ekok_status ekok_nid_parse(ekok_span text, ekok_nid *out)
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_PLAIN, &digits);

    if (status.code != EKOK_OK) {
        return status;
    }
    uint64_t class = length_class(digits.count);
    if (class == 0) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    if (class == LENGTH_17 && !ekok_digits_year_ok(digits.value / TEN_TO_13)) {
        return ekok_status_at(EKOK_BAD_YEAR, digits.first);
    }
    out->bits = class << LENGTH_SHIFT | digits.value;
    return status;
}

int ekok_nid_length(ekok_nid nid)
{
    static const int lengths[] = {0, 10, 13, 17};

    return lengths[nid.bits >> LENGTH_SHIFT & 3];
}

size_t ekok_nid_format(ekok_nid nid, char out[EKOK_DIGITS_TEXT])
{
    return ekok_digits_write(value_of(nid), ekok_nid_length(nid), out);
}

/* Luhn, mod 10: every second digit from the right is doubled, the check digit itself is not. */
static bool luhn_holds(uint64_t value)
{
    static const uint8_t doubled[] = {0, 2, 4, 6, 8,
                                      1, 3, 5, 7, 9}; /* the sum of the digits of twice the digit */
    unsigned total = 0;

    for (; value > 0; value /= 100) {
        unsigned pair = (unsigned)(value % 100);
        total += pair % 10 + doubled[pair / 10];
    }
    return total % 10 == 0;
}

bool ekok_nid_check_digit(ekok_nid nid, bool *ok)
{
    if (ekok_nid_length(nid) != 10) {
        return false;
    }
    *ok = luhn_holds(value_of(nid));
    return true;
}

ekok_status ekok_nid_strict(ekok_nid nid)
{
    bool ok = true;

    if (ekok_nid_check_digit(nid, &ok) && !ok) {
        return ekok_status_at(EKOK_BAD_CHECK_DIGIT, 0);
    }
    return ekok_status_ok();
}

uint64_t ekok_nid_core13(ekok_nid nid)
{
    return ekok_nid_length(nid) == 10 ? 0 : value_of(nid) % TEN_TO_13;
}

int ekok_nid_birth_year(ekok_nid nid)
{
    return ekok_nid_length(nid) == 17 ? (int)(value_of(nid) / TEN_TO_13) : 0;
}

bool ekok_nid_origin(ekok_nid nid, ekok_origin *out)
{
    if (ekok_nid_length(nid) == 10) {
        return false;
    }
    *out = ekok_origin_of(ekok_nid_core13(nid));
    return true;
}

bool ekok_nid_same_card(ekok_nid a, ekok_nid b)
{
    int lengths = ekok_nid_length(a) + ekok_nid_length(b);

    return a.bits == b.bits || (lengths == 13 + 17 && ekok_nid_core13(a) == ekok_nid_core13(b));
}

/*
 * The places, from the right, in which two numbers differ, as bits; bit 63 stands for more than two neighbours
 * exchanged.
 */
static uint64_t mistaken_places(uint64_t a, uint64_t b)
{
    uint64_t places = 0;
    unsigned before_a = 0, before_b = 0;

    for (int place = 0; a > 0 || b > 0; place++, a /= 10, b /= 10) {
        unsigned digit_a = (unsigned)(a % 10), digit_b = (unsigned)(b % 10);
        if (digit_a != digit_b) {
            bool exchanged = places == UINT64_C(1) << place >> 1 && place > 0 && digit_a == before_b &&
                             digit_b == before_a;
            if (places != 0 && !exchanged) {
                return UINT64_C(1) << 63;
            }
            places |= UINT64_C(1) << place;
        }
        before_a = digit_a;
        before_b = digit_b;
    }
    return places;
}

bool ekok_nid_slip(ekok_nid a, ekok_nid b)
{
    enum { END_OF_SERIAL = 3 /* its last two places */ };

    if (a.bits == 0 || b.bits == 0 || (ekok_nid_length(a) == 10) != (ekok_nid_length(b) == 10)) {
        return false;
    }
    if (ekok_nid_length(a) == 10) {
        uint64_t places = mistaken_places(value_of(a), value_of(b));
        return places != 0 && places >> 63 == 0 && !(luhn_holds(value_of(a)) && luhn_holds(value_of(b)));
    }
    uint64_t places = mistaken_places(ekok_nid_core13(a), ekok_nid_core13(b));
    return places != 0 && places >> 63 == 0 && (places & END_OF_SERIAL) == 0;
}
