/*
 * test_due.c - when a source is due, by its schedule and by how its last run ended.
 */
#include "schedule/due.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

enum { INTERVAL = 3600 };

/* Seconds since 1970 on the clock of a wall that shows "2026-11-22 06:10"; NULL: 0. */
static int64_t wall(const char *text)
{
    struct tm tm = {0};
    if (!text)
        return 0;
    assert_int_equal(
        sscanf(text, "%d-%d-%d %d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min), 5);
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return (int64_t)timegm(&tm);
}

static void says_when_a_source_is_due(void **state)
{
    (void)state;
    static const struct {
        const char *cron;
        cron_hours hours;
        due_end end;
        const char *began, *ended, *not_before, *due; /* due: NULL, at once; "never" */
    } row[] = {
        /* by cron: the first time after the last run began, however long ago that was */
        {"30 2 * * *", HOURS_ANY, PAST_DONE, "2026-11-22 02:30", "2026-11-22 04:00", NULL,
         "2026-11-23 02:30"},
        {"30 2 * * *", HOURS_ANY, PAST_DONE, "2026-11-01 02:30", "2026-11-01 04:00", NULL,
         "2026-11-02 02:30"},
        {"* * * * *", HOURS_ANY, PAST_DONE, "2026-11-22 02:30", "2026-11-22 02:40", NULL, "2026-11-22 02:31"},
        {"0 * * * *", HOURS_OFFICE, PAST_DONE, "2026-11-26 16:00", "2026-11-26 16:30", NULL,
         "2026-11-29 09:00"},
        {"30 2 * * *", HOURS_ANY, PAST_NONE, "2026-11-22 12:00", NULL, NULL, "2026-11-23 02:30"},
        /* by interval */
        {"", HOURS_ANY, PAST_DONE, "2026-11-22 02:30", "2026-11-22 04:00", NULL, "2026-11-22 03:30"},
        {"", HOURS_ANY, PAST_NONE, "2026-11-22 02:30", NULL, NULL, NULL},
        /* failed: after the interval, or at the next time when that comes first */
        {"30 2 * * *", HOURS_ANY, PAST_FAILED, "2026-11-22 02:30", "2026-11-22 02:35", NULL,
         "2026-11-22 03:35"},
        {"*/5 * * * *", HOURS_ANY, PAST_FAILED, "2026-11-22 02:30", "2026-11-22 02:33", NULL,
         "2026-11-22 02:35"},
        {"", HOURS_ANY, PAST_FAILED, "2026-11-22 02:30", "2026-11-22 02:35", NULL, "2026-11-22 03:30"},
        /* cut short: at once, or when it may */
        {"30 2 * * *", HOURS_ANY, PAST_CUT, "2026-11-22 02:30", "2026-11-22 02:35", NULL, NULL},
        {"30 2 * * *", HOURS_ANY, PAST_CUT, "2026-11-22 02:30", "2026-11-22 02:35", "2026-11-23 00:00",
         "2026-11-23 00:00"},
        {"30 2 * * *", HOURS_ANY, PAST_DONE, "2026-11-22 02:30", "2026-11-22 02:35", "2026-11-23 00:00",
         "2026-11-23 02:30"},
        {"*/5 * * * *", HOURS_ANY, PAST_DONE, "2026-11-22 02:30", "2026-11-22 02:35", "2026-11-23 00:00",
         "2026-11-23 00:00"},
        {"30 2 * * *", HOURS_ANY, PAST_HELD, "2026-11-22 02:30", "2026-11-22 02:35", NULL, "never"},
        {"", HOURS_ANY, PAST_HELD, "2026-11-22 02:30", "2026-11-22 02:35", "2026-11-23 00:00", "never"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        source_schedule s = {.hours = row[i].hours};
        (void)snprintf(s.cron, sizeof s.cron, "%s", row[i].cron);
        const due_past past = {row[i].end, wall(row[i].began), wall(row[i].ended), wall(row[i].not_before)};
        int64_t wanted = row[i].due && *row[i].due == 'n' ? INT64_MAX : wall(row[i].due);
        int64_t due = due_at(&s, INTERVAL, &past);
        if (due != wanted)
            fail_msg("row %zu: %lld, not %lld", i, (long long)due, (long long)wanted);
    }
}

static void knows_midnight(void **state)
{
    (void)state;
    assert_int_equal(due_tomorrow(wall("2026-11-22 00:00")), wall("2026-11-23 00:00"));
    assert_int_equal(due_tomorrow(wall("2026-11-22 23:59") + 59), wall("2026-11-23 00:00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_when_a_source_is_due),
                                       cmocka_unit_test(knows_midnight)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
