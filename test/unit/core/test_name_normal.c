/*
 * test_name_normal.c - the normal form: every trap of Unicode in Bengali names, one line each; idempotence; refusals.
 */
#include "identifier_table.h"

#include <string.h>

#include "name.h"

typedef struct {
    const char *given, *normal, *why;
} normal_line;

static const normal_line LINES[] = {
    {"\u09DC", "\u09A1\u09BC", "RRA in one character"},
    {"\u09A1\u09BC", "\u09A1\u09BC", "RRA in two"},
    {"\u09DD", "\u09A2\u09BC", "RHA"},
    {"\u09DF", "\u09AF\u09BC", "YYA"},
    {"\u09AF\u09BE\u09BC", "\u09AF\u09BC\u09BE", "nukta behind the vowel sign"},
    {"\u0995\u09C7\u09BE", "\u0995\u09CB", "o typed as e and aa"},
    {"\u0995\u09C7\u09D7", "\u0995\u09CC", "au typed as e and length mark"},
    {"\u09A4\u09CD\u200D", "\u09CE", "khanda ta typed with a joiner"},
    {"\u09A4\u09CD\u200D\u0995", "\u09CE\u0995", "within a word too"},
    {"\u09A4\u09CD", "\u09CE", "ta with hasant at the end"},
    {"\u0985\u09BE\u09B2\u09C0", "\u0986\u09B2\u09C0", "aa typed as a and sign"},
    {"\u09AC\u09BC", "\u09B0", "ra typed as ba with a dot"},
    {"\u09B0\u09BC", "\u09B0", "ra with a dot more"},
    {"\u0995\u09BC", "\u0995", "a dot that means nothing"},
    {"\u09BC\u0995", "\u0995", "a dot alone"},
    {"\u09B0\u200D\u09CD\u09AF", "\u09B0\u09CD\u09AF", "joiner before a phala"},
    {"\u0995\u200C\u09B0", "\u0995\u09B0", "non-joiner"},
    {"\u09B9\u09CD\u09CD\u09AE", "\u09B9\u09CD\u09AE", "hasant twice"},
    {"\u09B2\u09BE\u09B9\u09CD", "\u09B2\u09BE\u09B9", "hasant at the end"},
    {"\u09AE\u09CB\u0983", "\u09AE\u09CB", "visarga that abbreviates"},
    {"\u09AE\u09CB:", "\u09AE\u09CB", "typed as a colon"},
    {"\u09AE\u09CB.", "\u09AE\u09CB", "typed as a full stop"},
    {"\u09AE\u09CB\u0982", "\u09AE\u09CB", "typed as anusvara"},
    {"\u09F0", "\u09B0", "Assamese ra"},
    {"\u09F1", "\u09AC", "Assamese wa"},
    {"\u09E7\u09E8", "12", "Bengali digits"},
    {"\u0995\u0964\u0996", "\u0995 \u0996", "danda"},
    {"\u09AD\u0981\u09C2", "\u09AD\u09C2\u0981", "candrabindu before the vowel sign"},
    {"\u0995\u09BE\u09BE", "\u0995\u09BE", "a vowel sign twice"},
    {"  Md.  RAHIM-Uddin ", "md rahim uddin", "case, punctuation, spaces"},
    {"Sa\u2019id", "said", "apostrophe"},
    {"Mu\u1E25ammad", "muhammad", "letter with a dot below"},
    {"A\u0304li", "ali", "combining mark"},
    {"\uFF21li", "ali", "full width"},
    {"Ali\u0995", "ali \u0995", "scripts mixed in a word"},
    {"\U0001F600", "", "emoji"},
    {"", "", "empty"},
    {"\u09A2\u09BC", "\u09A2\u09BC", "RHA in two"},
    {"\u09AF\u09BC", "\u09AF\u09BC", "YYA in two"},
    {"\u09B0\u09CD\u200D\u09AF\u09BE", "\u09B0\u09CD\u09AF\u09BE", "joiner behind the hasant of ra"},
    {"\u099B\u09BE\u0987\u09AB\u09C1\u09B2\u09CD\u09B2\u09BE\u09B9\u09CD",
     "\u099B\u09BE\u0987\u09AB\u09C1\u09B2\u09CD\u09B2\u09BE\u09B9",
     "hasant at the end, conjunct within kept"},
    {"\u09AE\u09CB", "\u09AE\u09CB", "no visarga at all"},
    {"\u09AE\u09C7\u09BE\u0983", "\u09AE\u09CB", "o in two and visarga"},
    {"\u0986\u0983", "\u0986", "visarga behind a vowel"},
    {"\u09A6\u09C1\u0983\u0996", "\u09A6\u09C1\u0983\u0996", "visarga within a word stays"},
    {"\u099A\u09BE\u0981\u09A6", "\u099A\u09BE\u0981\u09A6", "candrabindu stays"},
    {"\u09EF\u0965", "9", "double danda"},
    {"\uFEFF\u0995\u200B\u0996\u2060", "\u0995\u0996", "byte order mark, zero width space, word joiner"},
    {"\u0995\u00A0\u0996", "\u0995 \u0996", "no-break space"},
    {"\u09AC\u09BC\u09BE\u09DF", "\u09B0\u09BE\u09AF\u09BC", "two traps in one word"},
    {"\u2020gvt iwng", "gvt iwng", "Bijoy is not converted here: its glyphs are Latin letters"},
};

