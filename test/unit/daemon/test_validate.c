/*
 * test_validate.c - judging mapped records. Every case starts from one good record, overrides some fields,
 * and names the reasons that must come, "code(field)" with "@position" where there is one, in order, and
 * nothing else.
 */
#include "validate/validate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static source_def def = {.birth_date_format = "yyyy-mm-dd", .enrolled_on_format = "dd/mm/yyyy"};
static const civil_date today = {2024, 2, 29};

enum { CHANGES = 5 };

typedef struct {
    target field;
    const char *text;
} change;

/* 02700... numbers: repeated digits, which are never issued. */
static const change good[] = {
    {TARGET_RECORD_ID, "A-1"},
    {TARGET_PROGRAMME, "OAA"},
    {TARGET_NAME_BN, "\xE0\xA6\xB0\xE0\xA6\xB9\xE0\xA6\xBF\xE0\xA6\xAE\xE0\xA6\xBE"},
    {TARGET_BIRTH_DATE, "1956-01-01"},
    {TARGET_NID, "19560000000000001"}};

static mapped_record record_of(const change *changes)
{
    mapped_record mapped;

    memset(&mapped, 0, sizeof mapped);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        mapped.value[good[i].field] = span_of(good[i].text);
    }
    for (size_t i = 0; i < CHANGES && changes != NULL && changes[i].text != NULL; i++) {
        mapped.value[changes[i].field] = span_of(changes[i].text);
    }
    return mapped;
}

static void describe(const reason_list *list, char *out, size_t room)
{
    size_t size = 0;

    out[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        const reason *r = &list->item[i];
        int n = snprintf(out + size, room - size, "%s%s(%s)", i > 0 ? " " : "", reason_name(r->code),
                         target_name(r->field));
        assert_true(n > 0 && (size_t)n < room - size);
        size += (size_t)n;
        if (r->position != 0) {
            n = snprintf(out + size, room - size, "@%d", r->position);
            assert_true(n > 0 && (size_t)n < room - size);
            size += (size_t)n;
        }
    }
}

static registry_row judged(const change *changes, const char *expected)
{
    registry_row row;
    reason_list reasons = {.count = 0};
    mapped_record mapped = record_of(changes);
    char found[1024];

    memset(&row, 0xA5, sizeof row);
    bool passed = validate_record(&def, &mapped, today, &row, &reasons);
    describe(&reasons, found, sizeof found);
    if (strcmp(found, expected) != 0) {
        fail_msg("field %s = %s: got \"%s\", expected \"%s\"",
                 changes != NULL ? target_name(changes[0].field) : "",
                 changes != NULL && changes[0].text != NULL ? changes[0].text : "", found, expected);
    }
    assert_int_equal(passed, reasons.count == 0);
    return row;
}

typedef struct {
    change changes[CHANGES];
    const char *expected;
} judge_case;

#define NAME_BAD_UTF8  "ab\xE0\xA6"
#define NAME_OVERLONG  "a\xC0\xAF"
#define NAME_SURROGATE "\xED\xA0\x80"
#define BENGALI_0      "\xE0\xA7\xA6"
#define BENGALI_1      "\xE0\xA7\xA7"
#define BENGALI_5      "\xE0\xA7\xAB"

