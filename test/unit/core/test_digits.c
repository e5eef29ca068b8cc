/*
 * test_digits.c - the shared reader: which characters are digits, separators or neither; positions; ceilings.
 */
#include "identifier_table.h"

#include "digits.h"

static ekok_status read_plain(ekok_span text, char canonical[EKOK_DIGITS_TEXT])
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_PLAIN, &digits);

    if (status.code == EKOK_OK) {
        ekok_digits_write(digits.value, digits.count, canonical);
    }
    return status;
}

static const identifier_line LINES[] = {
    {"1234567890", "1234567890", EKOK_OK, 0, "ASCII"},
    {"\u09E7\u09E8\u09E9\u09EA\u09EB\u09EC\u09ED\u09EE\u09EF\u09E6", "1234567890", EKOK_OK, 0, "Bengali"},
    {"12\u09E9\u09EA", "1234", EKOK_OK, 0, "both in one"},
    {" 1 2-3--4  ", "1234", EKOK_OK, 0, "spaces and hyphens anywhere"},
    {"-1-", "1", EKOK_OK, 0, "hyphens around"},
    {"\u00A01\u00A02\u00A0", "12", EKOK_OK, 0, "NBSP"},
    {"1\u200C2\u200D3", "123", EKOK_OK, 0, "ZWNJ, ZWJ"},
    {"1\u20102\u20113", "123", EKOK_OK, 0, "hyphen, non-breaking hyphen"},
    {"007", "007", EKOK_OK, 0, "leading zeros"},
    {"", NULL, EKOK_EMPTY, 0, "empty"},
    {" - \u00A0", NULL, EKOK_EMPTY, 0, "separators only"},
    {"12a4", NULL, EKOK_BAD_CHARACTER, 3, "letter"},
    {"x", NULL, EKOK_BAD_CHARACTER, 1, "letter first"},
    {"\u09E7 \u0995", NULL, EKOK_BAD_CHARACTER, 3, "Bengali letter; position in characters"},
    {"1\t2", NULL, EKOK_BAD_CHARACTER, 2, "tab"},
    {"12\n", NULL, EKOK_BAD_CHARACTER, 3, "line end"},
    {"1.2", NULL, EKOK_BAD_CHARACTER, 2, "full stop"},
    {"1/2", NULL, EKOK_BAD_CHARACTER, 2, "just below 0"},
    {"1:2", NULL, EKOK_BAD_CHARACTER, 2, "just above 9"},
    {"\u09E5", NULL, EKOK_BAD_CHARACTER, 1, "just below Bengali 0"},
    {"\u09F0", NULL, EKOK_BAD_CHARACTER, 1, "just above Bengali 9"},
    {"\u0967", NULL, EKOK_BAD_CHARACTER, 1, "Devanagari 1"},
    {"\u0661", NULL, EKOK_BAD_CHARACTER, 1, "Arabic-Indic 1"},
    {"\uFF11", NULL, EKOK_BAD_CHARACTER, 1, "full-width 1"},
    {"\u00B2", NULL, EKOK_BAD_CHARACTER, 1, "superscript 2"},
    {"1\u20132", NULL, EKOK_BAD_CHARACTER, 2, "en dash"},
    {"1\u22122", NULL, EKOK_BAD_CHARACTER, 2, "minus sign"},
    {"\uFEFF1", NULL, EKOK_BAD_CHARACTER, 1, "byte order mark"},
    {"+1", NULL, EKOK_BAD_CHARACTER, 1, "plus is for mobile numbers"},
    {"1\x80", NULL, EKOK_BAD_UTF8, 2, "continuation byte alone"},
    {"\u09E7\xC0\xB0", NULL, EKOK_BAD_UTF8, 2, "overlong 0"},
    {"1\xE0\xA7", NULL, EKOK_BAD_UTF8, 2, "cut short"},
};

static void lines(void **state)
{
    (void)state;
    check_table(LINES, COUNT_OF(LINES), read_plain);
}

static void nul_bytes_have_their_own_code(void **state)
{
    char canonical[EKOK_DIGITS_TEXT];
    ekok_status status = read_plain((ekok_span){"12\0003", 4}, canonical);

    (void)state;
    assert_int_equal(status.code, EKOK_NUL_BYTE);
    assert_int_equal(status.position, 3);
}

