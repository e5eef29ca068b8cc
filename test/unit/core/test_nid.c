/*
 * test_nid.c - national identity numbers. Vectors marked [v] are those of the project's reference table,
 * synthetic by construction: they break the reported allocation rule, so nobody holds them.
 */
#include "identifier_table.h"

static ekok_status read_nid(ekok_span text, char canonical[EKOK_DIGITS_TEXT])
{
    ekok_nid nid;
    ekok_status status = ekok_nid_parse(text, &nid);

    if (status.code == EKOK_OK) {
        assert_int_equal(ekok_nid_format(nid, canonical), ekok_nid_length(nid));
    }
    return status;
}

static const identifier_line LINES[] = {
    {"0001234566", "0001234566", EKOK_OK, 0, "[v] nid10; leading zeros are kept"},
    {"5525799000001", "5525799000001", EKOK_OK, 0, "[v] nid13"},
    {"19795525799000001", "19795525799000001", EKOK_OK, 0, "[v] nid17"},
    {"1979 552-5799-000001", "19795525799000001", EKOK_OK, 0, "as people write it"},
    {"\u09E7\u09EF\u09ED\u09EF\u09EB\u09EB\u09E8\u09EB\u09ED\u09EF\u09EF\u09E6\u09E6\u09E6\u09E6\u09E6\u09E7",
     "19795525799000001", EKOK_OK, 0, "Bengali"},
    {"18505525799000001", "18505525799000001", EKOK_OK, 0, "first year"},
    {"21995525799000001", "21995525799000001", EKOK_OK, 0, "last year"},
    {"18495525799000001", NULL, EKOK_BAD_YEAR, 1, "a year early"},
    {" 22005525799000001", NULL, EKOK_BAD_YEAR, 2, "a year late; position of the first digit"},
    {"", NULL, EKOK_EMPTY, 0, "empty"},
    {"123456789", NULL, EKOK_BAD_LENGTH, 0, "9"},
    {"12345678901", NULL, EKOK_BAD_LENGTH, 0, "11"},
    {"123456789012", NULL, EKOK_BAD_LENGTH, 0, "12"},
    {"12345678901234", NULL, EKOK_BAD_LENGTH, 0, "14"},
    {"1979552579900001", NULL, EKOK_BAD_LENGTH, 0, "16"},
    {"197955257990000012", NULL, EKOK_BAD_LENGTH, 0, "18"},
    {"+0001234566", NULL, EKOK_BAD_CHARACTER, 1, "plus"},
    {"NID 0001234566", NULL, EKOK_BAD_CHARACTER, 1, "label in front"},
};

static void lines(void **state)
{
    (void)state;
    check_table(LINES, COUNT_OF(LINES), read_nid);
}

static ekok_nid nid_of(const char *text)
{
    ekok_nid nid = {0};
    ekok_status status = ekok_nid_parse(span_of(text), &nid);

    assert_int_equal(status.code, EKOK_OK);
    return nid;
}

static void check_digits_of_the_vectors(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } vectors[] = {
        {"0001234566", true},  {"0001234569", false}, {"1000987659", true},  {"1000987652", false},
        {"7000712344", true},  {"7000712347", false}, {"2500055518", true},  {"2500055511", false},
        {"9111124682", true},  {"9111124685", false}, {"1456782945", false}, /* [v] all */
        {"1234567890", false},                                               /* the plainest invention */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        bool ok = !vectors[i].ok;
        assert_true(ekok_nid_check_digit(nid_of(vectors[i].text), &ok));
        assert_int_equal(ok, vectors[i].ok);
    }
}

static void no_check_digit_in_13_and_17(void **state)
{
    bool ok = true;

    (void)state;
    assert_false(ekok_nid_check_digit(nid_of("5525799000001"), &ok));
    assert_false(ekok_nid_check_digit(nid_of("19795525799000001"), &ok));
    assert_true(ok); /* untouched */
}

static void cards(void **state)
{
    ekok_nid ten = nid_of("7000712344");
    ekok_nid thirteen = nid_of("5525799000001");
    ekok_nid seventeen = nid_of("19795525799000001");

    (void)state;
    assert_int_equal(ekok_nid_core13(ten), 0);
    assert_true(ekok_nid_core13(thirteen) == UINT64_C(5525799000001));
    assert_true(ekok_nid_core13(seventeen) == UINT64_C(5525799000001));
    assert_int_equal(ekok_nid_birth_year(ten), 0);
    assert_int_equal(ekok_nid_birth_year(thirteen), 0);
    assert_int_equal(ekok_nid_birth_year(seventeen), 1979);
    assert_true(ekok_nid_same_card(ten, ten));
    assert_true(ekok_nid_same_card(thirteen, seventeen));
    assert_true(ekok_nid_same_card(seventeen, thirteen));
    assert_false(ekok_nid_same_card(seventeen, nid_of("19805525799000001")));
    assert_false(ekok_nid_same_card(thirteen, nid_of("19795525799000002")));
}

