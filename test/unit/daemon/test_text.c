/*
 * test_text.c - numbers, durations, widths and masks as screens show them.
 */
#include "cli/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void groups_thousands(void **state)
{
    (void)state;
    char out[NUMBER_TEXT];
    assert_string_equal(text_number(0, out), "0");
    assert_string_equal(text_number(999, out), "999");
    assert_string_equal(text_number(1000, out), "1,000");
    assert_string_equal(text_number(30000000, out), "30,000,000");
    assert_string_equal(text_number(-1, out), "-");
}

static void names_units_of_time(void **state)
{
    (void)state;
    char out[NUMBER_TEXT];
    assert_string_equal(text_duration(0.2, out), "0 s");
    assert_string_equal(text_duration(59.4, out), "59 s");
    assert_string_equal(text_duration(75, out), "1:15 min");
    assert_string_equal(text_duration(4000, out), "1:06:40 h");
}

static void counts_columns_of_bengali(void **state)
{
    (void)state;
    static const char rahima[] =
        "\xE0\xA6\xB0\xE0\xA6\xB9\xE0\xA6\xBF\xE0\xA6\xAE\xE0\xA6\xBE"; /* ra ha i ma aa */
    assert_int_equal(text_columns("Rahima"), 6);
    assert_int_equal(text_columns(rahima), 3);
    assert_int_equal(text_characters(rahima), 5);
    assert_int_equal(text_columns("a\xFF\xE0"), 3); /* malformed bytes neither hang nor overrun */
}

static void cuts_between_characters(void **state)
{
    (void)state;
    char out[64];
    text_cut("abcdef", 6, out, sizeof out);
    assert_string_equal(out, "abcdef");
    text_cut("abcdefg", 6, out, sizeof out);
    assert_string_equal(out, "abc...");
    text_cut("\xE0\xA6\x95\xE0\xA6\x96\xE0\xA6\x97\xE0\xA6\x98\xE0\xA6\x99", 4, out, sizeof out);
    assert_string_equal(out, "\xE0\xA6\x95...");
    text_cut("a\tb\x1b[2J", 10, out, sizeof out); /* a terminal is not to be steered by data */
    assert_string_equal(out, "a b [2J");
}

static void masks_all_but_the_end(void **state)
{
    (void)state;
    char out[16];
    text_mask(span_of("1234567890"), out, sizeof out);
    assert_string_equal(out, "*7890");
    text_mask(span_of("12345678901234567"), out, sizeof out);
    assert_string_equal(out, "*4567");
    text_mask(span_of("1234567"), out, sizeof out); /* of a short one the end would be too much */
    assert_string_equal(out, "*");
}

static void wraps_at_blanks(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    for (int i = 0; i < 30; i++)
        text_print_wrapped(i % 2 ? "short"
                                 : "a line of words that is longer than the eighty columns of a terminal "
                                   "and so has to go on in the next one",
                           4, to);
    assert_int_equal(fclose(to), 0);
    assert_memory_equal(text,
                        "a line of words that is longer than the eighty columns of a terminal and so has\n"
                        "    to go on in the next one\nshort\n",
                        115);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(strlen(line) <= SCREEN_COLUMNS);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_thousands),          cmocka_unit_test(names_units_of_time),
        cmocka_unit_test(counts_columns_of_bengali), cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(masks_all_but_the_end),     cmocka_unit_test(wraps_at_blanks),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
