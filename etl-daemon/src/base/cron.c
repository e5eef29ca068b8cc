/*
 * cron.c - a field becomes a set of bits; the next time is looked for day by day. Days since the epoch become dates by
 * counting years and months forward from 1970, which nine years ahead of now costs nothing.
 */
#include "base/cron.h"

#include <ctype.h>
#include <strings.h>

enum { DAY = 86400, DAYS_AHEAD = 9 * 366, OFFICE_BEGINS = 9, OFFICE_ENDS = 17, THURSDAY = 4 };

typedef struct {
    int least, most;
    const char *names; /* three letters each, of least first; NULL: none */
} field_rule;

static const field_rule MINUTE = {0, 59, NULL}, HOUR = {0, 23, NULL}, MONTHDAY = {1, 31, NULL};
static const field_rule MONTH = {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"};
static const field_rule WEEKDAY = {0, 7, "sunmontuewedthufrisat"};

/* A number of at most two digits, or a name; false when neither stands at *at. */
static bool take_number(const char **at, const field_rule *rule, int *out)
{
    size_t digits = strspn(*at, "0123456789");
    if (digits > 2)
        return false;
    if (digits > 0) {
        *out = 0;
        for (size_t i = 0; i < digits; i++)
            *out = *out * 10 + (*at)[i] - '0';
        *at += digits;
        return true;
    }
    for (int i = 0; rule->names && rule->names[3 * i]; i++) {
        if (strncasecmp(*at, rule->names + 3 * i, 3) != 0 || isalpha((unsigned char)(*at)[3]))
            continue;
        *out = rule->least + i;
        *at += 3;
        return true;
    }
    return false;
}

static const char *take_item(const char **at, const field_rule *rule, uint64_t *bits)
{
    int from = rule->least, to = rule->most, step = 1;
    bool whole = **at == '*';
    if (whole) {
        ++*at;
    } else if (!take_number(at, rule, &from)) {
        return "a field is neither *, nor a number or name of its kind";
    } else {
        to = from;
        if (**at == '-' && (++*at, !take_number(at, rule, &to)))
            return "a range has no end";
        whole = to != from;
    }
    if (from < rule->least || to > rule->most || from > to)
        return "a number is out of its range, or a range runs backwards";
    if (**at == '/') {
        ++*at;
        if (!take_number(at, &MINUTE, &step) || step < 1)
            return "a step is not a number from 1 to 59";
        if (!whole)
            to = rule->most;
    }
    for (int i = from; i <= to; i += step)
        *bits |= (uint64_t)1 << i;
    return NULL;
}

static const char *take_field(const char **at, const field_rule *rule, uint64_t *bits)
{
    *bits = 0;
    for (;;) {
        const char *problem = take_item(at, rule, bits);
        if (problem)
            return problem;
        if (**at != ',')
            return NULL;
        ++*at;
    }
}

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year));
}

/* By weekday alone a day always comes; by date it does when some month named is long enough. */
static bool ever_comes(const cron *c)
{
    if (c->any_day || !c->any_weekday)
        return true;
    for (int month = 1; month <= 12; month++)
        for (int day = 1; day <= days_in(2000, month); day++)
            if (c->month >> month & 1 && c->day >> day & 1)
                return true;
    return false;
}

const char *cron_parse(const char *text, cron *out)
{
    static const field_rule *const rule[] = {&MINUTE, &HOUR, &MONTHDAY, &MONTH, &WEEKDAY};
    uint64_t bits[5];
    const char *at = text + strspn(text, " \t");
    *out = (cron){.minute = 0};
    for (int i = 0; i < 5; i++) {
        if (i == 2)
            out->any_day = *at == '*';
        if (i == 4)
            out->any_weekday = *at == '*';
        const char *problem = take_field(&at, rule[i], &bits[i]);
        if (problem)
            return problem;
        size_t blanks = strspn(at, " \t");
        if (i < 4 && (blanks == 0 || at[blanks] == '\0'))
            return at[blanks] ? "something stands behind a field" : "there are fewer than five fields";
        at += blanks;
    }
    if (*at)
        return "something stands behind the fifth field";
    out->minute = bits[0];
    out->hour = (uint32_t)bits[1];
    out->day = (uint32_t)bits[2];
    out->month = (uint32_t)bits[3];
    out->weekday = (uint32_t)(bits[4] | bits[4] >> 7) & 0x7F;
    return ever_comes(out) ? NULL : "that day never comes";
}

static int64_t floor_days(int64_t seconds)
{
    return seconds >= 0 ? seconds / DAY : -((DAY - 1 - seconds) / DAY);
}

/* 1 January 1970 was a Thursday. */
static int weekday_of(int64_t day)
{
    return (int)(((day + THURSDAY) % 7 + 7) % 7);
}

static bool hour_fits(cron_hours hours, int weekday, int hour)
{
    bool office = weekday <= THURSDAY && hour >= OFFICE_BEGINS && hour < OFFICE_ENDS;
    return hours == HOURS_ANY || office == (hours == HOURS_OFFICE);
}

bool cron_within(cron_hours hours, int64_t at)
{
    int64_t day = floor_days(at);
    return hour_fits(hours, weekday_of(day), (int)((at - day * DAY) / 3600));
}

typedef struct {
    int64_t number; /* days since the epoch */
    int year, month, day;
} calendar_day;

static calendar_day day_of(int64_t number)
{
    calendar_day d = {number, 1970, 1, 1};
    int64_t left = number;
    for (; left >= 365 + leap(d.year); d.year++)
        left -= 365 + leap(d.year);
    for (; left >= days_in(d.year, d.month); d.month++)
        left -= days_in(d.year, d.month);
    d.day = (int)left + 1;
    return d;
}

static void step_day(calendar_day *d)
{
    d->number++;
    if (++d->day <= days_in(d->year, d->month))
        return;
    d->day = 1;
    if (++d->month <= 12)
        return;
    d->month = 1;
    d->year++;
}

static bool day_fits(const cron *c, const calendar_day *d)
{
    bool day = c->day >> d->day & 1, weekday = c->weekday >> weekday_of(d->number) & 1;
    if (!(c->month >> d->month & 1))
        return false;
    return c->any_day || c->any_weekday ? day && weekday : day || weekday;
}

/* The first minute of that day from `from` on that fits, -1 when there is none. */
static int minute_in(const cron *c, cron_hours hours, int weekday, int from)
{
    for (int minute = from; minute < DAY / 60; minute++)
        if (c->hour >> minute / 60 & 1 && c->minute >> minute % 60 & 1 &&
            hour_fits(hours, weekday, minute / 60))
            return minute;
    return -1;
}

int64_t cron_next(const cron *c, cron_hours hours, int64_t after)
{
    if (after < 0)
        after = 0;
    calendar_day d = day_of(after / DAY);
    int from = (int)(after % DAY / 60) + 1;
    for (int days = 0; days < DAYS_AHEAD; days++, step_day(&d), from = 0) {
        int minute = day_fits(c, &d) ? minute_in(c, hours, weekday_of(d.number), from) : -1;
        if (minute >= 0)
            return d.number * DAY + minute * 60;
    }
    return -1;
}
