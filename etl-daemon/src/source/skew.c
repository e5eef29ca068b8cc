/* skew.c - see skew.h. */
#include "source/skew.h"

#include <stdint.h>
#include <stdio.h>

enum { DAY_TEXT = 10, MINUTE_TEXT = 16, SECOND_TEXT = 19, DAY = 86400 };

/* The fields of a time as skew.h has it, without a zone, to the minute or (a date alone) the day. */
static bool read_time(span text, struct tm *t)
{
    char copy[MINUTE_TEXT + 1] = "";
    *t = (struct tm){.tm_mday = 0};
    if (text.n != DAY_TEXT && text.n < MINUTE_TEXT)
        return false;
    memcpy(copy, text.p, text.n < MINUTE_TEXT ? text.n : MINUTE_TEXT);
    int fields = sscanf(copy, "%4d-%2d-%2d%*[T ]%2d:%2d", &t->tm_year, &t->tm_mon, &t->tm_mday, &t->tm_hour,
                        &t->tm_min);
    t->tm_year -= 1900;
    t->tm_mon -= 1;
    return fields == (text.n == DAY_TEXT ? 3 : 5);
}

bool skew_ahead(span text, time_t now)
{
    struct tm t;
    return text.n >= MINUTE_TEXT && read_time(text, &t) && timegm(&t) > now + SKEW_BORNE;
}

static bool all_digits(const char *text, const char *where)
{
    for (; *where; where++, text++)
        if (*where == '9' ? *text < '0' || *text > '9' : *text != *where && *where != '*')
            return false;
    return true;
}

bool skew_back(char *text, int seconds)
{
    char moved[SECOND_TEXT + 1];
    struct tm t;
    size_t n = strlen(text);
    if (!read_time(span_of(text), &t) ||
        !all_digits(text, n == DAY_TEXT ? "9999-99-99" : "9999-99-99*99:99") || t.tm_mon < 0 ||
        t.tm_mon > 11 || t.tm_mday < 1 || t.tm_mday > 31 || t.tm_hour > 23 || t.tm_min > 59)
        return false;
    bool whole_day = n == DAY_TEXT, with_seconds = n >= SECOND_TEXT && all_digits(text + MINUTE_TEXT, ":99");
    if (with_seconds)
        t.tm_sec = (text[17] - '0') * 10 + text[18] - '0';
    if (t.tm_sec > 60)
        return false;
    t.tm_sec = t.tm_sec < 60 ? t.tm_sec : 59; /* a leap second: never forward, to the next minute */
    int64_t back = whole_day      ? (seconds + DAY - 1) / DAY * (int64_t)DAY
                   : with_seconds ? seconds
                                  : (seconds + 59) / 60 * (int64_t)60;
    time_t then = timegm(&t) - (time_t)back;
    if (!gmtime_r(&then, &t) || t.tm_year < 0 || t.tm_year > 8099)
        return false;
    if (strftime(moved, sizeof moved, "%Y-%m-%d %H:%M:%S", &t) != SECOND_TEXT)
        return false;
    moved[DAY_TEXT] = whole_day ? ' ' : text[DAY_TEXT];
    memcpy(text, moved, whole_day ? DAY_TEXT : with_seconds ? SECOND_TEXT : MINUTE_TEXT);
    return true;
}
