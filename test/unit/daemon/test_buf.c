/*
 * test_buf.c - the buffer keeps its ceiling, and a failed append changes nothing.
 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void grows_and_keeps_bytes(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 100000);
    for (int i = 0; i < 20000; i++)
        assert_true(buf_printf(&b, "%04d,", i % 10000));
    assert_int_equal(b.size, 100000);
    for (int i = 0; i < 20000; i += 777)
        assert_int_equal(strtol(b.data + 5 * i, NULL, 10), i % 10000);
    assert_true(b.room <= b.ceiling);
    buf_free(&b);
    assert_null(b.data);
    assert_int_equal(b.size, 0);
}

static void refuses_past_the_ceiling_unchanged(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 10);
    assert_true(buf_add_text(&b, "12345678"));
    assert_false(buf_add_text(&b, "abc"));
    assert_false(buf_add_hex(&b, "xy", 2));
    assert_false(buf_printf(&b, "%d", 123));
    assert_false(buf_reserve(&b, 3));
    assert_false(buf_add(&b, "x", (size_t)-1));
    assert_int_equal(b.size, 8);
    assert_memory_equal(b.data, "12345678", 8);
    assert_true(buf_add(&b, "90", 2));
    assert_false(buf_add_char(&b, 'x'));
    assert_true(buf_add(&b, "", 0));
    assert_memory_equal(buf_span(&b).p, "1234567890", 10);
    buf_free(&b);
}

static void clear_keeps_the_memory(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 1000);
    assert_true(buf_add_text(&b, "something"));
    const char *memory = b.data;
    size_t room = b.room;
    buf_clear(&b);
    assert_int_equal(b.size, 0);
    assert_int_equal(b.room, room);
    assert_true(buf_add_text(&b, "else"));
    assert_ptr_equal(b.data, memory);
    buf_free(&b);
    buf_free(&b);
}

static void writes_hex_and_long_text(void **state)
{
    (void)state;
    buf b;
    char text[2001];
    memset(text, 'x', 2000);
    text[2000] = '\0';
    buf_init(&b, 2010);
    assert_true(buf_add_hex(&b, "\x00\x0f\xa5\xff", 4));
    assert_true(buf_printf(&b, "%s", text)); /* longer than the small buffer inside */
    assert_int_equal(b.size, 2008);
    assert_memory_equal(b.data, "000fa5ffxxxx", 12);
    assert_int_equal(b.data[2007], 'x');
    assert_false(buf_printf(&b, "%s", text));
    assert_int_equal(b.size, 2008);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_keeps_bytes), cmocka_unit_test(refuses_past_the_ceiling_unchanged),
        cmocka_unit_test(clear_keeps_the_memory), cmocka_unit_test(writes_hex_and_long_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
