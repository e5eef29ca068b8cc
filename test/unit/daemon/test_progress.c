/*
 * test_progress.c - the progress channel from the daemon's line to the bar: nothing lost on the way, never
 * too wide.
 */
#include "cli/progress.h"

#include "control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static progress seen;

static const progress_item *take(const char *line, double now)
{
    assert_true(progress_take(&seen, line, now));
    return &seen.item[seen.count - 1];
}

static void reads_what_the_daemon_writes(void **state)
{
    (void)state;
    char line[PROGRESS_LINE];
    const job_progress told = {.source = "dss",
                               .state = JOB_FAILED,
                               .rows = 1200,
                               .total = -1,
                               .inserted = 1000,
                               .updated = 100,
                               .unchanged = 70,
                               .quarantined = 20,
                               .refused = 10,
                               .pages = 3,
                               .problem = "answered\t503\nagain"};
    memset(&seen, 0, sizeof seen);
    control_progress_line(&told, line);
    const progress_item *item = take(line, 5);
    assert_string_equal(item->name, "dss");
    assert_string_equal(item->state, "failed");
    assert_int_equal(item->rows, 1200);
    assert_int_equal(item->total, -1);
    assert_int_equal(item->inserted, 1000);
    assert_int_equal(item->updated, 100);
    assert_int_equal(item->unchanged, 70);
    assert_int_equal(item->quarantined, 20);
    assert_int_equal(item->refused, 10);
    assert_int_equal(item->pages, 3);
    assert_string_equal(item->problem, "answered 503 again");
    assert_true(progress_is_over(item));
}

static void drops_what_is_not_a_line_of_its(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof seen);
    assert_false(progress_take(&seen, "", 1));
    assert_false(progress_take(&seen, "dss\trunning\t1", 1));
    assert_false(progress_take(&seen, "\trunning\t1\t2\t3\t4\t5\t6\t7\t8\t", 1));
    assert_false(progress_take(&seen, "dss\ta-state-that-is-too-long\t1\t2\t3\t4\t5\t6\t7\t8\t", 1));
}

static void expects_the_end(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof seen);
    (void)take("dss\twaiting\t0\t-1\t0\t0\t0\t0\t0\t0\t", 5);
    const progress_item *item = take("dss\trunning\t0\t-1\t0\t0\t0\t0\t0\t0\t", 10);
    assert_int_equal(progress_percent(item), -1);
    assert_true(progress_left(item, 11) < 0);
    item = take("dss\trunning\t2500\t10000\t0\t0\t0\t0\t0\t1\t", 12);
    assert_int_equal(seen.count, 1);
    assert_int_equal(progress_percent(item), 25);
    assert_true(progress_rate(item, 12) > 1249 && progress_rate(item, 12) < 1251);
    assert_true(progress_left(item, 12) > 5.9 && progress_left(item, 12) < 6.1);
    item = take("dss\tfinished\t9999\t10000\t0\t0\t0\t0\t0\t4\t", 20);
    assert_int_equal(progress_percent(item), 100);
    assert_true(progress_rate(item, 500) > 999); /* the clock has stopped for it */
}

static void fits_the_screen(void **state)
{
    (void)state;
    char bar[PROGRESS_TEXT];
    static const char *const line[] = {
        "dss\twaiting\t0\t-1\t0\t0\t0\t0\t0\t0\t",
        "dss\trunning\t12345\t27000\t0\t0\t0\t0\t0\t0\t",
        "a_source_with_a_very_long_name\tretrying\t9999999\t29999999\t0\t0\t0\t0\t0\t0\tx",
        "dss\tfinished\t30000000\t30000000\t0\t0\t0\t0\t0\t0\t",
    };
    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        memset(&seen, 0, sizeof seen);
        const progress_item *item = take(line[i], 1);
        progress_bar(item, progress_name_width(&seen), 3000, bar);
        assert_true(text_characters(bar) < SCREEN_COLUMNS);
    }
    memset(&seen, 0, sizeof seen);
    const progress_item *item = take(line[1], 1);
    progress_bar(item, 5, 2, bar);
    assert_string_equal(bar, "dss   [#####-------]  45%       12,345/27,000  12,345/s      1 s running");
    progress_line(item, 2, bar);
    assert_string_equal(bar, "dss: running, 12,345 of 27,000 records, 12,345/s, about 1 s left");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_daemon_writes),
        cmocka_unit_test(drops_what_is_not_a_line_of_its),
        cmocka_unit_test(expects_the_end),
        cmocka_unit_test(fits_the_screen),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