static void ninety_six_bytes_and_no_more(void **state)
{
    char text[EKOK_IDENTIFIER_TEXT_MAX + 1];
    ekok_digits digits;

    (void)state;
    memset(text, '7', sizeof text);
    ekok_status status =
        ekok_digits_read((ekok_span){text, EKOK_IDENTIFIER_TEXT_MAX}, EKOK_DIGITS_PLAIN, &digits);
    assert_int_equal(status.code, EKOK_OK);
    assert_int_equal(digits.count, EKOK_IDENTIFIER_TEXT_MAX);
    status = ekok_digits_read((ekok_span){text, EKOK_IDENTIFIER_TEXT_MAX + 1}, EKOK_DIGITS_PLAIN, &digits);
    assert_int_equal(status.code, EKOK_TOO_LONG);
    assert_int_equal(status.position, 0);
}

/* A gigabyte is refused by its length alone: its bytes are never touched. */
static void long_text_is_not_looked_at(void **state)
{
    ekok_digits digits;
    ekok_status status =
        ekok_digits_read((ekok_span){(const char *)1, (size_t)1 << 30}, EKOK_DIGITS_PLAIN, &digits);

    (void)state;
    assert_int_equal(status.code, EKOK_TOO_LONG);
}

static void one_plus_before_the_first_digit(void **state)
{
    static const struct {
        const char *text;
        int bad; /* position, or 0 */
    } cases[] = {{"+88", 0}, {" +-88", 0}, {"8+8", 2}, {"++8", 2}, {"88+", 3}};
    ekok_digits digits;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ekok_status status = ekok_digits_read(span_of(cases[i].text), EKOK_DIGITS_WITH_PLUS, &digits);
        assert_int_equal(status.position, cases[i].bad);
        assert_int_equal(status.code, cases[i].bad ? EKOK_BAD_CHARACTER : EKOK_OK);
    }
    assert_int_equal(ekok_digits_read(span_of("+"), EKOK_DIGITS_WITH_PLUS, &digits).code, EKOK_EMPTY);
}

static void first_is_where_the_digits_begin(void **state)
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(span_of("\u00A0-\u200D\u09E7"), EKOK_DIGITS_PLAIN, &digits);

    (void)state;
    assert_int_equal(status.code, EKOK_OK);
    assert_int_equal(digits.first, 4);
}

/* A hyphen in front takes the text off the short way for plain digits: both must say the same, one position apart. */
static void both_ways_of_reading_agree(void **state)
{
    static const char wrong[] = {'/', ':', '+', 'a', ' ', '-', '\0', '\x80', '\xB0', '\xFA'};
    char text[26] = "-";

    (void)state;
    for (size_t n = 1; n <= 24; n++) {
        for (size_t at = 0; at <= n; at++) { /* n: all are digits */
            for (size_t w = 0; w < (at < n ? sizeof wrong : 1); w++) {
                ekok_digits plain, other;
                for (size_t i = 0; i < n; i++) {
                    text[1 + i] = i == at ? wrong[w] : (char)('0' + (i * 7 + n) % 10);
                }
                ekok_status a = ekok_digits_read((ekok_span){text + 1, n}, EKOK_DIGITS_PLAIN, &plain);
                ekok_status b = ekok_digits_read((ekok_span){text, n + 1}, EKOK_DIGITS_PLAIN, &other);
                assert_int_equal(a.code, b.code);
                assert_int_equal(a.position + (a.position > 0), b.position);
                if (a.code == EKOK_OK) {
                    assert_int_equal(plain.count, other.count);
                    assert_true(plain.value == other.value);
                    assert_int_equal(plain.first + 1, other.first);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(nul_bytes_have_their_own_code),
        cmocka_unit_test(ninety_six_bytes_and_no_more),
        cmocka_unit_test(long_text_is_not_looked_at),
        cmocka_unit_test(one_plus_before_the_first_digit),
        cmocka_unit_test(first_is_where_the_digits_begin),
        cmocka_unit_test(both_ways_of_reading_agree),
    };
    return cmocka_run_group_tests_name("core/digits", tests, NULL, NULL);
}
