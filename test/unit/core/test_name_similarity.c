/*
 * test_name_similarity.c - which names are one and which are two, at the usual threshold; keys; explanations.
 */
#include "identifier_table.h"

#include <string.h>

#include "name.h"
#include "name_word.h"

static const float THRESHOLD = 0.82f;

typedef struct {
    const char *a, *b;
} name_pair;

static const name_pair ALIKE[] = {
    {"মোঃ রহিম উদ্দীন", "Md. Rahim Uddin"},
    {"মোহাম্মদ রহীমউদ্দিন", "Mohammad Raheem-uddin"},
    {"মোঃ রহিম উদ্দীন", "মোহাম্মদ রহীমউদ্দিন"},
    {"Salah Uddin", "Salauddin"},
    {"রহিম উদ্দিন", "Uddin Rahim"},
    {"Rahim", "Late Rahim"},
    {"রহিম পিতা করিম", "Rahim"},
    {"Rahim S/O Karim", "রহিম"},
    {"এ কে এম রহমান", "AKM Rahman"},
    {"আঃ রহিম", "Abdul Rahim"},
    {"নাছির", "Nasir"},
    {"রায়", "Roy"},
    {"বন্দ্যোপাধ্যায়", "Banerjee"},
    {"ভূঁইয়া", "Bhuiyan"},
    {"আজহার আলী", "Azhar Ali"},
    {"মোছাঃ রহিমা বেগম", "Mst. Rahima Begum"},
    {"আনোয়ার হোসাইন", "Anwar Hossen"},
    {"উদদিন", "উদ্দিন"},
    {"শওকত আলী", "Shaukat Ali"},
};

static const name_pair DIFFERENT[] = {
    {"রহিম", "রহিমা"},
    {"Rahim Begum", "Rahima Begum"},
    {"Salim", "সেলিমা"},
    {"Jamal", "Jalal"},
    {"Rafiqul Islam", "Shafiqul Islam"},
    {"Saiful Islam", "Shariful Islam"},
    {"Rahim Uddin", "Karim Uddin"},
    {"Kamal", "Kamil"},
    {"নাজিম", "নাঈম"},
    {"Rahim", ""},
    {"", ""},
    {"12", "12"},
};

static void parse(const char *text, ekok_name *out)
{
    assert_int_equal(ekok_name_parse(span_of(text), out).code, EKOK_OK);
}

static float similarity(const char *one, const char *other)
{
    ekok_name a, b;

    parse(one, &a);
    parse(other, &b);
    float there = ekok_name_similarity(&a, &b), back = ekok_name_similarity(&b, &a);
    assert_true(there - back < 0.0001f && back - there < 0.0001f);
    assert_true(there >= 0 && there <= 1);
    return there;
}

static void one_name_is_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ALIKE); i++) {
        float s = similarity(ALIKE[i].a, ALIKE[i].b);
        if (s < THRESHOLD) {
            fail_msg("%s | %s: %.3f", ALIKE[i].a, ALIKE[i].b, (double)s);
        }
    }
}

static void two_names_are_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(DIFFERENT); i++) {
        float s = similarity(DIFFERENT[i].a, DIFFERENT[i].b);
        if (s >= THRESHOLD) {
            fail_msg("%s | %s: %.3f", DIFFERENT[i].a, DIFFERENT[i].b, (double)s);
        }
    }
}

/* However much else agrees. */
static void sex_decides(void **state)
{
    (void)state;
    assert_true(similarity("Abdur Rahim Shamsuzzaman Talukder", "Abdur Rahima Shamsuzzaman Talukder") <=
                0.6f);
    assert_true(similarity("শাহজাহান", "শাহজাহানা") <= 0.6f);
}

static bool asks_for(const ekok_name *asked, const ekok_name *held)
{
    uint32_t of_asked[EKOK_NAME_ASKED_MAX], of_held[EKOK_NAME_KEYS_MAX];
    size_t n = ekok_name_keys_asked(asked, THRESHOLD, of_asked), m = ekok_name_keys(held, of_held);

    for (size_t k = 0; k < n * m; k++) {
        if (of_asked[k / m] == of_held[k % m]) {
            return true;
        }
    }
    return false;
}

