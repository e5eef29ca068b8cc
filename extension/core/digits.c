/*
 * digits.c - the shared bounded digit reader. One pass, no state kept, no allocation. Text of nothing but ASCII
 * digits, which is nearly all of it, is read without looking at characters; the answer is the same.
 */
#include "digits.h"

#include "utf8.h"

enum {
    HYPHEN_MINUS = 0x2D,
    PLUS_SIGN = 0x2B,
    NO_BREAK_SPACE = 0xA0,
    BENGALI_ZERO = 0x9E6,
    ZERO_WIDTH_NON_JOINER = 0x200C,
    ZERO_WIDTH_JOINER = 0x200D,
    HYPHEN = 0x2010,
    NON_BREAKING_HYPHEN = 0x2011,
    BIRTH_YEAR_MIN = 1850,
    BIRTH_YEAR_MAX = 2199
};

ekok_status ekok_status_ok(void)
{
    return (ekok_status){EKOK_OK, 0};
}

ekok_status ekok_status_at(ekok_code code, int position)
{
    return (ekok_status){code, position};
}

/* 0 to 9, or -1. */
static int digit_of(uint32_t character)
{
    if (character >= '0' && character <= '9') {
        return (int)(character - '0');
    }
    if (character >= BENGALI_ZERO && character < BENGALI_ZERO + 10) {
        return (int)(character - BENGALI_ZERO);
    }
    return -1;
}

static bool is_separator(uint32_t character)
{
    switch (character) {
    case ' ':
    case HYPHEN_MINUS:
    case NO_BREAK_SPACE:
    case ZERO_WIDTH_NON_JOINER:
    case ZERO_WIDTH_JOINER:
    case HYPHEN:
    case NON_BREAKING_HYPHEN:
        return true;
    default:
        return false;
    }
}

/* Adds one character to *out, or says what is wrong with it. */
static ekok_code take(uint32_t character, ekok_digits_form form, int position, ekok_digits *out)
{
    int digit = digit_of(character);

    if (digit >= 0) {
        if (out->count == 0) {
            out->first = position;
        }
        out->value = out->value * 10 + (uint64_t)digit;
        out->count++;
        return EKOK_OK;
    }
    if (character == PLUS_SIGN && form == EKOK_DIGITS_WITH_PLUS && out->count == 0 && !out->plus) {
        out->plus = true;
        return EKOK_OK;
    }
    if (character == 0) {
        return EKOK_NUL_BYTE;
    }
    return is_separator(character) ? EKOK_OK : EKOK_BAD_CHARACTER;
}

/* True, and *out filled, when the text is 1 to EKOK_DIGITS_VALUE_MAX ASCII digits and nothing else. */
static bool read_plain(ekok_span text, ekok_digits *out)
{
    uint64_t value = 0;

    if (text.n == 0 || text.n > EKOK_DIGITS_VALUE_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        unsigned digit = (unsigned)(unsigned char)text.p[i] - '0';
        if (digit > 9) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = (ekok_digits){.value = value, .count = (int)text.n, .first = 1};
    return true;
}

ekok_status ekok_digits_read(ekok_span text, ekok_digits_form form, ekok_digits *out)
{
    size_t at = 0;
    uint32_t character = 0;

    if (read_plain(text, out)) {
        return ekok_status_ok();
    }
    *out = (ekok_digits){.count = 0};
    if (text.n > EKOK_IDENTIFIER_TEXT_MAX) {
        return ekok_status_at(EKOK_TOO_LONG, 0);
    }
    for (int position = 1; at < text.n; position++) {
        if (!ekok_utf8_next(text, &at, &character)) {
            return ekok_status_at(EKOK_BAD_UTF8, position);
        }
        ekok_code code = take(character, form, position, out);
        if (code != EKOK_OK) {
            return ekok_status_at(code, position);
        }
    }
    return out->count > 0 ? ekok_status_ok() : ekok_status_at(EKOK_EMPTY, 0);
}

bool ekok_digits_year_ok(uint64_t year)
{
    return year >= BIRTH_YEAR_MIN && year <= BIRTH_YEAR_MAX;
}

size_t ekok_digits_write(uint64_t value, int count, char out[EKOK_DIGITS_TEXT])
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    out[count] = '\0';
    return (size_t)count;
}