static const judge_case cases[] = {
    {{{TARGET_RECORD_ID, ""}}, "missing(record_id)"},
    {{{TARGET_RECORD_ID, " \xC2\xA0 "}}, "missing(record_id)"},
    {{{TARGET_PROGRAMME, ""}}, "missing(programme)"},
    {{{TARGET_BIRTH_DATE, ""}}, "missing(birth_date)"},
    {{{TARGET_NAME_BN, ""}}, "no_name()"},
    {{{TARGET_NAME_BN, ""}, {TARGET_NAME_EN, "A"}}, ""},
    {{{TARGET_NAME_BN, ""}, {TARGET_FATHER_NAME, "A"}}, "no_name()"},
    /* text */
    {{{TARGET_NAME_EN, NAME_BAD_UTF8}}, "wrong_encoding(name_en)@3"},
    {{{TARGET_NAME_EN, NAME_OVERLONG}}, "wrong_encoding(name_en)@2"},
    {{{TARGET_NAME_EN, NAME_SURROGATE}}, "wrong_encoding(name_en)@1"},
    {{{TARGET_NAME_BN, NAME_BAD_UTF8}}, "wrong_encoding(name_bn)@3"},
    {{{TARGET_MOTHER_NAME, "\xE0\xA6\x95\x01"}}, "control_character(mother_name)@2"},
    {{{TARGET_NAME_EN, "a\tb"}}, "control_character(name_en)@2"},
    {{{TARGET_NAME_EN, "\t a \r\n"}}, ""},
    {{{TARGET_RECORD_ID, "a\x7F"}}, "control_character(record_id)@2"},
    {{{TARGET_HOUSEHOLD, "a\xC2\x85z"}}, "control_character(household)@2"},
    {{{TARGET_NID, "1\x0B\x32"}}, "control_character(nid)@2"},
    {{{TARGET_NAME_EN, "a\xE2\x80\x8D\xC2\xA0z"}}, ""},
    /* sex and status */
    {{{TARGET_SEX, "Male"}, {TARGET_STATUS, "SUSPENDED"}}, ""},
    {{{TARGET_SEX, "x"}}, "unknown_value(sex)"},
    {{{TARGET_SEX, "femal"}}, "unknown_value(sex)"},
    {{{TARGET_STATUS, "dead"}}, "unknown_value(status)"},
    /* dates */
    {{{TARGET_BIRTH_DATE, "01/01/1956"}}, "bad_date_format(birth_date)"},
    {{{TARGET_BIRTH_DATE, "1956-02-30"}}, "impossible_date(birth_date)"},
    {{{TARGET_BIRTH_DATE, "1956-13-01"}}, "impossible_date(birth_date)"},
    {{{TARGET_BIRTH_DATE, "0000-00-00"}}, "impossible_date(birth_date)"},
    {{{TARGET_BIRTH_DATE, "2024-02-29"}, {TARGET_NID, "1234567890"}}, ""},
    {{{TARGET_BIRTH_DATE, "2024-03-01"}}, "date_out_of_range(birth_date)"},
    {{{TARGET_BIRTH_DATE, "1894-02-28"}}, "date_out_of_range(birth_date)"},
    {{{TARGET_BIRTH_DATE, "1894-03-01"}, {TARGET_NID, "1234567890"}}, ""},
    {{{TARGET_ENROLLED_ON, "31/12/2019"}}, ""},
    {{{TARGET_ENROLLED_ON, "2019-12-31"}}, "bad_date_format(enrolled_on)"},
    {{{TARGET_ENROLLED_ON, "31/11/2019"}}, "impossible_date(enrolled_on)"},
    {{{TARGET_ENROLLED_ON, "01/03/2024"}}, "date_out_of_range(enrolled_on)"},
    /* amounts */
    {{{TARGET_AMOUNT, "-1"}}, "bad_amount(amount)"},
    {{{TARGET_AMOUNT, "+1"}}, "bad_amount(amount)"},
    {{{TARGET_AMOUNT, "1.005"}}, "bad_amount(amount)"},
    {{{TARGET_AMOUNT, "1."}}, "bad_amount(amount)"},
    {{{TARGET_AMOUNT, ".5"}}, "bad_amount(amount)"},
    {{{TARGET_AMOUNT, "1,000"}}, "bad_amount(amount)"},
    {{{TARGET_AMOUNT, "1e3"}}, "bad_amount(amount)"},
    {{{TARGET_AMOUNT, "5 taka"}}, "bad_amount(amount)"},
    {{{TARGET_AMOUNT, "10000000000.01"}}, "bad_amount(amount)"},
    {{{TARGET_AMOUNT, "99999999999999999999999999999999"}}, "bad_amount(amount)"},
    /* places */
    {{{TARGET_GEO, "3"}}, "bad_geocode(geo)"},
    {{{TARGET_GEO, "302"}}, "bad_geocode(geo)"},
    {{{TARGET_GEO, "30260841"
                   "01"}},
     "bad_geocode(geo)"},
    {{{TARGET_GEO, "30-08"}}, "bad_geocode(geo)"},
    {{{TARGET_GEO, "3O"}}, "bad_geocode(geo)"},
    {{{TARGET_GEO, "0921"}}, "bad_geocode(geo)"}, /* a district without its division */
    /* identifiers */
    {{{TARGET_NID, ""}}, "no_identifier()"},
    {{{TARGET_NID, ""}, {TARGET_BRN, "19560000000000001"}}, ""},
    {{{TARGET_NID, "12345"}}, "bad_nid(nid)"},
    {{{TARGET_NID, "12345x7890"}}, "bad_nid(nid)@6"},
    {{{TARGET_NID, "00000000000000000"}}, "bad_nid(nid)@1"},
    {{{TARGET_NID, ""}, {TARGET_BRN, "123"}}, "bad_brn(brn)"},
    {{{TARGET_NID, "19570000000000001"}}, "birth_year_contradicts(nid)"},
    {{{TARGET_BRN, "19550000000000001"}}, "birth_year_contradicts(brn)"},
    {{{TARGET_NID, "19570000000000001"}, {TARGET_BIRTH_DATE, "1957-02-30"}}, "impossible_date(birth_date)"},
    {{{TARGET_MOBILE, "0171234567"}}, "bad_mobile(mobile)@1"},
    {{{TARGET_MOBILE, "01012345678"}}, "bad_mobile(mobile)@1"},
    {{{TARGET_MOBILE, "1712345678"}}, ""},
    {{{TARGET_WALLET, "01712345678"}}, "bad_wallet(wallet_provider)"},
    {{{TARGET_WALLET, "01712345678"}, {TARGET_WALLET_PROVIDER, "mCash"}}, "bad_wallet(wallet_provider)"},
    {{{TARGET_WALLET, "0171234567"}, {TARGET_WALLET_PROVIDER, "BKASH"}}, "bad_wallet(wallet)@1"},
    {{{TARGET_WALLET, "01712345678"}, {TARGET_WALLET_PROVIDER, "ROCKET"}}, "bad_wallet(wallet)"},
    {{{TARGET_WALLET_PROVIDER, "BKASH"}}, ""},
    {{{TARGET_WALLET_PROVIDER, "mCash"}}, "bad_wallet(wallet_provider)"},
    {{{TARGET_ACCOUNT, "1234567"}}, "bad_account(account)"},
    {{{TARGET_ACCOUNT, "12345678"}}, ""},
    {{{TARGET_ROUTING, "20060288"}}, "bad_routing(routing)"},
    {{{TARGET_ROUTING, "020060287"}}, "bad_routing(routing)"},
    {{{TARGET_ROUTING, "020060288"}}, ""},
    /* every reason, not only the first */
    {{{TARGET_RECORD_ID, ""},
      {TARGET_NAME_BN, ""},
      {TARGET_BIRTH_DATE, "1.1.56"},
      {TARGET_NID, "1"},
      {TARGET_MOBILE, "x"}},
     "missing(record_id) no_name() bad_date_format(birth_date) bad_nid(nid) bad_mobile(mobile)@1"},
};

