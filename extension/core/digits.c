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

static uint64_t byte_at(const char *p, int i)
{
    return (uint64_t)(unsigned char)p[i] << 8 * i;
}

/* The first byte in the low end, whatever the machine's order; compilers make one load of it. */
static uint64_t eight_bytes(const char *p)
{
    return byte_at(p, 0) | byte_at(p, 1) | byte_at(p, 2) | byte_at(p, 3) | byte_at(p, 4) | byte_at(p, 5) |
           byte_at(p, 6) | byte_at(p, 7);
}

/* Each byte is 0x30 to 0x39: its upper half is 3, and still 3 when 6 is added. */
static bool are_digits(uint64_t bytes)
{
    const uint64_t upper = UINT64_C(0xF0F0F0F0F0F0F0F0), threes = UINT64_C(0x3030303030303030);

    return (bytes & upper) == threes && ((bytes + UINT64_C(0x0606060606060606)) & upper) == threes;
}

/* The number written by eight digits: neighbours are joined to pairs, those to fours, those to eight. */
static uint64_t eight_digits(uint64_t bytes)
{
    uint64_t ones = bytes & UINT64_C(0x0F0F0F0F0F0F0F0F);
    uint64_t pairs = (ones * 10 + (ones >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    uint64_t fours = (pairs * 100 + (pairs >> 16)) & UINT64_C(0x0000FFFF0000FFFF);

    return (fours & 0xFFFF) * 10000 + (fours >> 32);
}

/* True, and *out filled, when the text is 1 to EKOK_DIGITS_VALUE_MAX ASCII digits and nothing else. */
static bool read_plain(ekok_span text, ekok_digits *out)
{
    uint64_t value = 0;
    size_t at = 0;

    if (text.n == 0 || text.n > EKOK_DIGITS_VALUE_MAX) {
        return false;
    }
    for (; text.n - at >= 8; at += 8) {
        uint64_t bytes = eight_bytes(text.p + at);
        if (!are_digits(bytes)) {
            return false;
        }
        value = value * 100000000 + eight_digits(bytes);
    }
    for (; at < text.n; at++) {
        unsigned digit = (unsigned)(unsigned char)text.p[at] - '0';
        if (digit > 9) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = (ekok_digits){.value = value, .count = (int)text.n, .first = 1};
    return true;
}

/* Kept out of the way of plain text: it is seldom called, and its locals would cost that way their setting up. */
__attribute__((noinline)) static ekok_status read_characters(ekok_span text, ekok_digits_form form,
                                                             ekok_digits *out)
{
    size_t at = 0;
    uint32_t character = 0;

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

ekok_status ekok_digits_read(ekok_span text, ekok_digits_form form, ekok_digits *out)
{
    return read_plain(text, out) ? ekok_status_ok() : read_characters(text, form, out);
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
