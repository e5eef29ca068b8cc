/*
 * test_kind.c - what all kinds promise in one way: canonical text read back, binary words, masks; and the texts made of
 * them: subjects of evidence, identify, explain.
 */
#include "identifier_table.h"

#include "explain.h"
#include "identify.h"
#include "phrase.h"

typedef struct {
    ekok_kind_code kind;
    const char *text, *canonical, *masked;
} kind_line;

static const kind_line LINES[] = {
    {EKOK_KIND_NID, "700-071 2344", "7000712344", "******2344"},
    {EKOK_KIND_NID, "5525799000001", "5525799000001", "*********0001"},
    {EKOK_KIND_NID, "19795525799000001", "19795525799000001", "*************0001"},
    {EKOK_KIND_BRN, "19790912166999999", "19790912166999999", "*************9999"},
    {EKOK_KIND_BRN, "1979091216699999", "19790912166099999", "*************9999"},
    {EKOK_KIND_MSISDN, "01712345678", "8801712345678", "*********5678"},
    {EKOK_KIND_WALLET, "bKash: 01712345678", "BKASH:01712345678", "BKASH:*******5678"},
    {EKOK_KIND_WALLET, "rocket/017123456780", "ROCKET:017123456780", "ROCKET:********6780"},
    {EKOK_KIND_WALLET, "Nagad 1712345678", "NAGAD:01712345678", "NAGAD:*******5678"},
    {EKOK_KIND_WALLET, "upay-+8801712345678", "UPAY:01712345678", "UPAY:*******5678"},
    {EKOK_KIND_BANK_ROUTING, "020060288", "020060288", "*****0288"},
    {EKOK_KIND_BANK_ACCOUNT, "00000001", "00000001", "****0001"},
    {EKOK_KIND_BANK_ACCOUNT, "99999999999999999", "99999999999999999", "*************9999"},
    {EKOK_KIND_TIN, "000123456789", "000123456789", "********6789"},
    {EKOK_KIND_GEOCODE, "30", "30", "30"},
    {EKOK_KIND_GEOCODE, "30261254", "30261254", "****1254"},
};

static uint64_t word_of(const ekok_kind *kind, const char *text)
{
    uint64_t word = 0;

    assert_int_equal(kind->parse(span_of(text), &word).code, EKOK_OK);
    return word;
}

static void canonical_text_is_read_back(void **state)
{
    bool seen[EKOK_KIND_COUNT] = {false};
    char text[EKOK_KIND_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(LINES); i++) {
        const ekok_kind *kind = ekok_kind_of(LINES[i].kind);
        uint64_t word = word_of(kind, LINES[i].text);
        assert_int_equal(kind->format(word, text), strlen(LINES[i].canonical));
        assert_string_equal(text, LINES[i].canonical);
        assert_true(word_of(kind, text) == (word & ~kind->mark));
        assert_true(ekok_kind_valid(kind, word));
        assert_int_equal(ekok_kind_mask(kind, word, text), strlen(LINES[i].masked));
        assert_string_equal(text, LINES[i].masked);
        seen[LINES[i].kind] = true;
    }
    for (int i = 0; i < EKOK_KIND_COUNT; i++) {
        assert_true(seen[i]);
    }
}

/* Every single bit flipped in the words of values: what is still taken for a value is one that its text gives. */
static void words_that_no_text_makes_are_no_values(void **state)
{
    char text[EKOK_KIND_TEXT];
    int refused = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(LINES); i++) {
        const ekok_kind *kind = ekok_kind_of(LINES[i].kind);
        uint64_t word = word_of(kind, LINES[i].text);
        for (int bit = 0; bit < 64; bit++) {
            uint64_t other = word ^ UINT64_C(1) << bit;
            uint64_t again = 0;
            size_t length = kind->format(other, text);
            bool read = kind->parse((ekok_span){text, length}, &again).code == EKOK_OK;
            if (ekok_kind_valid(kind, other)) {
                assert_true(read && again == (other & ~kind->mark));
            }
            refused += !ekok_kind_valid(kind, other);
        }
        assert_false(ekok_kind_valid(kind, UINT64_MAX));
    }
    assert_true(refused > 200);
}

static void a_converted_number_has_its_zero(void **state)
{
    const ekok_kind *brn = ekok_kind_of(EKOK_KIND_BRN);

    (void)state;
    assert_true(ekok_kind_valid(brn, word_of(brn, "19790912166099999") | brn->mark));
    assert_false(ekok_kind_valid(brn, word_of(brn, "19790912166199999") | brn->mark));
}

static void wallets_refuse_with_a_position(void **state)
{
    static const struct {
        const char *text;
        ekok_code code;
        int position;
    } cases[] = {
        {"01712345678", EKOK_NO_PROVIDER, 0},
        {" +8801712345678", EKOK_NO_PROVIDER, 0},
        {"", EKOK_EMPTY, 0},
        {"   ", EKOK_EMPTY, 0},
        {"bkash", EKOK_BAD_PROVIDER, 1},
        {" mcash 01712345678", EKOK_BAD_PROVIDER, 2},
        {"bkash01712345678", EKOK_BAD_PROVIDER, 1},
        {"bkash:", EKOK_EMPTY, 0},
        {"bkash: 0171234567x", EKOK_BAD_CHARACTER, 18},
        {"nagad 01112345678", EKOK_BAD_PREFIX, 7},
        {"rocket 01712345678", EKOK_BAD_LENGTH, 0},
    };
    const ekok_kind *wallet = ekok_kind_of(EKOK_KIND_WALLET);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t word = 0;
        ekok_status status = wallet->parse(span_of(cases[i].text), &word);
        assert_int_equal(status.code, cases[i].code);
        assert_int_equal(status.position, cases[i].position);
    }
}

