/*
 * test_copy_text.c - cells of COPY text: what must be escaped is, what must not be is not, what cannot be
 * stored is told.
 */
#include "load/copy_text.h"

#include "base/copy_escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void assert_text(const char *expected, const buf *b)
{
    assert_int_equal(b->size, strlen(expected));
    assert_memory_equal(b->data, expected, b->size);
}

static void escapes_what_copy_reads(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 1000);
    assert_true(copy_text(&b, span_of("a\tb\nc\\d\re'\"\xE0\xA6\x95\\N")));
    assert_text("a\\tb\\nc\\\\d\\re'\"\xE0\xA6\x95\\\\N", &b);
    buf_clear(&b);
    assert_true(copy_text(&b, span_of("")));
    assert_text("", &b);
    assert_true(copy_text_or_null(&b, ""));
    assert_text("\\N", &b);
    buf_free(&b);
}

/* trace/ reads lines of COPY TO, and makes such lines itself. */
static void what_is_escaped_comes_back(void **state)
{
    (void)state;
    char all[127];
    buf out, back;
    buf_init(&out, 1000);
    buf_init(&back, 1000);
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)(i + 1);
    assert_true(copy_escape(&out, (span){all, sizeof all}));
    assert_int_equal(out.size, sizeof all + 7);
    assert_true(copy_unescape(buf_span(&out), &back));
    assert_int_equal(back.size, sizeof all);
    assert_memory_equal(back.data, all, sizeof all);
    assert_false(copy_unescape(span_of("cut\\"), &back));
    buf_free(&out);
    buf_free(&back);
}

static void writes_bytes_dates_and_numbers(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 1000);
    assert_true(copy_bytes(&b, "\x00\xff\x5c", 3) && copy_next(&b));
    assert_true(copy_date(&b, (civil_date){1950, 1, 9}) && copy_next(&b));
    assert_true(copy_integer(&b, INT64_MIN) && copy_end(&b));
    assert_text("\\\\x00ff5c\t1950-01-09\t-9223372036854775808\n", &b);
    buf_free(&b);
}

static void fails_when_full(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 5);
    assert_false(copy_text(&b, span_of("ab\tcde")));
    buf_free(&b);
}

static void knows_what_the_database_takes(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "plain",
                                       "\xE0\xA6\x95\xE0\xA7\x8D",
                                       "\xC2\x80",
                                       "\xF4\x8F\xBF\xBF",
                                       "\xED\x9F\xBF",
                                       "\xEF\xBF\xBD"};
    static const char *const bad[] = {"\x80",         "\xC1\xBF",         "\xE0\x9F\xBF",
                                      "\xED\xA0\x80", "\xF0\x8F\x80\x80", "\xF4\x90\x80\x80",
                                      "\xE0\xA6",     "ab\xFF",           "\xF5\x80\x80\x80"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(copy_text_fits(span_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(copy_text_fits(span_of(bad[i])));
    assert_false(copy_text_fits((span){"a\0b", 3}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_copy_reads),        cmocka_unit_test(what_is_escaped_comes_back),
        cmocka_unit_test(writes_bytes_dates_and_numbers), cmocka_unit_test(fails_when_full),
        cmocka_unit_test(knows_what_the_database_takes),
    };
    return cmocka_run_group_tests_name("copy_text", tests, NULL, NULL);
}
