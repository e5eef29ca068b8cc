/*
 * hex.c - reads and writes what PostgreSQL writes with bytea_output = hex. Refuses capital digits there, which it never
 * writes.
 */
#include "base/hex.h"

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What each letter is worth, one more so that 0 is no digit: tiles of the audit are 16 KiB of them. */
static const uint8_t SMALL_DIGIT[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

size_t hex_read_bytea(const char *text, uint8_t *out, size_t room)
{
    size_t n = 0;
    if (text[0] != '\\' || text[1] != 'x')
        return 0;
    for (text += 2; *text; text += 2) {
        const uint8_t high = SMALL_DIGIT[(uint8_t)text[0]];
        const uint8_t low = high ? SMALL_DIGIT[(uint8_t)text[1]] : 0;
        if (!low || n >= room)
            return 0;
        out[n++] = (uint8_t)((high - 1) << 4 | (low - 1));
    }
    return n;
}

void hex_write(const uint8_t *bytes, size_t n, char *out)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        *out++ = digit[bytes[i] >> 4];
        *out++ = digit[bytes[i] & 15];
    }
    *out = '\0';
}

void hex_write_bytea(const uint8_t *bytes, size_t count, char *out)
{
    memcpy(out, "\\x", 2);
    hex_write(bytes, count, out + 2);
}
