/*
 * hex.c - reads and writes what PostgreSQL writes with bytea_output = hex. Refuses capital digits, which it never
 * writes.
 */
#include "base/hex.h"

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t hex_read_bytea(const char *text, uint8_t *out, size_t room)
{
    size_t n = 0;
    if (text[0] != '\\' || text[1] != 'x')
        return 0;
    for (text += 2; *text; text += 2) {
        int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
        if (low < 0 || n >= room)
            return 0;
        out[n++] = (uint8_t)(high * 16 + low);
    }
    return n;
}

void hex_write_bytea(const uint8_t *bytes, size_t count, char *out)
{
    static const char letters[] = "0123456789abcdef";
    memcpy(out, "\\x", 2);
    for (out += 2; count > 0; count--, bytes++) {
        *out++ = letters[*bytes >> 4];
        *out++ = letters[*bytes & 15];
    }
    *out = '\0';
}
