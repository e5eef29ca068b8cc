/*
 * purpose.c - see purpose.h.
 */
#include "agent/purpose.h"

/* An ASCII or a Bengali digit at text[i]; *used: its bytes. */
static bool digit_at(span text, size_t i, size_t *used)
{
    const unsigned char *p = (const unsigned char *)text.p + i;
    *used = 1;
    if (*p >= '0' && *p <= '9')
        return true;
    if (text.n - i < 3 || p[0] != 0xE0 || p[1] != 0xA7 || p[2] < 0xA6 || p[2] > 0xAF)
        return false;
    *used = 3;
    return true;
}

bool purpose_holds_number(span text)
{
    size_t row = 0, with_breaks = 0, used;
    for (size_t i = 0; i < text.n; i += used) {
        if (digit_at(text, i, &used)) {
            row++;
            with_breaks++;
        } else {
            row = 0;
            if (!memchr(" -./", text.p[i], 4))
                with_breaks = 0;
        }
        if (row >= 10 || with_breaks >= 13)
            return true;
    }
    return false;
}
