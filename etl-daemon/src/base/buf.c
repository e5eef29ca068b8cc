/*
 * buf.c - the growing byte buffer. Promises: the size never passes the ceiling, a failed append changes nothing.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_ROOM = 256 };

void buf_init(buf *b, size_t ceiling)
{
    *b = (buf){.ceiling = ceiling};
}

void buf_free(buf *b)
{
    free(b->data);
    *b = (buf){.ceiling = b->ceiling};
}

void buf_clear(buf *b)
{
    b->size = 0;
}

bool buf_reserve(buf *b, size_t count)
{
    if (count > b->ceiling - b->size)
        return false;
    size_t wanted = b->size + count;
    if (wanted <= b->room)
        return true;
    size_t room = b->room ? b->room : FIRST_ROOM;
    while (room < wanted && room <= b->ceiling / 2)
        room *= 2;
    if (room < wanted || room > b->ceiling)
        room = b->ceiling;
    char *data = realloc(b->data, room);
    if (!data)
        return false;
    b->data = data;
    b->room = room;
    return true;
}

bool buf_add(buf *b, const void *bytes, size_t count)
{
    if (!buf_reserve(b, count))
        return false;
    if (count)
        memcpy(b->data + b->size, bytes, count);
    b->size += count;
    return true;
}

bool buf_add_text(buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}

bool buf_add_char(buf *b, char c)
{
    return buf_add(b, &c, 1);
}

bool buf_add_hex(buf *b, const void *bytes, size_t count)
{
    static const char digit[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    if (count > (SIZE_MAX >> 1) || !buf_reserve(b, 2 * count))
        return false;
    char *to = b->data + b->size;
    for (size_t i = 0; i < count; i++) {
        to[2 * i] = digit[from[i] >> 4];
        to[2 * i + 1] = digit[from[i] & 15];
    }
    b->size += 2 * count;
    return true;
}

/* vsnprintf() wants room for a NUL, which is not kept and does not count against the ceiling: hence the copy. */
bool buf_printf(buf *b, const char *format, ...)
{
    char small[512];
    char *text = small, *large = NULL;
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    bool fits = length >= 0 && (size_t)length <= b->ceiling - b->size;
    if (fits && (size_t)length >= sizeof small) {
        text = large = malloc((size_t)length + 1);
        fits = large && vsnprintf(large, (size_t)length + 1, format, again) == length;
    }
    va_end(again);
    bool added = fits && buf_add(b, text, (size_t)length);
    free(large);
    return added;
}