/* 10 digits never equal 13 or 17, even where the shorter is inside the longer or has the same value. */
static void ten_is_never_another_length(void **state)
{
    ekok_nid ten = nid_of("7000712344");

    (void)state;
    assert_false(ekok_nid_same_card(ten, nid_of("0007000712344")));
    assert_false(ekok_nid_same_card(ten, nid_of("19800007000712344")));
    assert_false(ekok_nid_same_card(nid_of("0000000000"), nid_of("0000000000000")));
}

static void ordered_by_length_then_value(void **state)
{
    static const char *const rising[] = {"0000000000",       "0000000001",    "9999999999",
                                         "0000000000000",    "9999999999999", "18500000000000000",
                                         "21999999999999999"};

    (void)state;
    for (size_t i = 1; i < COUNT_OF(rising); i++) {
        assert_true(nid_of(rising[i - 1]).bits < nid_of(rising[i]).bits);
    }
}

static void parts_of_a_card(void **state)
{
    ekok_origin origin;

    (void)state;
    assert_false(ekok_nid_origin(nid_of("7000712344"), &origin));
    assert_true(ekok_nid_origin(nid_of("19790156789000012"), &origin));
    assert_string_equal(origin.district, "01");
    assert_string_equal(origin.rmo, "5");
    assert_string_equal(origin.upazila, "67");
    assert_string_equal(origin.union_or_ward, "89");
    assert_string_equal(origin.serial, "000012");
}

static void strict_refuses_a_failing_digit_only(void **state)
{
    (void)state;
    assert_int_equal(ekok_nid_strict(nid_of("7000712344")).code, EKOK_OK);
    assert_int_equal(ekok_nid_strict(nid_of("7000712347")).code, EKOK_BAD_CHECK_DIGIT);
    assert_int_equal(ekok_nid_strict(nid_of("5525799000001")).code, EKOK_OK);
    assert_int_equal(ekok_nid_strict(nid_of("19795525799000001")).code, EKOK_OK);
}

static bool slip(const char *a, const char *b)
{
    assert_int_equal(ekok_nid_slip(nid_of(a), nid_of(b)), ekok_nid_slip(nid_of(b), nid_of(a)));
    return ekok_nid_slip(nid_of(a), nid_of(b));
}

static void slips_of_a_key(void **state)
{
    (void)state;
    assert_false(slip("7000712344", "7000712344"));
    assert_true(slip("7000712344", "7000712844")); /* another digit */
    assert_true(slip("7000712344", "7000721344")); /* neighbours exchanged */
    assert_true(slip("7000712344", "7000712347")); /* the check digit itself */
    assert_true(slip("0000712344", "7000712344"));
    assert_false(slip("7000712344", "7000721443")); /* further away */
    assert_false(slip("7000712344", "7000812354")); /* two digits, far from each other */
    assert_true(slip("5525799000001", "5525799100001"));
    assert_true(slip("19795525799000001", "5525799100001"));
    assert_false(slip("5525799000001", "5525799000002")); /* the next card of the family */
    assert_false(slip("5525799000012", "5525799000021"));
    assert_false(slip("5525799000001", "19795525799000001")); /* the same card */
    assert_false(slip("7000712344", "5525799000001"));
    assert_false(ekok_nid_slip(nid_of("7000712344"), (ekok_nid){0}));
}

/* 09 for 90 is the one exchange that Luhn's rule does not see: both pass, so they are two cards. */
static void two_numbers_that_pass_are_two_cards(void **state)
{
    (void)state;
    assert_false(slip("7000900006", "7000090006"));
    assert_true(slip("7000900005", "7000090005")); /* neither passes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(check_digits_of_the_vectors),
        cmocka_unit_test(no_check_digit_in_13_and_17),
        cmocka_unit_test(cards),
        cmocka_unit_test(ten_is_never_another_length),
        cmocka_unit_test(ordered_by_length_then_value),
        cmocka_unit_test(parts_of_a_card),
        cmocka_unit_test(slips_of_a_key),
        cmocka_unit_test(two_numbers_that_pass_are_two_cards),
        cmocka_unit_test(strict_refuses_a_failing_digit_only),
    };
    return cmocka_run_group_tests_name("core/nid", tests, NULL, NULL);
}
