/* test_remote_clock.c - pauses and clocks as headers tell them, ours right, ahead and behind. */
#include "wire/remote_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const time_t theirs = 1795305600; /* 2026-11-22 00:00 UTC, a Sunday */
static const char date[] = "Sun, 22 Nov 2026 00:00:00 GMT";

static void tells_clocks_apart(void **state)
{
    (void)state;
    assert_int_equal(remote_clock_ahead(date, theirs), 0);
    assert_int_equal(remote_clock_ahead(date, theirs - 3600), 3600);
    assert_int_equal(remote_clock_ahead(date, theirs + 86400), -86400);
    assert_int_equal(remote_clock_ahead("not a date", theirs), 0);
    assert_int_equal(remote_clock_ahead(NULL, theirs), 0);
    assert_int_equal(remote_clock_ahead(date, 0), 315360000);
}

static void waits_as_long_as_was_meant(void **state)
{
    (void)state;
    for (int off = -86400; off <= 86400; off += 43200) {
        const time_t ours = theirs + off;
        assert_int_equal(remote_clock_pause("Sun, 22 Nov 2026 00:02:00 GMT", date, ours, 86400), 120);
        assert_int_equal(remote_clock_pause("Sat, 21 Nov 2026 23:00:00 GMT", date, ours, 86400), 0);
        assert_int_equal(remote_clock_pause("Sun, 22 Nov 2026 12:00:00 GMT", date, ours, 600), 600);
        assert_int_equal(remote_clock_pause("30", date, ours, 86400), 30);
        assert_int_equal(remote_clock_pause("99999999999999999999", date, ours, 86400), 86400);
        assert_int_equal(remote_clock_pause("-5", date, ours, 86400), 0);
        assert_int_equal(remote_clock_pause("soon", date, ours, 86400), 0);
        assert_int_equal(remote_clock_pause("", date, ours, 86400), 0);
        assert_int_equal(remote_clock_pause(NULL, date, ours, 86400), 0);
    }
    assert_int_equal(remote_clock_pause("Sun, 22 Nov 2026 00:02:00 GMT", NULL, theirs + 20, 86400), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_clocks_apart),
        cmocka_unit_test(waits_as_long_as_was_meant),
    };
    return cmocka_run_group_tests_name("remote_clock", tests, NULL, NULL);
}