static void test_table(void **state)
{
    (void)state;
    judged(NULL, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        judged(cases[i].changes, cases[i].expected);
    }
}

static void test_ceilings(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TARGET_COUNT; i++) {
        char text[512], expected[128];
        size_t ceiling = target_ceiling((target)i);
        memset(text, '1', ceiling + 1);
        text[ceiling + 1] = '\0';
        snprintf(expected, sizeof expected, "too_long(%s)", target_name((target)i));
        judged((change[CHANGES]){{(target)i, text}}, expected);
    }
    char id[65], household[65], name[301];
    memset(id, 'i', 64);
    memset(household, 'h', 64);
    memset(name, 'n', 300);
    id[64] = household[64] = name[300] = '\0';
    registry_row row = judged(
        (change[CHANGES]){{TARGET_RECORD_ID, id}, {TARGET_HOUSEHOLD, household}, {TARGET_FATHER_NAME, name}},
        "");
    assert_string_equal(row.record_id, id);
    assert_string_equal(row.household, household);
    assert_string_equal(row.father_name, name);
}

static void test_whole_row(void **state)
{
    (void)state;
    registry_row row = judged(NULL, "");
    assert_string_equal(row.record_id, "A-1");
    assert_string_equal(row.programme, "OAA");
    assert_string_equal(row.status, "active");
    assert_string_equal(row.sex, "unknown");
    assert_string_equal(row.name_bn, good[2].text);
    assert_string_equal(row.name_en, "");
    assert_int_equal(date_compare(row.birth_date, (civil_date){1956, 1, 1}), 0);
    assert_false(row.has_amount);
    assert_false(row.has_enrolled_on);
    assert_string_equal(row.nid, "19560000000000001");
    assert_string_equal(row.nid_subject, "13:0000000000001");
    assert_string_equal(row.brn, "");
    assert_string_equal(row.geo, "");
    row = judged((change[CHANGES]){{TARGET_NAME_BN, "\xC2\xA0 a  b\n"},
                                   {TARGET_SEX, "f"},
                                   {TARGET_STATUS, "Waiting"},
                                   {TARGET_ENROLLED_ON, "05/07/2019"},
                                   {TARGET_GEO, "30" BENGALI_1 BENGALI_0 "08"}},
                 "");
    assert_string_equal(row.name_bn, "a  b");
    assert_string_equal(row.sex, "female");
    assert_string_equal(row.status, "waiting");
    assert_true(row.has_enrolled_on);
    assert_int_equal(date_compare(row.enrolled_on, (civil_date){2019, 7, 5}), 0);
    assert_string_equal(row.geo, "301008");
}

