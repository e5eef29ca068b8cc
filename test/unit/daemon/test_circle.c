/*
 * test_circle.c - listings that go round, of any length, and those that do not; times that lie in the future.
 */
#include "job/circle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "source/skew.h"

/* Pages until it is noticed that a listing repeats every `length` pages after a lead of `lead`; 0: not within most. */
static int noticed_after(int lead, int length, bool by_cursor, int most)
{
    circle c = {.lap = 0};
    for (int i = 0; i < most; i++) {
        int place = i < lead || length == 0 ? i : lead + (i - lead) % length;
        uint8_t page[SHA256_BYTES] = {0};
        char cursor[32] = "";
        int seen = by_cursor ? i : place;
        memcpy(page, &seen, sizeof seen);
        if (by_cursor)
            (void)snprintf(cursor, sizeof cursor, "cursor=%d", place);
        if (circle_closed(&c, page, cursor))
            return i + 1;
    }
    return 0;
}

static void notices_circles(void **state)
{
    (void)state;
    for (int by_cursor = 0; by_cursor < 2; by_cursor++) {
        assert_int_equal(noticed_after(0, 0, by_cursor, 5000), 0);
        for (int lead = 0; lead < 40; lead += 7) {
            for (int length = 1; length < 70; length += 3) {
                int after = noticed_after(lead, length, by_cursor, 5000);
                assert_true(after > lead && after <= 4 * (lead + length) + 4);
            }
        }
    }
}

static void knows_the_future(void **state)
{
    const time_t now = 1795305600; /* 2026-11-22 00:00 UTC */
    (void)state;
    assert_false(skew_ahead(span_of("2026-11-22T00:00:00Z"), now));
    assert_false(skew_ahead(span_of("2026-11-22 14:00:00"), now));
    assert_false(skew_ahead(span_of("2026-11-22T23:59"), now));
    assert_true(skew_ahead(span_of("2026-11-23T00:01:00Z"), now));
    assert_true(skew_ahead(span_of("2036-01-01 00:00:00.000"), now));
    assert_false(skew_ahead(span_of("1999999999"), now));
    assert_false(skew_ahead(span_of("2036"), now));
    assert_false(skew_ahead(span_of("not a time at all"), now));
    assert_false(skew_ahead((span){NULL, 0}, now));
    assert_false(skew_ahead(span_of("2036-01-01"), now));
}

static void goes_back_in_time(void **state)
{
    static const struct {
        const char *from;
        int seconds;
        const char *to; /* NULL: it stays */
    } c[] = {
        {"2026-11-22T00:00:10Z", 20, "2026-11-21T23:59:50Z"},
        {"2026-11-22 00:00:10.123+06", 10, "2026-11-22 00:00:00.123+06"},
        {"2024-03-01T00:00", 1, "2024-02-29T23:59"},
        {"2024-03-01T00:00+06:00", 3600, "2024-02-29T23:00+06:00"},
        {"2025-01-01", 1, "2024-12-31"},
        {"2025-01-01", 86401, "2024-12-30"},
        {"1970-01-01T00:00:00Z", 604800, "1969-12-25T00:00:00Z"},
        {"1795305600", 3600, NULL},
        {"2026-11-22", 0, "2026-11-22"},
        {"2026-1-2 3:4:5.00000", 60, NULL},
        {"+026-11-22T00:00", 60, NULL},
        {"2026-13-22T00:00", 60, NULL},
        {"2026-11-00T00:00", 60, NULL},
        {"2026-11-22T24:00", 60, NULL},
        {"2026-11-22T23:60", 60, NULL},
        {"2026-11-22T00:00:68Z", 0, NULL},
        {"2026-12-31T23:59:60Z", 0, "2026-12-31T23:59:59Z"}, /* never forward */
        {"1899-11-22T00:00", 60, NULL},
        {"", 60, NULL},
        {"2026-11-2x", 60, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%s", c[i].from);
        assert_int_equal(skew_back(text, c[i].seconds), c[i].to != NULL);
        assert_string_equal(text, c[i].to ? c[i].to : c[i].from);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notices_circles),
        cmocka_unit_test(knows_the_future),
        cmocka_unit_test(goes_back_in_time),
    };
    return cmocka_run_group_tests_name("circle", tests, NULL, NULL);
}
