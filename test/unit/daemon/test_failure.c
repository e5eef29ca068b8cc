/*
 * test_failure.c - a failure is one line, cut to fit at a character's end.
 * (fail) in parentheses is ours; without, cmocka's macro.
 */
#include "base/failure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void carries_code_and_text(void **state)
{
    (void)state;
    failure f = {EXIT_DONE, ""};
    assert_false((fail)(&f, EXIT_KEYS, "key file %s: line %d", "k", 3));
    assert_int_equal(f.code, EXIT_KEYS);
    assert_string_equal(f.text, "key file k: line 3");
}

static void is_one_line(void **state)
{
    (void)state;
    failure f;
    (fail)(&f, EXIT_DATABASE, "%s", "ERROR: one\n\ttwo\r\x1b[31mred\x7f");
    assert_string_equal(f.text, "ERROR: one  two  [31mred ");
}

/* Every cut inside a three-byte character leaves whole characters. */
static void is_cut_between_characters(void **state)
{
    (void)state;
    for (int shift = 0; shift < 4; shift++) {
        failure f;
        char text[600] = "";
        for (int i = 0; i < shift; i++)
            strcat(text, "a");
        while (strlen(text) < 500)
            strcat(text, "\u0995");
        (fail)(&f, EXIT_INTERNAL, "%s", text);
        size_t n = strlen(f.text);
        assert_in_range(n, sizeof f.text - 4, sizeof f.text - 1);
        assert_int_equal((n - (size_t)shift) % 3, 0);
        assert_memory_equal(f.text, text, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(carries_code_and_text), cmocka_unit_test(is_one_line),
                                       cmocka_unit_test(is_cut_between_characters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
