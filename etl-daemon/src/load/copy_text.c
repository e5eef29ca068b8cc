/* copy_text.c - see copy_text.h. */
#include "load/copy_text.h"

#include <inttypes.h>

#include "base/copy_escape.h"

/* Length of the well-formed character at p, 0 when there is none (table 3-7 of the Unicode standard). */
static size_t character(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return p[0] != 0;
    if (p[0] < 0xC2 || p[0] > 0xF4)
        return 0;
    size_t size = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (n < size)
        return 0;
    unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

bool copy_text_fits(span text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    for (size_t at = 0; at < text.n;) {
        size_t size = character(p + at, text.n - at);
        if (size == 0)
            return false;
        at += size;
    }
    return true;
}

bool copy_null(buf *out)
{
    return buf_add(out, "\\N", 2);
}

bool copy_text(buf *out, span text)
{
    return copy_escape(out, text);
}

bool copy_text_or_null(buf *out, const char *text)
{
    return *text ? copy_text(out, span_of(text)) : copy_null(out);
}

bool copy_bytes(buf *out, const void *bytes, size_t count)
{
    return buf_add(out, "\\\\x", 3) && buf_add_hex(out, bytes, count);
}

bool copy_date(buf *out, civil_date date)
{
    return buf_printf(out, "%04d-%02d-%02d", date.year, date.month, date.day);
}

bool copy_integer(buf *out, int64_t value)
{
    return buf_printf(out, "%" PRId64, value);
}
