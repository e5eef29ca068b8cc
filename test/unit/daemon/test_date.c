/*
 * test_date.c - dates are read by the declared pattern and no other; the calendar is Gregorian.
 */
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

static void knows_the_calendar(void **state)
{
    (void)state;
    static const struct {
        civil_date date;
        bool exists;
    } table[] = {
        {{2024, 2, 29}, true},  {{2023, 2, 29}, false},  {{2000, 2, 29}, true},  {{1900, 2, 29}, false},
        {{1971, 12, 31}, true}, {{1971, 12, 32}, false}, {{1971, 13, 1}, false}, {{1971, 0, 1}, false},
        {{1971, 4, 31}, false}, {{1971, 4, 30}, true},   {{1971, 1, 0}, false},  {{0, 1, 1}, false},
        {{1, 1, 1}, true},      {{9999, 12, 31}, true},  {{10000, 1, 1}, false}, {{1971, 3, -1}, false}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (date_exists(table[i].date) != table[i].exists)
            fail_msg("row %zu: %d-%d-%d", i, table[i].date.year, table[i].date.month, table[i].date.day);
}

static void compares(void **state)
{
    (void)state;
    civil_date a = {1999, 12, 31}, b = {2000, 1, 1}, c = {2000, 1, 2}, d = {2000, 2, 1};
    assert_true(date_compare(a, b) < 0 && date_compare(b, c) < 0 && date_compare(c, d) < 0);
    assert_true(date_compare(d, a) > 0 && date_compare(d, c) > 0 && date_compare(c, b) > 0);
    assert_int_equal(date_compare(b, b), 0);
}

static void judges_patterns(void **state)
{
    (void)state;
    static const char *const good[] = {"yyyy-mm-dd", "dd/mm/yyyy", "dd-mon-yyyy", "mon dd, yyyy",
                                       "yyyymmdd",   "dd.mm.yyyy", "yyyy-mm-dd*"};
    static const char *const bad[] = {"",
                                      "yyyy-mm",
                                      "yy-mm-dd",
                                      "dd/mm/yyyy/dd",
                                      "yyyy-mm-dd**",
                                      "*yyyy-mm-dd",
                                      "yyyy-mm-mon-dd",
                                      "dd:mm:yyyy",
                                      "YYYY-MM-DD",
                                      "yyyy-mm-ddd"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!date_pattern_valid(good[i]))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (date_pattern_valid(bad[i]))
            fail_msg("accepted: %s", bad[i]);
}

static void reads_by_pattern(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        civil_date date; /* year 0: refused */
    } table[] = {{"dd/mm/yyyy", "05/12/1987", {1987, 12, 5}},
                 {"mm/dd/yyyy", "05/12/1987", {1987, 5, 12}},
                 {"yyyy-mm-dd", "1987-12-05", {1987, 12, 5}},
                 {"yyyymmdd", "19871205", {1987, 12, 5}},
                 {"ddmmyyyy", "05121987", {1987, 12, 5}},
                 {"dd/mm/yyyy", "৩১/০১/১৯৭১", {1971, 1, 31}},
                 {"dd/mm/yyyy", "৩1/0১/19৭1", {1971, 1, 31}},
                 {"dd/mm/yyyy", "5/1/1987", {1987, 1, 5}},
                 {"dd-mon-yyyy", "05-Dec-1987", {1987, 12, 5}},
                 {"dd mon yyyy", "05 DECEMBER 1987", {1987, 12, 5}},
                 {"mon dd, yyyy", "Sept 9, 1987", {1987, 9, 9}},
                 {"yyyy-mm-dd*", "1987-12-05", {1987, 12, 5}},
                 {"yyyy-mm-dd*", "1987-12-05T23:59:59+06:00", {1987, 12, 5}},
                 {"yyyy-mm-dd*", "1987-12-05 00:00:00", {1987, 12, 5}},
                 {"dd/mm/yyyy", "31/02/1987", {1987, 2, 31}}, /* well shaped; date_exists() says the rest */
                 {"dd/mm/yyyy", "99/99/0000", {0, 99, 99}},
                 {"yyyy-mm-dd", "1987-12-05T00:00:00", {0, 0, 0}},
                 {"yyyy-mm-dd*", "1987-12-05x", {0, 0, 0}},
                 {"yyyy-mm-dd", "87-12-05", {0, 0, 0}},
                 {"yyyy-mm-dd", "1987/12/05", {0, 0, 0}},
                 {"yyyy-mm-dd", "1987-12-", {0, 0, 0}},
                 {"yyyy-mm-dd", "1987-12-055", {0, 0, 0}},
                 {"yyyy-mm-dd", "1987-012-05", {0, 0, 0}},
                 {"yyyy-mm-dd", " 1987-12-05", {0, 0, 0}},
                 {"yyyy-mm-dd", "", {0, 0, 0}},
                 {"yyyymmdd", "1987125", {0, 0, 0}},
                 {"dd-mon-yyyy", "05-Foo-1987", {0, 0, 0}},
                 {"dd-mon-yyyy", "05-De-1987", {0, 0, 0}},
                 {"dd-mon-yyyy", "05-Dece-1987", {0, 0, 0}},
                 {"dd-mon-yyyy", "05--1987", {0, 0, 0}},
                 {"dd/mm/yyyy", "৩১/০১/১৯৭\xE0\xA7", {0, 0, 0}}, /* cut inside a digit */
                 {"dd/mm/yyyy", "३१/०१/१९७१", {0, 0, 0}}};       /* Devanagari is not asked for */
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        civil_date want = table[i].date, got = {-1, -1, -1};
        bool shaped = want.day != 0;
        if (date_parse(table[i].pattern, span_of(table[i].text), &got) != shaped)
            fail_msg("row %zu: %s by %s", i, table[i].text, table[i].pattern);
        if (shaped ? date_compare(got, want) != 0 : got.year != -1)
            fail_msg("row %zu: %s by %s gave %d-%d-%d", i, table[i].text, table[i].pattern, got.year,
                     got.month, got.day);
    }
}

static void today_is_six_hours_ahead_of_utc(void **state)
{
    (void)state;
    char text[16];
    civil_date today, before = date_in_dhaka(0);
    time_t now = time(NULL) + 21600;
    struct tm tm;
    strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&now, &tm));
    assert_true(date_parse("yyyy-mm-dd", span_of(text), &today));
    assert_true(date_compare(before, today) <= 0 && date_compare(today, date_in_dhaka(0)) <= 0);
    assert_true(date_exists(today));
    assert_true(date_compare(date_in_dhaka(1), today) > 0);
    assert_true(date_exists(date_in_dhaka(366)) && date_compare(date_in_dhaka(366), date_in_dhaka(1)) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_the_calendar), cmocka_unit_test(compares),
                                       cmocka_unit_test(judges_patterns), cmocka_unit_test(reads_by_pattern),
                                       cmocka_unit_test(today_is_six_hours_ahead_of_utc)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
