/*
 * test_brn.c - birth registration numbers. Vectors marked [v] are those of the project's reference table.
 */
#include "identifier_table.h"

static ekok_status read_brn(ekok_span text, char canonical[EKOK_DIGITS_TEXT])
{
    ekok_brn brn;
    ekok_status status = ekok_brn_parse(text, &brn);

    if (status.code == EKOK_OK) {
        assert_int_equal(ekok_brn_format(brn, canonical), 17);
    }
    return status;
}

static const identifier_line LINES[] = {
    {"19790912166999999", "19790912166999999", EKOK_OK, 0, "[v] brn17"},
    {"1979091216699999", "19790912166099999", EKOK_OK, 0, "[v] brn16: a 0 before the last five"},
    {"1979 0912166 999999", "19790912166999999", EKOK_OK, 0, "spaced"},
    {"\u09E7\u09EF\u09ED\u09EF0912166999999", "19790912166999999", EKOK_OK, 0, "Bengali year"},
    {"1979000000000000", "19790000000000000", EKOK_OK, 0, "16 digits, all zero behind the year"},
    {"00000912166999999", NULL, EKOK_BAD_YEAR, 1, "no year"},
    {"-1849091216699999", NULL, EKOK_BAD_YEAR, 2, "16 digits, a year early"},
    {"197909121669999", NULL, EKOK_BAD_LENGTH, 0, "15"},
    {"197909121669999991", NULL, EKOK_BAD_LENGTH, 0, "18"},
    {"1979091216699999O", NULL, EKOK_BAD_CHARACTER, 17, "letter O"},
    {"", NULL, EKOK_EMPTY, 0, "empty"},
};

static void lines(void **state)
{
    (void)state;
    check_table(LINES, COUNT_OF(LINES), read_brn);
}

static ekok_brn brn_of(const char *text)
{
    ekok_brn brn = {0};
    ekok_status status = ekok_brn_parse(span_of(text), &brn);

    assert_int_equal(status.code, EKOK_OK);
    return brn;
}

static void conversion_is_remembered(void **state)
{
    (void)state;
    assert_true(ekok_brn_was_converted(brn_of("1979091216699999")));
    assert_false(ekok_brn_was_converted(brn_of("19790912166099999")));
    assert_int_equal(ekok_brn_birth_year(brn_of("1979091216699999")), 1979);
    assert_int_equal(ekok_brn_birth_year(brn_of("19790912166099999")), 1979);
}

static void equal_whether_converted_or_not(void **state)
{
    (void)state;
    assert_int_equal(ekok_brn_compare(brn_of("1979091216699999"), brn_of("19790912166099999")), 0);
    assert_int_equal(ekok_brn_compare(brn_of("1979091216699999"), brn_of("19790912166100000")), -1);
    assert_int_equal(ekok_brn_compare(brn_of("19790912166100000"), brn_of("1979091216699999")), 1);
    assert_string_equal(ekok_brn_origin(brn_of("1979091216699999")).serial, "099999");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(conversion_is_remembered),
        cmocka_unit_test(equal_whether_converted_or_not),
    };
    return cmocka_run_group_tests_name("core/brn", tests, NULL, NULL);
}
