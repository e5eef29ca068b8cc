/*
 * test_wallet.c - wallets and their providers. Vectors marked [v] are those of the project's reference table.
 */
#include "identifier_table.h"

static ekok_status read_as(ekok_wallet_provider provider, ekok_span text, char canonical[EKOK_DIGITS_TEXT])
{
    ekok_wallet wallet;
    ekok_status status = ekok_wallet_parse(provider, text, &wallet);

    if (status.code == EKOK_OK) {
        assert_int_equal(wallet.provider, provider);
        size_t length = ekok_wallet_format(wallet, canonical);
        assert_int_equal(length, strlen(canonical));
    }
    return status;
}

static ekok_status read_bkash(ekok_span text, char canonical[EKOK_DIGITS_TEXT])
{
    return read_as(EKOK_WALLET_BKASH, text, canonical);
}

static ekok_status read_rocket(ekok_span text, char canonical[EKOK_DIGITS_TEXT])
{
    return read_as(EKOK_WALLET_ROCKET, text, canonical);
}

static const identifier_line BKASH[] = {
    {"01712345678", "01712345678", EKOK_OK, 0, "national"},
    {"+8801712345678", "01712345678", EKOK_OK, 0, "E.164"},
    {"1712345678", "01712345678", EKOK_OK, 0, "0 lost"},
    {"017123456780", NULL, EKOK_BAD_LENGTH, 0, "12 digits are Rocket's"},
    {"01112345678", NULL, EKOK_BAD_PREFIX, 1, "011"},
    {"bkash", NULL, EKOK_BAD_CHARACTER, 1, "a word"},
    {"", NULL, EKOK_EMPTY, 0, "empty"},
};

static const identifier_line ROCKET[] = {
    {"017123456780", "017123456780", EKOK_OK, 0, "[v] 12 digits"},
    {"017123456789", "017123456789", EKOK_OK, 0, "any last digit: not judged"},
    {"01712345678-5", "017123456785", EKOK_OK, 0, "hyphen before the last"},
    {"+88017123456785", "017123456785", EKOK_OK, 0, "with the country code"},
    {"01712345678", NULL, EKOK_BAD_LENGTH, 0, "11 digits: the last is never derived"},
    {"8801712345678", NULL, EKOK_BAD_LENGTH, 0, "13 digits"},
    {"011123456780", NULL, EKOK_BAD_PREFIX, 1, "011"},
    {"+017123456780", NULL, EKOK_BAD_PREFIX, 2, "plus without the country code"},
    {"", NULL, EKOK_EMPTY, 0, "empty"},
};

static void lines(void **state)
{
    (void)state;
    check_table(BKASH, COUNT_OF(BKASH), read_bkash);
    check_table(ROCKET, COUNT_OF(ROCKET), read_rocket);
}

static void all_providers_read_numbers(void **state)
{
    static const ekok_wallet_provider providers[] = {EKOK_WALLET_BKASH, EKOK_WALLET_NAGAD, EKOK_WALLET_UPAY};
    char canonical[EKOK_DIGITS_TEXT];
    ekok_wallet wallet;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(providers); i++) {
        assert_int_equal(read_as(providers[i], span_of("8801812345678"), canonical).code, EKOK_OK);
        assert_string_equal(canonical, "01812345678");
    }
    assert_int_equal(ekok_wallet_parse(EKOK_WALLET_BKASH, span_of("01812345678"), &wallet).code, EKOK_OK);
    assert_int_equal(wallet.extra, -1);
    assert_int_equal(ekok_wallet_parse(EKOK_WALLET_ROCKET, span_of("018123456784"), &wallet).code, EKOK_OK);
    assert_int_equal(wallet.extra, 4);
}

static void no_wallet_without_a_provider(void **state)
{
    static const ekok_wallet_provider wrong[] = {
        EKOK_WALLET_NONE, (ekok_wallet_provider)(EKOK_WALLET_UPAY + 1), (ekok_wallet_provider)9999};
    ekok_wallet wallet;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_equal(ekok_wallet_parse(wrong[i], span_of("01712345678"), &wallet).code,
                         EKOK_BAD_PROVIDER);
    }
}

static void provider_names(void **state)
{
    static const struct {
        const char *text;
        ekok_code code;
        ekok_wallet_provider provider;
    } cases[] = {
        {"BKASH", EKOK_OK, EKOK_WALLET_BKASH},
        {"bKash", EKOK_OK, EKOK_WALLET_BKASH},
        {" Nagad ", EKOK_OK, EKOK_WALLET_NAGAD},
        {"rocket", EKOK_OK, EKOK_WALLET_ROCKET},
        {"upay", EKOK_OK, EKOK_WALLET_UPAY},
        {"", EKOK_EMPTY, EKOK_WALLET_NONE},
        {"   ", EKOK_EMPTY, EKOK_WALLET_NONE},
        {"NONE", EKOK_BAD_PROVIDER, EKOK_WALLET_NONE},
        {"BKAS", EKOK_BAD_PROVIDER, EKOK_WALLET_NONE},
        {"BKASHX", EKOK_BAD_PROVIDER, EKOK_WALLET_NONE},
        {"MCASH", EKOK_BAD_PROVIDER, EKOK_WALLET_NONE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ekok_wallet_provider provider = EKOK_WALLET_NONE;
        assert_int_equal(ekok_wallet_provider_parse(span_of(cases[i].text), &provider).code, cases[i].code);
        assert_int_equal(provider, cases[i].provider);
    }
    assert_int_equal(
        ekok_wallet_provider_parse((ekok_span){(const char *)1, 1 << 30}, &(ekok_wallet_provider){0}).code,
        EKOK_TOO_LONG);
}

static void names_go_back_and_forth(void **state)
{
    (void)state;
    for (int i = EKOK_WALLET_BKASH; i <= EKOK_WALLET_UPAY; i++) {
        ekok_wallet_provider provider = EKOK_WALLET_NONE;
        const char *name = ekok_wallet_provider_name((ekok_wallet_provider)i);
        assert_int_equal(ekok_wallet_provider_parse(span_of(name), &provider).code, EKOK_OK);
        assert_int_equal(provider, i);
    }
    assert_string_equal(ekok_wallet_provider_name(EKOK_WALLET_NONE), "NONE");
    assert_string_equal(ekok_wallet_provider_name((ekok_wallet_provider)9999), "NONE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(all_providers_read_numbers),
        cmocka_unit_test(no_wallet_without_a_provider),
        cmocka_unit_test(provider_names),
        cmocka_unit_test(names_go_back_and_forth),
    };
    return cmocka_run_group_tests_name("core/wallet", tests, NULL, NULL);
}
