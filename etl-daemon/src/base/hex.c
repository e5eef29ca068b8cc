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

static int small_digit(char c)
{
    return c >= 'A' && c <= 'F' ? -1 : hex_digit(c);
}

size_t hex_read_bytea(const char *text, uint8_t *out, size_t room)
{
    size_t n = 0;
    if (text[0] != '\\' || text[1] != 'x')
        return 0;
    for (text += 2; *text; text += 2) {
        int high = small_digit(text[0]), low = high < 0 ? -1 : small_digit(text[1]);
        if (low < 0 || n >= room)
            return 0;
        out[n++] = (uint8_t)(high * 16 + low);
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
