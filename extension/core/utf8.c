/*
 * utf8.c - one decoder for every reader of text (Unicode 15, section 3.9, table 3-7).
 * Refuses overlong forms, surrogates, anything above U+10FFFF and a character cut short.
 */
#include "utf8.h"

typedef struct {
    size_t length;    /* bytes of the whole character; 0: not a first byte */
    uint32_t bits;    /* payload of the first byte */
    uint32_t minimum; /* smallest character that may be written in this length */
} first_byte;

static first_byte first_byte_of(unsigned char byte)
{
    if (byte < 0x80) {
        return (first_byte){1, byte, 0};
    }
    if (byte >= 0xC2 && byte <= 0xDF) {
        return (first_byte){2, byte & 0x1Fu, 0x80};
    }
    if (byte >= 0xE0 && byte <= 0xEF) {
        return (first_byte){3, byte & 0x0Fu, 0x800};
    }
    if (byte >= 0xF0 && byte <= 0xF4) {
        return (first_byte){4, byte & 0x07u, 0x10000};
    }
    return (first_byte){0, 0, 0};
}

static bool is_scalar(uint32_t character, uint32_t minimum)
{
    return character >= minimum && character <= 0x10FFFF && !(character >= 0xD800 && character <= 0xDFFF);
}

bool ekok_utf8_next(ekok_span text, size_t *at, uint32_t *character)
{
    if (*at >= text.n) {
        return false;
    }
    const unsigned char *bytes = (const unsigned char *)text.p + *at;
    first_byte first = first_byte_of(bytes[0]);
    uint32_t value = first.bits;

    if (first.length == 0 || first.length > text.n - *at) {
        return false;
    }
    for (size_t i = 1; i < first.length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return false;
        }
        value = value << 6 | (bytes[i] & 0x3Fu);
    }
    if (!is_scalar(value, first.minimum)) {
        return false;
    }
    *at += first.length;
    *character = value;
    return true;
}

bool ekok_utf8_valid(ekok_span text, size_t *bad)
{
    size_t at = 0;
    uint32_t character;

    while (at < text.n) {
        if (!ekok_utf8_next(text, &at, &character)) {
            *bad = at;
            return false;
        }
    }
    return true;
}