static void alike_names_share_an_index_key(void **state)
{
    ekok_name a, b;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ALIKE); i++) {
        parse(ALIKE[i].a, &a);
        parse(ALIKE[i].b, &b);
        if (!asks_for(&a, &b) || !asks_for(&b, &a)) {
            fail_msg("no key in common: %s, %s", ALIKE[i].a, ALIKE[i].b);
        }
    }
}

static void keys_can_be_read(void **state)
{
    char text[EKOK_NAME_KEYS_TEXT], small[4];
    ekok_name name;

    (void)state;
    parse("মোঃ রহিম উদ্দিন", &name);
    assert_int_equal(ekok_name_key_text(&name, text, sizeof(text)), 10);
    assert_string_equal(text, "MMD RM ADN");
    assert_int_equal(ekok_name_equal_key(&name, text, sizeof(text)), 6);
    assert_string_equal(text, "ADN RM");
    assert_int_equal(ekok_name_equal_key(&name, small, sizeof(small)), 3);
    assert_string_equal(small, "ADN");
}

static void a_difference_is_explained(void **state)
{
    ekok_name_line line[EKOK_NAME_LINES_MAX];
    ekok_name a, b;

    (void)state;
    parse("Md. Rahim Uddin", &a);
    parse("রহিমা উদ্দিন", &b);
    assert_int_equal(ekok_name_explain(&a, &b, line, COUNT_OF(line)), 4);
    assert_int_equal(line[0].note, EKOK_NAME_LEFT_OUT);
    assert_int_equal(line[1].note, EKOK_NAME_SEX_DIFFERS);
    assert_int_equal(line[1].b, 0);
    assert_int_equal(line[2].note, EKOK_NAME_SAME_SOUND);
    assert_int_equal(line[3].note, EKOK_NAME_RUN_TOGETHER);
    assert_int_equal(ekok_name_explain(&a, &b, line, 2), 2);
}

/* Many words, one word without end, all of one letter: bounded, and no further than the arrays. */
static void long_names_are_bounded(void **state)
{
    static const char *const unit[] = {"a ", "rahim ", "\u0995", "x", "(", "\u09AE\u09CB\u0983 "};
    uint32_t keys[EKOK_NAME_KEYS_MAX];

    (void)state;
    for (size_t u = 0; u < COUNT_OF(unit); u++) {
        char text[EKOK_NAME_BYTES_MAX + 1] = "";
        ekok_name name;

        for (size_t n = 0; n + strlen(unit[u]) <= EKOK_NAME_BYTES_MAX; n += strlen(unit[u])) {
            memcpy(text + n, unit[u], strlen(unit[u]) + 1);
        }
        parse(text, &name);
        assert_true(name.tokens <= EKOK_NAME_TOKENS_MAX);
        assert_true(ekok_name_keys(&name, keys) <= EKOK_NAME_KEYS_MAX);
        assert_true(ekok_name_similarity(&name, &name) > 0.99f || name.tokens == 0);
    }
}

static void affixes_are_sorted(void **state)
{
    static const char *const words[] = {
#define X(word, kind, sounds) word,
#include "name_affix.def"
#undef X
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        assert_true(i == 0 || strcmp(words[i - 1], words[i]) < 0);
        const ekok_affix *found = ekok_affix_of(span_of(words[i]));
        assert_true(found != NULL && strcmp(found->word, words[i]) == 0);
    }
}

static void frequencies_are_sorted(void **state)
{
    static const char *const keys[] = {
#define X(key, frequency, weight) key,
#include "name_frequency.def"
#undef X
    };

    (void)state;
    for (size_t i = 1; i < COUNT_OF(keys); i++) {
        assert_true(strcmp(keys[i - 1], keys[i]) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_name_is_alike),
        cmocka_unit_test(two_names_are_not),
        cmocka_unit_test(sex_decides),
        cmocka_unit_test(alike_names_share_an_index_key),
        cmocka_unit_test(keys_can_be_read),
        cmocka_unit_test(a_difference_is_explained),
        cmocka_unit_test(long_names_are_bounded),
        cmocka_unit_test(affixes_are_sorted),
        cmocka_unit_test(frequencies_are_sorted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