static void subjects_never_change(void **state)
{
    char subject[EKOK_SUBJECT_TEXT];
    ekok_nid nid = {word_of(ekok_kind_of(EKOK_KIND_NID), "7000712344")};
    ekok_bank_account account = {word_of(ekok_kind_of(EKOK_KIND_BANK_ACCOUNT), "00000001")};
    ekok_bank_routing routing = {word_of(ekok_kind_of(EKOK_KIND_BANK_ROUTING), "020060288")};
    ekok_wallet wallet;

    (void)state;
    assert_int_equal(ekok_nid_subject(nid, subject), 13);
    assert_string_equal(subject, "10:7000712344");
    nid.bits = word_of(ekok_kind_of(EKOK_KIND_NID), "19795525799000001");
    assert_int_equal(ekok_nid_subject(nid, subject), 16);
    assert_string_equal(subject, "13:5525799000001");
    assert_int_equal(ekok_wallet_parse(EKOK_WALLET_ROCKET, span_of("017123456780"), &wallet).code, EKOK_OK);
    assert_int_equal(ekok_wallet_subject(wallet, subject), 20);
    assert_string_equal(subject, "ROCKET:8801712345678");
    assert_int_equal(ekok_bank_account_subject(NULL, account, subject), 9);
    assert_string_equal(subject, ":00000001");
    assert_int_equal(ekok_bank_account_subject(&routing, account, subject), 18);
    assert_string_equal(subject, "020060288:00000001");
}

static void identify_asks_all_in_order(void **state)
{
    static const char *const kinds[] = {"nid",          "brn",          "msisdn", "wallet",
                                        "bank_routing", "bank_account", "tin"};
    ekok_reading readings[EKOK_KIND_IDENTIFIED];

    (void)state;
    ekok_identify(span_of("1712345675"), readings);
    assert_int_equal(COUNT_OF(kinds), EKOK_KIND_IDENTIFIED);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        assert_string_equal(readings[i].kind, kinds[i]);
    }
    assert_true(readings[EKOK_KIND_NID].ok);
    assert_string_equal(readings[EKOK_KIND_NID].reason, "also reads as msisdn, bank_account");
    assert_false(readings[EKOK_KIND_TIN].readable);
    assert_string_equal(readings[EKOK_KIND_TIN].value, "");
    assert_string_equal(readings[EKOK_KIND_TIN].reason, "value has the wrong number of digits");
    ekok_identify(span_of("7000712347"), readings);
    assert_true(readings[EKOK_KIND_NID].readable && !readings[EKOK_KIND_NID].ok);
    assert_string_equal(readings[EKOK_KIND_NID].reason,
                        "check digit fails (the rule is inferred); also reads as bank_account");
}

static void explain_says_what_the_digits_tell(void **state)
{
    char sentence[EKOK_EXPLAIN_TEXT];
    ekok_nid nid = {word_of(ekok_kind_of(EKOK_KIND_NID), "19795525799000001")};
    ekok_language language = EKOK_ENGLISH;

    (void)state;
    size_t length = ekok_nid_explain(nid, EKOK_ENGLISH, sentence);
    assert_int_equal(length, strlen(sentence));
    assert_string_equal(sentence,
                        "National identity number of 17 digits: birth year 1979, district 55, area type 2 "
                        "(paurashava), upazila or thana 57, union or ward 99, serial 000001; it carries no "
                        "check digit.");
    ekok_nid_explain(nid, EKOK_BENGALI, sentence);
    assert_string_equal(sentence,
                        "১৭ অঙ্কের জাতীয় পরিচয়পত্র নম্বর: জন্মসাল ১৯৭৯, জেলা ৫৫, এলাকার ধরন ২ (পৌরসভা), "
                        "উপজেলা বা থানা ৫৭, ইউনিয়ন বা ওয়ার্ড ৯৯, ক্রমিক ০০০০০১; এতে যাচাই অঙ্ক নেই।");
    assert_true(ekok_language_parse(span_of("bn"), &language) && language == EKOK_BENGALI);
    assert_true(ekok_language_parse(span_of("en"), &language) && language == EKOK_ENGLISH);
    assert_false(
        ekok_language_parse(span_of("fr"), &language) || ekok_language_parse(span_of("EN"), &language) ||
        ekok_language_parse(span_of("eng"), &language) || ekok_language_parse(span_of(""), &language));
}

static void a_phrase_never_grows_beyond_its_buffer(void **state)
{
    char text[8];
    ekok_phrase phrase = ekok_phrase_begin(text, sizeof text);

    (void)state;
    ekok_phrase_put(&phrase, "1234");
    ekok_phrase_put_bengali(&phrase, "5");
    assert_string_equal(text, "1234\u09EB");
    assert_false(phrase.full);
    ekok_phrase_put_bengali(&phrase, "6");
    ekok_phrase_put(&phrase, "");
    assert_string_equal(text, "1234\u09EB");
    assert_true(phrase.full);
    phrase = ekok_phrase_begin(text, sizeof text);
    ekok_phrase_put_number(&phrase, 0);
    ekok_phrase_put_number(&phrase, 4095);
    assert_string_equal(text, "04095");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_text_is_read_back),
        cmocka_unit_test(words_that_no_text_makes_are_no_values),
        cmocka_unit_test(a_converted_number_has_its_zero),
        cmocka_unit_test(wallets_refuse_with_a_position),
        cmocka_unit_test(subjects_never_change),
        cmocka_unit_test(identify_asks_all_in_order),
        cmocka_unit_test(explain_says_what_the_digits_tell),
        cmocka_unit_test(a_phrase_never_grows_beyond_its_buffer),
    };
    return cmocka_run_group_tests_name("core/kind", tests, NULL, NULL);
}