static void test_identifiers(void **state)
{
    (void)state;
    registry_row row = judged((change[CHANGES]){{TARGET_NID, BENGALI_1 " 23 456 789-0"},
                                                {TARGET_BRN, "1956000000100001"},
                                                {TARGET_MOBILE, "+880 1712-345678"},
                                                {TARGET_WALLET, "01812345678"
                                                                "9"},
                                                {TARGET_WALLET_PROVIDER, "Rocket"}},
                              "");
    assert_string_equal(row.nid, "1234567890");
    assert_string_equal(row.nid_subject, "10:1234567890");
    assert_string_equal(row.brn, "19560000001000001");
    assert_string_equal(row.mobile, "8801712345678");
    assert_string_equal(row.wallet_provider, "ROCKET");
    assert_string_equal(row.wallet, "018123456789");
    assert_string_equal(row.wallet_subject, "ROCKET:8801812345678");
    row = judged((change[CHANGES]){{TARGET_NID, "0000000000001"},
                                   {TARGET_WALLET, "8801712345678"},
                                   {TARGET_WALLET_PROVIDER, "bkash"},
                                   {TARGET_ACCOUNT, "00012345678901234"},
                                   {TARGET_ROUTING, "020060288"}},
                 "");
    assert_string_equal(row.nid, "0000000000001");
    assert_string_equal(row.nid_subject, "13:0000000000001");
    assert_string_equal(row.wallet, "01712345678");
    assert_string_equal(row.wallet_subject, "BKASH:8801712345678");
    assert_string_equal(row.account, "00012345678901234");
    assert_string_equal(row.routing, "020060288");
    assert_string_equal(row.account_subject, "020060288:00012345678901234");
    row = judged((change[CHANGES]){{TARGET_ACCOUNT, "1234567890123"}, {TARGET_WALLET_PROVIDER, "NAGAD"}}, "");
    assert_string_equal(row.account_subject, ":1234567890123");
    assert_string_equal(row.wallet_provider, "");
    row = judged((change[CHANGES]){{TARGET_ROUTING, "020060288"}}, "");
    assert_string_equal(row.account_subject, "");
}

static int64_t amount(const char *text)
{
    registry_row row = judged((change[CHANGES]){{TARGET_AMOUNT, text}}, "");

    assert_true(row.has_amount);
    return row.amount_paisa;
}

static void test_amounts(void **state)
{
    (void)state;
    assert_int_equal(amount("0"), 0);
    assert_int_equal(amount("600"), 60000);
    assert_int_equal(amount("600.5"), 60050);
    assert_int_equal(amount("0600.05"), 60005);
    assert_int_equal(amount(BENGALI_5 BENGALI_0 BENGALI_0 "." BENGALI_5), 50050);
    assert_int_equal(amount("10000000000"), INT64_C(1000000000000));
    assert_int_equal(amount("10000000000.00"), INT64_C(1000000000000));
    def.amount_in_paisa = true;
    assert_int_equal(amount("600"), 600);
    assert_int_equal(amount("1000000000000"), INT64_C(1000000000000));
    judged((change[CHANGES]){{TARGET_AMOUNT, "1000000000001"}}, "bad_amount(amount)");
    judged((change[CHANGES]){{TARGET_AMOUNT, "600.0"}}, "bad_amount(amount)");
    def.amount_in_paisa = false;
}

/* A field that mapping has already reported is not reported again, and counts as given. */
static void test_reasons_of_mapping(void **state)
{
    static const target fields[] = {TARGET_RECORD_ID, TARGET_BIRTH_DATE, TARGET_NAME_BN,
                                    TARGET_NID,       TARGET_STATUS,     TARGET_WALLET_PROVIDER,
                                    TARGET_WALLET,    TARGET_AMOUNT,     TARGET_ENROLLED_ON};
    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        reason_list reasons = {.count = 0};
        registry_row row;
        change emptied[CHANGES] = {{fields[i], ""}};
        mapped_record mapped = record_of(emptied);
        if (fields[i] == TARGET_WALLET_PROVIDER) {
            mapped.value[TARGET_WALLET] = span_of("01712345678");
        }
        reason_add(&reasons, REASON_WRONG_TYPE, fields[i], "earlier", 0);
        assert_false(validate_record(&def, &mapped, today, &row, &reasons));
        assert_int_equal(reasons.count, 1);
        assert_string_equal(row.programme, "OAA");
    }
}

