/* copy_escape.c - see copy_escape.h. Octal and hexadecimal escapes are for COPY FROM alone: COPY TO writes none. */
#include "base/copy_escape.h"

static const char PLAIN[] = "\\\b\f\n\r\t\v", LETTER[] = "\\bfnrtv";

bool copy_escape(buf *out, span text)
{
    size_t begin = 0;
    for (size_t i = 0; i < text.n; i++) {
        const bool plain = text.p[i] != '\\' && (uint8_t)text.p[i] > '\r';
        const char *at = !plain && text.p[i] ? strchr(PLAIN, text.p[i]) : NULL;
        if (!at)
            continue;
        const char pair[2] = {'\\', LETTER[at - PLAIN]};
        if (!buf_add(out, text.p + begin, i - begin) || !buf_add(out, pair, 2))
            return false;
        begin = i + 1;
    }
    return text.n == begin || buf_add(out, text.p + begin, text.n - begin);
}

static char unescaped(char c)
{
    const char *at = c ? strchr(LETTER, c) : NULL;
    return at ? PLAIN[at - LETTER] : c;
}

bool copy_unescape(span field, buf *out)
{
    const char *at = field.p, *end = field.p + field.n;
    buf_clear(out);
    if (!buf_reserve(out, field.n + 1))
        return false;
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((escape ? escape : end) - at);
        memcpy(out->data + out->size, at, plain);
        out->size += plain;
        at += plain;
        if (at + 1 >= end)
            return at == end;
        out->data[out->size++] = unescaped(at[1]);
        at += 2;
    }
    return true;
}
