/*
 * name_pack.c - ASCII is itself, the 128 characters from U+0980 to U+09FF are the bytes from 80 to FF, and any other
 * character stands in UTF-8 behind an ESC, as does ESC.
 */
#include "name_pack.h"

#include <string.h>

#include "utf8.h"

enum { ESCAPE = 0x1b, BENGALI = 0x0980, BENGALI_END = 0x0a00, HIGH = 0x80 };

bool ekok_name_pack(ekok_span text, uint8_t *out, size_t room, size_t *size)
{
    size_t n = 0;

    for (size_t at = 0, from = 0; at < text.n; from = at) {
        uint32_t c;
        bool known = ekok_utf8_next(text, &at, &c);
        bool one = known && ((c < HIGH && c != ESCAPE) || (c >= BENGALI && c < BENGALI_END));
        size_t bytes = one ? 1 : 1 + at - from;

        if (!known || n + bytes > room) {
            return false;
        }
        if (one) {
            out[n] = (uint8_t)(c < HIGH ? c : c - BENGALI + HIGH);
        } else {
            out[n] = ESCAPE;
            memcpy(out + n + 1, text.p + from, at - from);
        }
        n += bytes;
    }
    *size = n;
    return true;
}

/* Bytes of the character that a first byte begins. */
static size_t length_of(uint8_t first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

bool ekok_name_unpack(const uint8_t *packed, size_t n, char *out, size_t room, size_t *size)
{
    size_t to = 0;

    for (size_t at = 0; at < n;) {
        size_t escaped = packed[at] == ESCAPE && at + 1 < n ? length_of(packed[at + 1]) : 0;
        size_t bytes = escaped > 0 ? escaped : packed[at] < HIGH ? 1 : 3;

        if (to + bytes > room || at + (escaped > 0 ? 1 + escaped : 1) > n ||
            (escaped == 0 && packed[at] == ESCAPE)) {
            return false;
        }
        if (escaped > 0) {
            memcpy(out + to, packed + at + 1, escaped);
            at += escaped;
        } else if (bytes == 1) {
            out[to] = (char)packed[at];
        } else {
            out[to] = (char)0xe0;
            out[to + 1] = (char)(packed[at] < 0xc0 ? 0xa6 : 0xa7);
            out[to + 2] = (char)(0x80 | (packed[at] & 0x3f));
        }
        at++;
        to += bytes;
    }
    *size = to;
    return true;
}
