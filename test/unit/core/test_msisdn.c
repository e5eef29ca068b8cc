/*
 * test_msisdn.c - mobile numbers. Vectors marked [v] are those of the project's reference table.
 */
#include "identifier_table.h"

static ekok_status read_msisdn(ekok_span text, char canonical[EKOK_DIGITS_TEXT])
{
    ekok_msisdn msisdn;
    ekok_status status = ekok_msisdn_parse(text, &msisdn);

    if (status.code == EKOK_OK) {
        assert_int_equal(ekok_msisdn_format(msisdn, canonical), 13);
    }
    return status;
}

static const identifier_line LINES[] = {
    {"01712345678", "8801712345678", EKOK_OK, 0, "[v] national"},
    {"8801712345678", "8801712345678", EKOK_OK, 0, "[v] E.164 without +"},
    {"+8801712345678", "8801712345678", EKOK_OK, 0, "E.164"},
    {" + 880 1712-345678", "8801712345678", EKOK_OK, 0, "E.164, spaced"},
    {"1712345678", "8801712345678", EKOK_OK, 0, "0 lost"},
    {"\u09E6\u09E7\u09ED\u09E7\u09E8\u09E9\u09EA\u09EB\u09EC\u09ED\u09EE", "8801712345678", EKOK_OK, 0,
     "Bengali"},
    {"01312345678", "8801312345678", EKOK_OK, 0, "013"},
    {"01912345678", "8801912345678", EKOK_OK, 0, "019"},
    {"01112345678", NULL, EKOK_BAD_PREFIX, 1, "[v] 011 closed"},
    {"01212345678", NULL, EKOK_BAD_PREFIX, 1, "[v] 012 unassigned"},
    {"01012345678", NULL, EKOK_BAD_PREFIX, 1, "010"},
    {"8801112345678", NULL, EKOK_BAD_PREFIX, 1, "880 and 011"},
    {"8812345678901", NULL, EKOK_BAD_PREFIX, 1, "13 digits, not 880"},
    {"02712345678", NULL, EKOK_BAD_PREFIX, 1, "land line"},
    {"11712345678", NULL, EKOK_BAD_PREFIX, 1, "11 digits, not 0"},
    {" 2712345678", NULL, EKOK_BAD_PREFIX, 2, "10 digits, not 1"},
    {"+01712345678", NULL, EKOK_BAD_PREFIX, 2, "plus without the country code"},
    {"+1712345678", NULL, EKOK_BAD_PREFIX, 2, "plus without the country code, 10 digits"},
    {"008801712345678", NULL, EKOK_BAD_LENGTH, 0, "00880"},
    {"880171234567", NULL, EKOK_BAD_LENGTH, 0, "12"},
    {"171234567", NULL, EKOK_BAD_LENGTH, 0, "9"},
    {"88017123456789", NULL, EKOK_BAD_LENGTH, 0, "14"},
    {"01712345678 / 01812345678", NULL, EKOK_BAD_CHARACTER, 13, "two numbers"},
    {"", NULL, EKOK_EMPTY, 0, "empty"},
};

static void lines(void **state)
{
    (void)state;
    check_table(LINES, COUNT_OF(LINES), read_msisdn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines)};
    return cmocka_run_group_tests_name("core/msisdn", tests, NULL, NULL);
}
