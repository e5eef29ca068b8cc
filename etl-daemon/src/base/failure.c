/*
 * failure.c - one failure, one line: cut to fit, line breaks and control characters made spaces.
 * Refuses to hold more than the struct: nothing is allocated, so an out-of-memory can be told as well.
 */
#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>

/* A cut in the middle of a UTF-8 character would leave half of it: take the half away too. */
static void trim_half_character(char *text)
{
    size_t n = strlen(text), back = 0;
    while (back < 3 && back < n && ((unsigned char)text[n - 1 - back] & 0xC0) == 0x80)
        back++;
    if (back == n)
        return;
    unsigned char lead = (unsigned char)text[n - 1 - back];
    size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (wanted > back)
        text[n - 1 - back] = '\0';
}

bool fail(failure *f, exit_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(f->text, sizeof f->text, format, arguments);
    va_end(arguments);
    f->code = code;
    if (length < 0)
        f->text[0] = '\0';
    if (length >= (int)sizeof f->text)
        trim_half_character(f->text);
    for (char *c = f->text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = ' ';
    return false;
}
