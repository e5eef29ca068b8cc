/*
 * test_name_index.c - the keys that an index holds and is asked for, and the table of words heard: which names meet,
 * what is bounded, and that a parse by the table is the parse without it, byte by byte.
 */
#include "identifier_table.h"

#include <stdio.h>
#include <string.h>

#include "name.h"
#include "name_cache.h"

static const float USUAL = 0.86f;

static void parse(const char *text, ekok_name *out)
{
    assert_int_equal(ekok_name_parse(span_of(text), out).code, EKOK_OK);
}

/* Does who asks for one name get the other from an index? */
static bool meets(const char *asked, const char *held, float threshold)
{
    uint32_t of_asked[EKOK_NAME_ASKED_MAX], of_held[EKOK_NAME_KEYS_MAX];
    ekok_name a, b;

    parse(asked, &a);
    parse(held, &b);
    size_t n = ekok_name_keys_asked(&a, threshold, of_asked), m = ekok_name_keys(&b, of_held);
    for (size_t k = 0; k < n * m; k++) {
        if (of_asked[k / m] == of_held[k % m]) {
            return true;
        }
    }
    return false;
}

typedef struct {
    const char *asked, *held;
    bool meet;
} meeting;

static const meeting MEETINGS[] = {
    {"Rahim Uddin", "মোঃ রহিম উদ্দীন", true},
    {"Uddin Rahim", "Rahim Uddin", true}, /* any order */
    {"Salauddin", "Salah Uddin", true},   /* joined, split */
    {"Salah Uddin", "Salauddin", true},   /* split, joined */
    {"Salauddin Ahmed", "সালাহ উদ্দিন আহমেদ", true},
    {"সালাহ উদ্দিন আহমেদ", "Salauddin Ahmed", true},
    {"Amena Begum", "মিনা বেগম", true},          /* a vowel at the beginning */
    {"Chalma Begum", "সালমা বেগম", true},        /* ch and s */
    {"Mahmudur Rahman", "Mamudur Rahman", true}, /* a class written twice */
    {"Bhurungamari", "Bhurungamri", true},       /* one word */
    {"Bhurungamari", "Bhurunmari", true},        /* one consonant of one word left out */
    {"Yasmin Khatun", "জেসমিন খাতুন", true},      /* y and j */
    {"Jesmin Khatun", "Yasmin Khatun", true},
    {"A K M", "M K A", true},                   /* initials alone, in any order */
    {"Rafiqul Islam", "Shafiqul Islam", false}, /* one common word in common is no reason to meet */
    {"Rahima Begum", "Halima Begum", false},
    {"Rahim", "Rahim Uddin", false}, /* too much is unmet */
    {"A K M", "A B M", false},
    {"Abdul Islam", "Abdul Islam Majumdar", false},
    {"Zulfiqar Tofazzal", "Zulfiqar Tofazzal Khan", true}, /* a common word more weighs little */
    {"Zulfiqar Tofazzal Khan", "Zulfiqar Tofazzal", true},
};

static void names_meet_that_could_be_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(MEETINGS); i++) {
        if (meets(MEETINGS[i].asked, MEETINGS[i].held, USUAL) != MEETINGS[i].meet) {
            fail_msg("%s, %s: %s", MEETINGS[i].asked, MEETINGS[i].held,
                     MEETINGS[i].meet ? "do not meet" : "meet");
        }
    }
}

/* At the default threshold: a consonant changed, lost or put in; an initial for Abdul. */
static const meeting LOOSER_MEETINGS[] = {
    {"Golerna Begum", "গোলেনা বেগম", true}, /* without the r */
    {"গোলেনা বেগম", "Golerna Begum", true},
    {"Sabrina Begum", "সাবিনা বেগম", false}, /* two known names */
    {"Gadikul Islam", "গফিকুল ইসলাম", true},  /* d and f */
    {"Basirah Khatun", "বাসিমা খাতুন", true},
    {"নাচোল", "Nakol", true}, /* one word: ch and k */
    {"A. Mannan", "আঃ মান্নান", true},
    {"আঃ মান্নান", "A. Mannan", true},
    {"Atta-ur-Rehman", "Ataur Rahman Khan", true}, /* joined, and a word more */
    {"Masuda Akter", "মাসুমা আক্তার", false},        /* two known names */
    {"Zulfiqar Begum", "Majumdar Begum", false},   /* the same common word */
    {"Zulfiqar Tofazzal", "Majumdar Khairul", false},
};

static void looser_names_meet_at_the_default(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(LOOSER_MEETINGS); i++) {
        const meeting *m = &LOOSER_MEETINGS[i];

        if (meets(m->asked, m->held, EKOK_NAME_ASKED_LEAST) != m->meet) {
            fail_msg("%s, %s: %s", m->asked, m->held, m->meet ? "do not meet" : "meet");
        }
    }
}

static void less_is_asked_for_at_a_higher_threshold(void **state)
{
    static const char *const names[] = {"Zulfiqar Tofazzal", "Zulfiqar Tofazzal Khan", "Rafiqul Islam Khan"};
    uint32_t keys[EKOK_NAME_ASKED_MAX];
    ekok_name name;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        parse(names[i], &name);
        assert_true(ekok_name_keys_asked(&name, 1.0f, keys) < ekok_name_keys_asked(&name, 0.5f, keys));
    }
}

