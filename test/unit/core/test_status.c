/*
 * test_status.c - every code has its four texts, names are stable, and no code falls outside the tables.
 */
#include "identifier_table.h"

static void every_code_speaks(void **state)
{
    (void)state;
    for (int i = EKOK_OK + 1; i < EKOK_CODE_COUNT; i++) {
        ekok_code code = (ekok_code)i;
        assert_true(strlen(ekok_code_name(code)) > 2);
        assert_true(strlen(ekok_code_message(code)) > 5);
        assert_true(strlen(ekok_code_detail(code)) > 5);
        assert_true(strlen(ekok_code_hint(code)) > 5);
        /* PostgreSQL's style: message without a full stop, detail and hint are sentences. */
        assert_int_not_equal(ekok_code_message(code)[strlen(ekok_code_message(code)) - 1], '.');
        assert_int_equal(ekok_code_detail(code)[strlen(ekok_code_detail(code)) - 1], '.');
        assert_int_equal(ekok_code_hint(code)[strlen(ekok_code_hint(code)) - 1], '.');
    }
}

/* Scripts depend on these: a change here is a change of the interface. */
static void names_are_stable(void **state)
{
    (void)state;
    assert_string_equal(ekok_code_name(EKOK_OK), "ok");
    assert_string_equal(ekok_code_name(EKOK_EMPTY), "empty");
    assert_string_equal(ekok_code_name(EKOK_TOO_LONG), "too_long");
    assert_string_equal(ekok_code_name(EKOK_NUL_BYTE), "nul_byte");
    assert_string_equal(ekok_code_name(EKOK_BAD_UTF8), "bad_utf8");
    assert_string_equal(ekok_code_name(EKOK_BAD_CHARACTER), "bad_character");
    assert_string_equal(ekok_code_name(EKOK_BAD_LENGTH), "bad_length");
    assert_string_equal(ekok_code_name(EKOK_BAD_PREFIX), "bad_prefix");
    assert_string_equal(ekok_code_name(EKOK_BAD_YEAR), "bad_year");
    assert_string_equal(ekok_code_name(EKOK_BAD_CHECK_DIGIT), "bad_check_digit");
    assert_string_equal(ekok_code_name(EKOK_BAD_PROVIDER), "bad_provider");
    assert_string_equal(ekok_code_name(EKOK_NO_PROVIDER), "no_provider");
    assert_string_equal(ekok_code_name(EKOK_NO_GLYPH), "no_glyph");
    assert_string_equal(ekok_code_name(EKOK_BAD_PLACE), "bad_place");
    assert_int_equal(EKOK_CODE_COUNT, 14);
}

static void names_differ(void **state)
{
    (void)state;
    for (int i = 0; i < EKOK_CODE_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(ekok_code_name((ekok_code)i), ekok_code_name((ekok_code)j));
        }
    }
}

static void a_code_outside_the_list_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(ekok_code_name(EKOK_CODE_COUNT), "unknown");
    assert_string_equal(ekok_code_name((ekok_code)1000), "unknown");
    assert_string_equal(ekok_code_message((ekok_code)1000), "unknown status");
    assert_string_equal(ekok_code_detail((ekok_code)1000), "");
    assert_string_equal(ekok_code_hint((ekok_code)1000), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_speaks),
        cmocka_unit_test(names_are_stable),
        cmocka_unit_test(names_differ),
        cmocka_unit_test(a_code_outside_the_list_is_unknown),
    };
    return cmocka_run_group_tests_name("core/status", tests, NULL, NULL);
}
