/*
 * test_table.c - columns are aligned, also where text has marks without width, and no line is wider than the
 * screen.
 */
#include "cli/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cli/text.h"

static char *printed(const table *t)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    table_print(t, to);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void aligns_text_and_numbers(void **state)
{
    (void)state;
    table t;
    table_init(&t);
    table_column(&t, "source", TABLE_LEFT);
    table_column(&t, "rows", TABLE_RIGHT);
    table_column(&t, "state", TABLE_LEFT);
    const char *const row[][3] = {{"dss", "1,234", "finished"}, {"molwa", "7", NULL}, {"total", "1,241", ""}};
    for (size_t i = 0; i < 3; i++)
        assert_true(table_row(&t, row[i]));
    t.total = true;
    char *text = printed(&t);
    assert_string_equal(text, "source   rows  state\n"
                              "------  -----  --------\n"
                              "dss     1,234  finished\n"
                              "molwa       7  -\n"
                              "------  -----  --------\n"
                              "total   1,241  \n");
    free(text);
    table_free(&t);
}

static void keeps_bengali_columns_straight(void **state)
{
    (void)state;
    table t;
    table_init(&t);
    table_column(&t, "a", TABLE_LEFT);
    table_column(&t, "b", TABLE_LEFT);
    const char *const marks[] = {"\xE0\xA6\xB0\xE0\xA6\xB9\xE0\xA6\xBF", "x"}, *const plain[] = {"abcd", "y"};
    assert_true(table_row(&t, marks) && table_row(&t, plain));
    char *text = printed(&t);
    assert_non_null(strstr(text, "\xE0\xA6\xB0\xE0\xA6\xB9\xE0\xA6\xBF    x\nabcd  y\n"));
    free(text);
    table_free(&t);
}

static void cuts_the_last_column(void **state)
{
    (void)state;
    char wide[300];
    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    table t;
    table_init(&t);
    table_column(&t, "key", TABLE_LEFT);
    table_column(&t, "text", TABLE_LEFT);
    const char *const row[] = {"k", wide};
    assert_true(table_row(&t, row));
    char *text = printed(&t);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(text_characters(line) <= SCREEN_COLUMNS);
    free(text);
    table_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligns_text_and_numbers),
        cmocka_unit_test(keeps_bengali_columns_straight),
        cmocka_unit_test(cuts_the_last_column),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
