/*
 * test_totp.c - one-time codes: the values of RFC 4226 and RFC 6238, the window, steps that were used, codes of another
 * form, and secrets as authenticators read them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "secret/totp.h"

static const uint8_t SECRET[TOTP_SECRET] = "12345678901234567890";

/* RFC 4226, appendix D; and the last six digits of RFC 6238, appendix B, SHA-1. */
static const struct {
    uint32_t step;
    const char *code;
} known[] = {{0, "755224"},        {1, "287082"},        {2, "359152"},        {3, "969429"},
             {4, "338314"},        {5, "254676"},        {6, "287922"},        {7, "162583"},
             {8, "399871"},        {9, "520489"},        {37037036, "081804"}, {37037037, "050471"},
             {41152263, "005924"}, {66666666, "279037"}, {666666666, "353130"}};

static uint32_t check(const char *code, uint32_t now, uint32_t after)
{
    uint32_t step = 99;
    assert_true(totp_check(SECRET, (span){code, strlen(code)}, (totp_window){now, after}, &step));
    return step;
}

static void codes_are_those_of_the_standards(void **state)
{
    char code[TOTP_DIGITS + 1];
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_true(totp_code(SECRET, known[i].step, code));
        assert_string_equal(code, known[i].code);
    }
}

static void three_steps_count_and_none_twice(void **state)
{
    (void)state;
    assert_int_equal(check("338314", 5, 0), 4); /* the one before */
    assert_int_equal(check("254676", 5, 0), 5);
    assert_int_equal(check("287922", 5, 0), 6); /* the one behind */
    assert_int_equal(check("969429", 5, 0), 0); /* two before */
    assert_int_equal(check("162583", 5, 0), 0); /* two behind */
    assert_int_equal(check("254676", 5, 4), 5);
    assert_int_equal(check("254676", 5, 5), 0); /* used */
    assert_int_equal(check("338314", 5, 5), 0); /* older than the one that was used */
    assert_int_equal(check("287922", 5, 5), 6);
    assert_int_equal(check("287922", 5, UINT32_MAX), 0);
}

static void other_forms_are_no_codes(void **state)
{
    static const char *const wrong[] = {"",       "25467",  "2546760",  "254677",
                                        "054676", "25467 ", "254676\n", "\x32\x35"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(check(wrong[i], 5, 0), 0);
    uint32_t step = 99;
    assert_true(totp_check(SECRET, (span){"25467\0", 6}, (totp_window){5, 0}, &step));
    assert_int_equal(step, 0);
}

static void secrets_are_written_in_letters(void **state)
{
    char text[TOTP_TEXT];
    uint8_t one[TOTP_SECRET], other[TOTP_SECRET];
    (void)state;
    totp_text(SECRET, text);
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"); /* base 32 of RFC 4648 */
    memset(one, 0xFF, sizeof one);
    totp_text(one, text);
    assert_string_equal(text, "77777777777777777777777777777777");
    assert_true(totp_make(one) && totp_make(other));
    assert_memory_not_equal(one, other, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(codes_are_those_of_the_standards),
                                       cmocka_unit_test(three_steps_count_and_none_twice),
                                       cmocka_unit_test(other_forms_are_no_codes),
                                       cmocka_unit_test(secrets_are_written_in_letters)};
    return cmocka_run_group_tests_name("totp", tests, NULL, NULL);
}
