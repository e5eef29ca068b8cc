/* skew.c - see skew.h. */
#include "source/skew.h"

#include <stdio.h>

bool skew_ahead(span text, time_t now)
{
    char copy[20] = "";
    struct tm t = {.tm_mday = 0};
    if (text.n < 16)
        return false;
    memcpy(copy, text.p, 16);
    if (sscanf(copy, "%4d-%2d-%2d%*[T ]%2d:%2d", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min) !=
        5)
        return false;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    return timegm(&t) > now + SKEW_BORNE;
}
