/*
 * test_cron.c - cron expressions: what is due next on the clock of a wall, and what is refused.
 */
#include "base/cron.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

/* Seconds since 1970 on the clock of a wall that shows "2026-11-22 06:10". */
static int64_t wall(const char *text)
{
    struct tm tm = {0};
    assert_int_equal(
        sscanf(text, "%d-%d-%d %d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min), 5);
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return (int64_t)timegm(&tm);
}

static void says_what_is_due_next(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        cron_hours hours;
        const char *after, *next;
    } row[] = {
        /* 22 November 2026 is a Sunday */
        {"* * * * *", HOURS_ANY, "2026-11-22 06:10", "2026-11-22 06:11"},
        {"30 2 * * *", HOURS_ANY, "2026-11-22 02:29", "2026-11-22 02:30"},
        {"30 2 * * *", HOURS_ANY, "2026-11-22 02:30", "2026-11-23 02:30"},
        {"0 0 1 1 *", HOURS_ANY, "2026-11-22 00:00", "2027-01-01 00:00"},
        {"0 0 29 2 *", HOURS_ANY, "2026-11-22 00:00", "2028-02-29 00:00"},
        {"0 0 29 feb *", HOURS_ANY, "2096-03-01 00:00", "2104-02-29 00:00"}, /* 2100 is no leap year */
        {"59 23 31 12 *", HOURS_ANY, "2026-12-31 23:59", "2027-12-31 23:59"},
        {"*/20 6-7 * * *", HOURS_ANY, "2026-11-22 06:40", "2026-11-22 07:00"},
        {"*/20 6-7 * * *", HOURS_ANY, "2026-11-22 07:40", "2026-11-23 06:00"},
        {"5,10-12 3 * * *", HOURS_ANY, "2026-11-22 03:05", "2026-11-22 03:10"},
        {"5/25 3 * * *", HOURS_ANY, "2026-11-22 03:30", "2026-11-22 03:55"},
        {"0 3 * * sun-thu", HOURS_ANY, "2026-11-26 03:00", "2026-11-29 03:00"}, /* Thursday, then Sunday */
        {"0 3 * * 7", HOURS_ANY, "2026-11-22 03:00", "2026-11-29 03:00"},
        {"0 3 * * 5-7", HOURS_ANY, "2026-11-22 03:00", "2026-11-27 03:00"},
        {"0 3 13 * FRI", HOURS_ANY, "2026-11-22 03:00", "2026-11-27 03:00"}, /* either is enough */
        {"0 3 13 * FRI", HOURS_ANY, "2026-12-12 03:00", "2026-12-13 03:00"},
        {"0 3 */2 * fri", HOURS_ANY, "2026-11-22 03:00", "2026-11-27 03:00"}, /* a star: both are asked for */
        {"0 3 31 2 fri", HOURS_ANY, "2026-11-22 03:00", "2027-02-05 03:00"},
        {"0 * * * *", HOURS_OFFICE, "2026-11-22 16:00", "2026-11-23 09:00"},
        {"0 * * * *", HOURS_OFFICE, "2026-11-26 16:30",
         "2026-11-29 09:00"}, /* Friday and Saturday are free */
        {"0 * * * *", HOURS_OFF, "2026-11-22 08:00", "2026-11-22 17:00"},
        {"0 * * * *", HOURS_OFF, "2026-11-27 09:00", "2026-11-27 10:00"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        cron c;
        const char *problem = cron_parse(row[i].expression, &c);
        if (problem)
            fail_msg("%s: %s", row[i].expression, problem);
        int64_t next = cron_next(&c, row[i].hours, wall(row[i].after));
        if (next != wall(row[i].next))
            fail_msg("%s after %s: %ld, not %ld", row[i].expression, row[i].after, (long)next,
                     (long)wall(row[i].next));
        assert_int_equal(cron_next(&c, row[i].hours, wall(row[i].next) - 1), wall(row[i].next));
        assert_true(cron_within(row[i].hours, next));
    }
}

static void says_when_hours_never_meet(void **state)
{
    (void)state;
    cron c;
    assert_null(cron_parse("0 3 * * *", &c));
    assert_int_equal(cron_next(&c, HOURS_OFFICE, wall("2026-11-22 00:00")), -1);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *problem;
    } row[] = {
        {"", "a field is neither *, nor a number or name of its kind"},
        {"* * * *", "there are fewer than five fields"},
        {"* * * * ", "there are fewer than five fields"},
        {"* * * * * *", "something stands behind the fifth field"},
        {"60 * * * *", "a number is out of its range, or a range runs backwards"},
        {"* 24 * * *", "a number is out of its range, or a range runs backwards"},
        {"* * 0 * *", "a number is out of its range, or a range runs backwards"},
        {"* * * 13 *", "a number is out of its range, or a range runs backwards"},
        {"* * * * 8", "a number is out of its range, or a range runs backwards"},
        {"5-3 * * * *", "a number is out of its range, or a range runs backwards"},
        {"1- * * * *", "a range has no end"},
        {"*/0 * * * *", "a step is not a number from 1 to 59"},
        {"*/x * * * *", "a step is not a number from 1 to 59"},
        {"1,, * * * *", "a field is neither *, nor a number or name of its kind"},
        {"jan * * * *", "a field is neither *, nor a number or name of its kind"},
        {"* * * sun *", "a field is neither *, nor a number or name of its kind"},
        {"* * * january *", "a field is neither *, nor a number or name of its kind"},
        {"100 * * * *", "a field is neither *, nor a number or name of its kind"},
        {"1x * * * *", "something stands behind a field"},
        {"* * 31 feb,4 *", "that day never comes"},
        {"* * 30 2 *", "that day never comes"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        cron c;
        const char *problem = cron_parse(row[i].expression, &c);
        if (!problem)
            fail_msg("accepted: %s", row[i].expression);
        assert_string_equal(problem, row[i].problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_is_due_next),
                                       cmocka_unit_test(says_when_hours_never_meet),
                                       cmocka_unit_test(refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
