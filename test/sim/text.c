/*
 * text.c - see text.h.
 */
#include "text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DHAKA_SECONDS = 6 * 3600 };

const char *text_bengali_digits(const char *text, char out[TEXT_ROOM])
{
    size_t n = 0;
    for (; *text && n + 4 < TEXT_ROOM; text++) {
        if (isdigit((unsigned char)*text)) {
            out[n++] = '\xE0';
            out[n++] = '\xA7';
            out[n++] = (char)('\xA6' + (*text - '0'));
        } else {
            out[n++] = *text;
        }
    }
    out[n] = '\0';
    return out;
}

static size_t put_number(char *out, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    return (size_t)digits;
}

const char *text_date(const char *pattern, birth_date date, char out[TEXT_ROOM])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    size_t n = 0;
    while (*pattern && n + 5 < TEXT_ROOM) {
        if (strncmp(pattern, "yyyy", 4) == 0) {
            n += put_number(out + n, date.year, 4);
            pattern += 4;
        } else if (strncmp(pattern, "mon", 3) == 0) {
            memcpy(out + n, months + (size_t)(date.month - 1) * 3, 3);
            n += 3;
            pattern += 3;
        } else if (strncmp(pattern, "mm", 2) == 0 || strncmp(pattern, "dd", 2) == 0) {
            n += put_number(out + n, *pattern == 'm' ? date.month : date.day, 2);
            pattern += 2;
        } else {
            out[n++] = *pattern++;
        }
    }
    out[n] = '\0';
    return out;
}

const char *text_grouped(const char *digits, const char *sizes, char separator, char out[TEXT_ROOM])
{
    size_t n = 0;
    int left = *sizes ? *sizes - '0' : 0;
    for (; *digits && n + 3 < TEXT_ROOM; digits++) {
        if (left == 0 && sizes[0] && sizes[1]) {
            sizes++;
            left = *sizes - '0';
            out[n++] = separator;
        }
        out[n++] = *digits;
        left--;
    }
    out[n] = '\0';
    return out;
}

const char *text_upper(const char *text, char out[NAME_TEXT])
{
    size_t n = 0;
    for (; text[n] && n + 1 < NAME_TEXT; n++)
        out[n] = (char)toupper((unsigned char)text[n]);
    out[n] = '\0';
    return out;
}

const char *text_time(int64_t milliseconds, char between, const char *end, char out[TEXT_ROOM])
{
    time_t seconds = (time_t)(milliseconds / 1000) + DHAKA_SECONDS;
    struct tm t;
    if (!gmtime_r(&seconds, &t))
        memset(&t, 0, sizeof t);
    size_t n = (size_t)snprintf(out, TEXT_ROOM, "%04d-%02d-%02d%c%02d:%02d:%02d", t.tm_year + 1900,
                                t.tm_mon + 1, t.tm_mday, between, t.tm_hour, t.tm_min, t.tm_sec);
    if (strchr(end, '+'))
        n += (size_t)snprintf(out + n, TEXT_ROOM - n, ".%03d", (int)(milliseconds % 1000));
    snprintf(out + n, TEXT_ROOM - n, "%s", end);
    return out;
}

int64_t text_read_time(const char *text)
{
    struct tm t = {0};
    int used = 0, thousandths = 0;
    if (sscanf(text, "%4d-%2d-%2d%*c%2d:%2d:%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min,
               &t.tm_sec, &used) != 6)
        return -1;
    if (text[used] == '.')
        thousandths = atoi(text + used + 1);
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    return (int64_t)(timegm(&t) - DHAKA_SECONDS) * 1000 + thousandths;
}
