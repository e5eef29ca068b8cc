/*
 * test_bank.c - bank accounts and routing numbers. Vectors marked [v] are those of the project's reference
 * table: routing numbers from published lists, and the same with the last digit changed.
 */
#include "identifier_table.h"

static ekok_status read_account(ekok_span text, char canonical[EKOK_DIGITS_TEXT])
{
    ekok_bank_account account;
    ekok_status status = ekok_bank_account_parse(text, &account);

    if (status.code == EKOK_OK) {
        size_t length = ekok_bank_account_format(account, canonical);
        assert_int_equal(length, strlen(canonical));
    }
    return status;
}

static ekok_status read_routing(ekok_span text, char canonical[EKOK_DIGITS_TEXT])
{
    ekok_bank_routing routing;
    ekok_status status = ekok_bank_routing_parse(text, &routing);

    if (status.code == EKOK_OK) {
        assert_int_equal(ekok_bank_routing_format(routing, canonical), 9);
    }
    return status;
}

static const identifier_line ACCOUNTS[] = {
    {"00000001", "00000001", EKOK_OK, 0, "8, leading zeros count"},
    {"000000001", "000000001", EKOK_OK, 0, "9, another account"},
    {"1234-5678-90123", "1234567890123", EKOK_OK, 0, "13"},
    {"99999999999999999", "99999999999999999", EKOK_OK, 0, "17"},
    {"1234567", NULL, EKOK_BAD_LENGTH, 0, "7"},
    {"123456789012345678", NULL, EKOK_BAD_LENGTH, 0, "18"},
    {"BD12345678", NULL, EKOK_BAD_CHARACTER, 1, "letters"},
    {"", NULL, EKOK_EMPTY, 0, "empty"},
};

static const identifier_line ROUTINGS[] = {
    {"020060288", "020060288", EKOK_OK, 0, "[v] AB Bank, Barisal"},
    {"020060289", NULL, EKOK_BAD_CHECK_DIGIT, 0, "[v]"},
    {"090100378", "090100378", EKOK_OK, 0, "[v] DBBL, Bogra"},
    {"090100379", NULL, EKOK_BAD_CHECK_DIGIT, 0, "[v]"},
    {"200010074", "200010074", EKOK_OK, 0, "[v] Sonali, Bagerhat"},
    {"200010075", NULL, EKOK_BAD_CHECK_DIGIT, 0, "[v]"},
    {"025060009", "025060009", EKOK_OK, 0, "[v] Bangladesh Bank, Barisal clearing house"},
    {"025060000", NULL, EKOK_BAD_CHECK_DIGIT, 0, "[v]"},
    {"405270006", "405270006", EKOK_OK, 0, "[v] CGA office, Dhaka South"},
    {"405270007", NULL, EKOK_BAD_CHECK_DIGIT, 0, "[v]"},
    {"140581184", "140581184", EKOK_OK, 0, "[v] Mercantile, Moulvibazar"},
    {"140581185", NULL, EKOK_BAD_CHECK_DIGIT, 0, "[v]"},
    {"205153236", NULL, EKOK_BAD_CHECK_DIGIT, 0, "[v] in one public list, probably a typo there"},
    {"\u09E6\u09E8\u09E6 \u09E6\u09EC \u09E6\u09E8\u09EE\u09EE", "020060288", EKOK_OK, 0, "Bengali, spaced"},
    {"20060288", NULL, EKOK_BAD_LENGTH, 0, "a lost zero is not put back"},
    {"0200602880", NULL, EKOK_BAD_LENGTH, 0, "10"},
    {"", NULL, EKOK_EMPTY, 0, "empty"},
};

static void accounts(void **state)
{
    (void)state;
    check_table(ACCOUNTS, COUNT_OF(ACCOUNTS), read_account);
}

static void routings(void **state)
{
    (void)state;
    check_table(ROUTINGS, COUNT_OF(ROUTINGS), read_routing);
}

static ekok_bank_account account_of(const char *text)
{
    ekok_bank_account account = {0};
    ekok_status status = ekok_bank_account_parse(span_of(text), &account);

    assert_int_equal(status.code, EKOK_OK);
    return account;
}

static void accounts_of_other_lengths_differ(void **state)
{
    (void)state;
    assert_true(account_of("00000001").bits != account_of("000000001").bits);
}

static void zeros_are_put_back_on_request_only(void **state)
{
    static const struct {
        const char *text, *padded;
    } cases[] = {{"020060288", "020060288"},
                 {"20060288", "020060288"},
                 {" 2006-0288", "020060288"},
                 {"20060289", NULL},
                 {"200602", NULL},
                 {"0020060288", NULL},
                 {"", NULL}};
    char canonical[EKOK_DIGITS_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ekok_bank_routing routing;
        bool read = ekok_bank_routing_pad(span_of(cases[i].text), &routing).code == EKOK_OK;
        assert_int_equal(read, cases[i].padded != NULL);
        if (read) {
            ekok_bank_routing_format(routing, canonical);
            assert_string_equal(canonical, cases[i].padded);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts),
        cmocka_unit_test(accounts_of_other_lengths_differ),
        cmocka_unit_test(routings),
        cmocka_unit_test(zeros_are_put_back_on_request_only),
    };
    return cmocka_run_group_tests_name("core/bank", tests, NULL, NULL);
}