/* The details are the core's own words, and no reason of the whole table carries a value. */
static void test_details(void **state)
{
    reason_list reasons = {.count = 0};
    registry_row row;
    change changes[CHANGES] = {{TARGET_NID, "12345"}, {TARGET_ROUTING, "020060287"}};
    mapped_record mapped = record_of(changes);

    (void)state;
    assert_false(validate_record(&def, &mapped, today, &row, &reasons));
    assert_int_equal(reasons.count, 2);
    assert_string_equal(reasons.item[0].detail, "The count of digits fits no form of this identifier.");
    assert_non_null(strstr(reasons.item[1].detail, "check digit"));
}

/* One field that a spreadsheet held as a number, and what it must be told. */
static void as_number(target field, const char *text, const char *expected)
{
    registry_row row;
    reason_list reasons = {.count = 0};
    const change changes[CHANGES] = {{field, text}};
    mapped_record mapped = record_of(changes);
    char found[1024];

    mapped.from_float[field] = true;
    (void)validate_record(&def, &mapped, today, &row, &reasons);
    describe(&reasons, found, sizeof found);
    assert_string_equal(found, expected);
}

static void test_numbers_of_spreadsheets(void **state)
{
    (void)state;
    as_number(TARGET_NID, "2612345678901", "");
    as_number(TARGET_NID, "9212345678", "");
    as_number(TARGET_NID, "612345678901", "bad_nid(nid) digits_lost(nid)"); /* a leading zero is gone */
    as_number(TARGET_NID, "19560000000000001", "digits_lost(nid)");
    as_number(TARGET_NID, "1.9560000000000001e+22", "bad_nid(nid)@2 digits_lost(nid)");
    as_number(TARGET_MOBILE, "1712345678", "");
    as_number(TARGET_MOBILE, "171234567", "bad_mobile(mobile) digits_lost(mobile)");
    as_number(TARGET_ACCOUNT, "2050123456789",
              "digits_lost(account)"); /* who knows how many zeros stood there */
    as_number(TARGET_RECORD_ID, "123456789012345", "");
    as_number(TARGET_RECORD_ID, "1234567890123456", "digits_lost(record_id)");
    const change scientific[CHANGES] = {{TARGET_NID, "1.95612E+16"}}; /* CSV that Excel wrote */
    (void)judged(scientific, "bad_nid(nid)@2 digits_lost(nid)");
}

static void test_dates_and_bijoy(void **state)
{
    registry_row row;
    reason_list reasons = {.count = 0};
    const change changes[CHANGES] = {{TARGET_ENROLLED_ON, "2020-05-20"}, {TARGET_NAME_BN, "iwngv"}};
    mapped_record mapped = record_of(changes);

    (void)state;
    mapped.from_date[TARGET_ENROLLED_ON] = true; /* whatever the source's own format is */
    mapped.bijoy[TARGET_NAME_BN] = true;
    assert_true(validate_record(&def, &mapped, today, &row, &reasons));
    assert_int_equal(row.enrolled_on.day, 20);
    assert_string_equal(row.name_bn, "রহিমা");
    mapped.value[TARGET_NAME_BN] = span_of("iwngv v");
    mapped.bijoy[TARGET_MOTHER_NAME] = true;
    mapped.value[TARGET_MOTHER_NAME] = span_of("রহিমা"); /* Unicode is not Bijoy */
    assert_false(validate_record(&def, &mapped, today, &row, &reasons));
    assert_int_equal(reasons.count, 2);
    assert_int_equal(reasons.item[0].code, REASON_BAD_BIJOY);
    assert_int_equal(reasons.item[1].code, REASON_BAD_BIJOY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers_of_spreadsheets),
                                       cmocka_unit_test(test_dates_and_bijoy),
                                       cmocka_unit_test(test_table),
                                       cmocka_unit_test(test_ceilings),
                                       cmocka_unit_test(test_whole_row),
                                       cmocka_unit_test(test_identifiers),
                                       cmocka_unit_test(test_amounts),
                                       cmocka_unit_test(test_reasons_of_mapping),
                                       cmocka_unit_test(test_details)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
