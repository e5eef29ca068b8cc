/*
 * test_name_alike.c - ekok_name_is_alike says of pairs of 1,024 names, in both scripts, what the similarity and the
 * threshold say, with words remembered and without.
 */
#include "identifier_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"

static const char *const WORDS[] = {"Rahim",     "রহিমা",     "Karim", "করীম",  "Uddin", "উদ্দীন",   "Salah",
                                    "Salauddin", "Begum",     "বেগম",  "Md",    "মোছাঃ", "A",       "আঃ",
                                    "Khatun",    "Khatoon",   "Roy",   "রায়",   "Hasan", "Hossain", "হোসেন",
                                    "শওকত",      "Laxmi",     "লক্ষ্মী", "K M",   "Jamal", "জালাল",   "Abdul",
                                    "ফাতেমা",    "Chowdhury", "Dr",    "Rahhim"};
static const float THRESHOLDS[] = {0.6f, 0.7f, 0.75f, 0.83f, 0.86f, 0.95f, 1.0f};

enum { WORD_COUNT = COUNT_OF(WORDS), NAMES = WORD_COUNT * WORD_COUNT };

/* Two words, or three. */
static void make(size_t i, ekok_name *out)
{
    char text[256];
    const char *third = i % 3 == 0 ? WORDS[(i / 7) % WORD_COUNT] : "";
    int n = snprintf(text, sizeof text, "%s %s %s", WORDS[i / WORD_COUNT], WORDS[i % WORD_COUNT], third);

    assert_int_equal(ekok_name_parse((ekok_span){text, (size_t)n}, out).code, EKOK_OK);
}

/* Words of equal sounds and kind have one number, given as they are met. */
static void give_numbers(ekok_name_view *view, const ekok_name_token *met[], uint32_t *count)
{
    for (size_t i = 0; i < view->tokens; i++) {
        uint32_t n = 0;

        while (n < *count && memcmp(met[n], view->token[i], sizeof *met[n]) != 0) {
            n++;
        }
        if (n == *count) {
            met[(*count)++] = view->token[i];
        }
        view->number[i] = n;
    }
}

static void answers_are_those_of_the_similarity(void **state)
{
    static ekok_name name[NAMES];
    static ekok_name_view view[NAMES], numbered[NAMES];
    static ekok_word_memory memory[EKOK_WORD_MEMORY];
    static const ekok_name_token *met[NAMES * 4];
    uint32_t words = 0;
    size_t alike = 0, pairs = 0;

    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        make(i, &name[i]);
        ekok_name_view_of(&name[i], &view[i]);
        numbered[i] = view[i];
        give_numbers(&numbered[i], met, &words);
    }
    for (size_t i = 0; i < NAMES; i++) {
        for (size_t j = i % 5; j < NAMES; j += 5) {
            float similarity = ekok_name_similarity(&name[i], &name[j]);

            for (size_t t = 0; t < COUNT_OF(THRESHOLDS); t++) {
                bool expected = similarity >= THRESHOLDS[t];

                assert_int_equal(ekok_name_is_alike(&view[i], &view[j], NULL, THRESHOLDS[t]), expected);
                assert_int_equal(ekok_name_is_alike(&numbered[i], &numbered[j], memory, THRESHOLDS[t]),
                                 expected);
                alike += expected;
                pairs++;
            }
        }
    }
    assert_in_range(alike, pairs / 200, pairs / 2); /* both answers are tried */
}

static void a_name_without_words_is_alike_to_nothing(void **state)
{
    ekok_name none, one;
    ekok_name_view a, b;

    (void)state;
    assert_int_equal(ekok_name_parse((ekok_span){"...", 3}, &none).code, EKOK_OK);
    assert_int_equal(ekok_name_parse((ekok_span){"Rahim", 5}, &one).code, EKOK_OK);
    ekok_name_view_of(&none, &a);
    ekok_name_view_of(&one, &b);
    assert_false(ekok_name_is_alike(&a, &b, NULL, 0.6f));
    assert_false(ekok_name_is_alike(&a, &a, NULL, 0.6f));
    assert_true(ekok_name_is_alike(&b, &b, NULL, 1.0f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_the_similarity),
        cmocka_unit_test(a_name_without_words_is_alike_to_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