static void normalise(const char *text, char out[EKOK_NAME_TEXT_MAX])
{
    size_t size;

    assert_int_equal(ekok_bn_normalize(span_of(text), out, EKOK_NAME_TEXT_MAX, &size).code, EKOK_OK);
    assert_int_equal(size, strlen(out));
}

static void every_trap_has_one_answer(void **state)
{
    char once[EKOK_NAME_TEXT_MAX], twice[EKOK_NAME_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(LINES); i++) {
        normalise(LINES[i].given, once);
        if (strcmp(once, LINES[i].normal) != 0) {
            fail_msg("%s: got \"%s\"", LINES[i].why, once);
        }
        normalise(once, twice);
        assert_string_equal(once, twice);
    }
}

/* Strings of the characters that act on their neighbours, made by a small generator: normalised twice is once. */
static void is_idempotent(void **state)
{
    static const char *const part[] = {
        "\u0995", "\u09A4", "\u09CD", "\u200D", "\u09BC", "\u09A1", "\u09AF", "\u09C7", "\u09BE", "\u09D7",
        "\u0985", "\u0983", "\u0981", "\u0982", "\u09AE", "\u09CB", ":",      ".",      " ",      "a",
        "(",      ")",      "/",      "\u09CE", "1",      "\u09CC", "\u09AC", "'",
    };
    uint64_t random = 1;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        char text[64] = "", once[EKOK_NAME_TEXT_MAX], twice[EKOK_NAME_TEXT_MAX];

        for (int k = 0; k < 8; k++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            strcat(text, part[(random >> 33) % COUNT_OF(part)]);
        }
        normalise(text, once);
        normalise(once, twice);
        if (strcmp(once, twice) != 0) {
            fail_msg("\"%s\" gives \"%s\", that \"%s\"", text, once, twice);
        }
    }
}

static void refuses_what_is_not_text(void **state)
{
    static char long_text[EKOK_NAME_BYTES_MAX + 1];
    char out[EKOK_NAME_TEXT_MAX], small[2];
    size_t size;

    (void)state;
    memset(long_text, 'a', sizeof(long_text));
    ekok_status status = ekok_bn_normalize(span_of("ab\xFF"), out, sizeof(out), &size);
    assert_int_equal(status.code, EKOK_BAD_UTF8);
    assert_int_equal(status.position, 3);
    status = ekok_bn_normalize((ekok_span){long_text, sizeof(long_text)}, out, sizeof(out), &size);
    assert_int_equal(status.code, EKOK_TOO_LONG);
    status = ekok_bn_normalize((ekok_span){long_text, EKOK_NAME_BYTES_MAX}, out, sizeof(out), &size);
    assert_int_equal(status.code, EKOK_OK);
    assert_int_equal(ekok_bn_normalize(span_of("abc"), small, sizeof(small), &size).code, EKOK_TOO_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_trap_has_one_answer),
        cmocka_unit_test(is_idempotent),
        cmocka_unit_test(refuses_what_is_not_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