/* What is common is spread: Abdul Haque, spelt in several ways, does not fill one list. */
static void a_common_pair_has_several_lists(void **state)
{
    static const char *const spelt[] = {"Abdul Haque",  "Abdul Hoque", "আব্দুল হক",       "আবদুল হক",
                                        "Md Abdul Haq", "মোঃ আব্দুল হক", "Md. Abdul Huq", "মোহাম্মদ আঃ হক"};
    uint32_t keys[COUNT_OF(spelt)][EKOK_NAME_KEYS_MAX];
    size_t lists = 0;
    ekok_name name;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spelt); i++) {
        bool met = false;

        parse(spelt[i], &name);
        (void)ekok_name_keys(&name, keys[i]);
        for (size_t k = 0; k < i; k++) {
            met = met || keys[k][0] == keys[i][0];
        }
        lists += !met;
        assert_true(meets("Abdul Haque", spelt[i], USUAL));
    }
    assert_in_range(lists, 2, 4);
}

static void keys_are_bounded(void **state)
{
    static const char *const parts[] = {"a ", "Abdul ", "x9 ", "রহিম করিম সালাম ", "(", "মো: "};
    uint32_t keys[EKOK_NAME_ASKED_MAX];
    char text[EKOK_NAME_BYTES_MAX];
    ekok_name name;

    (void)state;
    for (size_t p = 0; p < COUNT_OF(parts); p++) {
        size_t length = strlen(parts[p]), n = 0;

        for (; n + length <= sizeof text; n += length) {
            memcpy(text + n, parts[p], length);
        }
        assert_int_equal(ekok_name_parse((ekok_span){text, n}, &name).code, EKOK_OK);
        assert_true(ekok_name_keys(&name, keys) <= EKOK_NAME_KEYS_MAX);
        assert_true(ekok_name_keys_asked(&name, 0, keys) <= EKOK_NAME_ASKED_MAX);
    }
    parse("", &name);
    assert_int_equal(ekok_name_keys(&name, keys), 0);
    assert_int_equal(ekok_name_keys_asked(&name, USUAL, keys), 0);
}

static void same_parse(ekok_name_cache *cache, ekok_span text)
{
    ekok_name with, without;
    ekok_status a = ekok_name_parse(text, &without), b = ekok_name_parse_with(cache, text, &with);

    assert_int_equal(a.code, b.code);
    assert_int_equal(a.position, b.position);
    if (a.code == EKOK_OK) {
        assert_int_equal(with.tokens, without.tokens);
        assert_int_equal(with.whole_phones, without.whole_phones);
        assert_memory_equal(with.whole, without.whole, without.whole_phones);
        assert_memory_equal(with.token, without.token, without.tokens * sizeof without.token[0]);
    }
}

static const char *const NAMES[] = {
    "† iwv",
    "†gvt iwng",
    "মোঃ রহিম উদ্দীন",
    "Md. Rahim Uddin",
    "আ রহিম",
    "আ ক ম রহিম",
    "রহিম (বাবু)",
    "রহিম S/O করিম",
    "Rahim alias Babu",
    "Late",
    "মোঃ",
    "Md Md",
    "এ কে এম রহমান",
    "AKM Rahman",
    "a b",
    "",
    "   ",
    "Raheem-uddin",
    "রহিম পিতা করিম",
    "123 456",
    "😀 Rahim",
    "রahim",
    "\xff Rahim",
    "Rahim \xe0\xa6",
    "মোং রহিম",
    "Rahim.Uddin",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghij Rahim",
    ") Rahim (",
    "ঃ Rahim",
    "Dr. Md. A. Rahim",
    "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a",
};

static void the_table_of_words_changes_nothing(void **state)
{
    static ekok_name_cache cache;

    (void)state;
    ekok_name_cache_clear(&cache);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
            same_parse(&cache, span_of(NAMES[i]));
        }
    }
}

/* More words than the table has places: each takes another's. */
static void words_take_the_place_of_others(void **state)
{
    static ekok_name_cache cache;
    char text[64];

    (void)state;
    ekok_name_cache_clear(&cache);
    for (int i = 0; i < 3 * EKOK_NAME_CACHE_WORDS; i++) {
        int n = snprintf(text, sizeof text, "%c%cm%c%c %c%cd%ci", 'a' + i % 26, 'a' + i / 26 % 26,
                         'a' + i / 676 % 26, 'a' + i / 17576 % 26, 'z' - i % 26, 'a' + i / 26 % 26,
                         'a' + i / 676 % 26);
        same_parse(&cache, (ekok_span){text, (size_t)n});
    }
}

static void latin_rules_stand_by_their_letters(void **state)
{
    static const char *const letters[] = {
#define X(letters, sounds, end) letters,
#include "name_latin.def"
#undef X
    };

    (void)state;
    for (size_t i = 1; i < COUNT_OF(letters); i++) {
        assert_true(letters[i - 1][0] <= letters[i][0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_meet_that_could_be_alike),
        cmocka_unit_test(looser_names_meet_at_the_default),
        cmocka_unit_test(less_is_asked_for_at_a_higher_threshold),
        cmocka_unit_test(a_common_pair_has_several_lists),
        cmocka_unit_test(keys_are_bounded),
        cmocka_unit_test(latin_rules_stand_by_their_letters),
        cmocka_unit_test(the_table_of_words_changes_nothing),
        cmocka_unit_test(words_take_the_place_of_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
