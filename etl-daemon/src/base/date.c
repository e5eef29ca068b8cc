/*
 * date.c - the calendar and the reading of dates by a declared pattern.
 * Refuses to guess: the order of day and month comes from the pattern alone, two-digit years are not read.
 */
#include "base/date.h"

#include <strings.h>
#include <time.h>

typedef enum { PART_YEAR, PART_MONTH, PART_MONTH_NAME, PART_DAY, PART_SEPARATOR, PART_REST, PART_WRONG } part;

static const char *const month_name[12] = {"january",   "february", "march",    "april",
                                           "may",       "june",     "july",     "august",
                                           "september", "october",  "november", "december"};

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool date_exists(civil_date date)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12 || date.day < 1)
        return false;
    return date.day <= days[date.month - 1] + (date.month == 2 && leap(date.year) ? 1 : 0);
}

int date_compare(civil_date a, civil_date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return (a.day > b.day) - (a.day < b.day);
}

/* By cycles of 400 years; in a year that begins with March only the last month's length changes. */
civil_date date_since_march_0000(int64_t days)
{
    const int64_t cycle = 146097;
    int64_t cycles = days / cycle, in_cycle = days % cycle;
    if (in_cycle < 0) {
        in_cycle += cycle;
        cycles--;
    }
    int64_t years = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    int in_year = (int)(in_cycle - (365 * years + years / 4 - years / 100));
    int from_march = (5 * in_year + 2) / 153;
    int month = from_march < 10 ? from_march + 3 : from_march - 9;
    return (civil_date){(int)(cycles * 400 + years + (month <= 2)), month,
                        in_year - (153 * from_march + 2) / 5 + 1};
}

civil_date date_in_dhaka(int days)
{
    time_t there = time(NULL) + (6 + 24 * (time_t)days) * 60 * 60;
    struct tm day;
    gmtime_r(&there, &day);
    return (civil_date){day.tm_year + 1900, day.tm_mon + 1, day.tm_mday};
}

/* The next part of a pattern; moves *at behind it. */
static part next_part(const char **at)
{
    static const struct {
        const char *text;
        part is;
    } known[] = {{"yyyy", PART_YEAR}, {"mm", PART_MONTH}, {"mon", PART_MONTH_NAME}, {"dd", PART_DAY}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i].text);
        if (strncmp(*at, known[i].text, n) == 0) {
            *at += n;
            return known[i].is;
        }
    }
    char c = *(*at)++;
    if (c == '*')
        return **at == '\0' ? PART_REST : PART_WRONG;
    return c && strchr("-/. ,", c) ? PART_SEPARATOR : PART_WRONG;
}

bool date_pattern_valid(const char *pattern)
{
    int years = 0, months = 0, days = 0;
    for (const char *at = pattern; *at;) {
        part p = next_part(&at);
        if (p == PART_WRONG)
            return false;
        years += p == PART_YEAR;
        months += p == PART_MONTH || p == PART_MONTH_NAME;
        days += p == PART_DAY;
    }
    return years == 1 && months == 1 && days == 1;
}

/* One ASCII or Bengali digit (U+09E6 to U+09EF) at the head of *text. */
static bool take_digit(span *text, int *digit)
{
    if (text->n >= 1 && text->p[0] >= '0' && text->p[0] <= '9') {
        *digit = text->p[0] - '0';
        *text = (span){text->p + 1, text->n - 1};
        return true;
    }
    const unsigned char *b = (const unsigned char *)text->p;
    if (text->n < 3 || b[0] != 0xE0 || b[1] != 0xA7 || b[2] < 0xA6 || b[2] > 0xAF)
        return false;
    *digit = b[2] - 0xA6;
    *text = (span){text->p + 3, text->n - 3};
    return true;
}

static bool take_number(span *text, int least, int most, int *number)
{
    int digit, count = 0;
    *number = 0;
    while (count < most && take_digit(text, &digit)) {
        *number = *number * 10 + digit;
        count++;
    }
    return count >= least;
}

/* January or Jan, in any case; also Sept. */
static bool take_month_name(span *text, int *month)
{
    size_t n = 0;
    while (n < text->n && ((text->p[n] | 0x20) >= 'a' && (text->p[n] | 0x20) <= 'z'))
        n++;
    for (int i = 0; i < 12; i++) {
        bool whole = n == strlen(month_name[i]);
        bool cut = n == 3 || (n == 4 && i == 8);
        if ((whole || cut) && strncasecmp(text->p, month_name[i], n) == 0) {
            *month = i + 1;
            *text = (span){text->p + n, text->n - n};
            return true;
        }
    }
    return false;
}

/* A day or month of one digit is read only where neither neighbour in the pattern is a digit: least is 1 or 2. */
static int least_digits(part before, const char *rest)
{
    bool apart = before == PART_SEPARATOR || before == PART_MONTH_NAME;
    return apart && *rest != 'y' && *rest != 'm' && *rest != 'd' ? 1 : 2;
}

static bool take_part(part before, part p, const char *pattern, span *text, civil_date *out)
{
    switch (p) {
    case PART_YEAR:
        return take_number(text, 4, 4, &out->year);
    case PART_MONTH:
        return take_number(text, least_digits(before, pattern), 2, &out->month);
    case PART_MONTH_NAME:
        return take_month_name(text, &out->month);
    case PART_DAY:
        return take_number(text, least_digits(before, pattern), 2, &out->day);
    case PART_SEPARATOR:
        if (text->n == 0 || text->p[0] != pattern[-1])
            return false;
        *text = (span){text->p + 1, text->n - 1};
        return true;
    case PART_REST:
        if (text->n > 0 && text->p[0] != 'T' && text->p[0] != ' ')
            return false;
        *text = (span){NULL, 0};
        return true;
    default:
        return false;
    }
}

bool date_parse(const char *pattern, span text, civil_date *out)
{
    civil_date read = {0, 0, 0};
    part before = PART_SEPARATOR;
    for (const char *at = pattern; *at;) {
        part p = next_part(&at);
        if (!take_part(before, p, at, &text, &read))
            return false;
        before = p;
    }
    if (text.n != 0)
        return false;
    *out = read;
    return true;
}
