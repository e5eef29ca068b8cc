/*
 * test_name_vowel.c - which vowels two spellings of one name exchange, by the words that have them; and the tables
 * of known names that an index asks.
 */
#include "identifier_table.h"

#include <string.h>

#include "name.h"
#include "name_index.h"
#include "name_known.h"
#include "name_vowel.h"

typedef struct {
    const char *a, *b;
    bool alternate;
} word_pair;

static const word_pair PAIRS[] = {
    {"রহমান", "রাহমান", true},                            /* inherent and a */
    {"Rahim", "রহিম", true},                              /* a for the inherent vowel */
    {"মোমিন", "মমিন", true},                              /* o for it */
    {"মোহসিন", "মুহসিন", true},                            /* o and u */
    {"মনিরা", "মুনিরা", true},                             /* inherent and u, of three consonants */
    {"রবি", "রুবি", false},                                /* the same of two */
    {"কমল", "কামাল", true},                               /* two of them */
    {"কামাল", "কামিল", false},                            /* a and i */
    {"জলিল", "জালাল", false},                             /* i and a */
    {"সুমন", "সিমন", false},                               /* u and i */
    {"সাজেদা", "সাজিদা", true},                           /* e and i */
    {"Akter", "Aktar", true},                             /* e and a in the last closed syllable */
    {"Selina", "Salina", false},                          /* and nowhere else */
    {"হোসাইন", "হোসেন", true},                            /* a diphthong and e */
    {"শওকত", "Shokot", true},                             /* a diphthong and o */
    {"Mahabub", "Mahbub", true},                          /* a between consonants, not written */
    {"সালমা", "সালিমা", false},                           /* i is heard */
    {"আহমেদ", "Amed", true},                              /* h beside a consonant */
    {"শাহিদা", "সাইদা", false},                           /* h between vowels */
    {"আনোয়ার", "আনার", false},                            /* w */
    {"রহিম", "রহিমা", false},                             /* a at the end */
    {"রাজি", "রাজিয়া", false},   {"চম্পা", "শম্পা", false}, /* ch and s are two */
    {"জলি", "Joli", true},                                /* o for the inherent vowel, in short words too */
    {"Joli", "Juli", false},                              /* o and u, of two consonants */
    {"লায়লা", "লীলা", false},   /* ai and i in the first syllable of two consonants */
    {"রাবেয়া", "রাবিয়া", true}, /* behind it */
    {"সাইফুল", "সিফুল", true},    /* in a longer word */
    {"Yamina", "Amina", false}, /* y at the beginning */
    {"করিম", "রহিম", false},    /* consonants differ */
    {"করিম", "করিমন", false},   /* one more */
};

static void vowels_alternate(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(PAIRS); i++) {
        ekok_name a, b;
        assert_int_equal(ekok_name_parse(span_of(PAIRS[i].a), &a).code, EKOK_OK);
        assert_int_equal(ekok_name_parse(span_of(PAIRS[i].b), &b).code, EKOK_OK);
        ekok_sounds one = {a.token[0].phone, a.token[0].phones},
                    other = {b.token[0].phone, b.token[0].phones};

        if (ekok_vowels_alternate(one, other) != PAIRS[i].alternate ||
            ekok_vowels_alternate(other, one) != PAIRS[i].alternate) {
            fail_msg("%s | %s", PAIRS[i].a, PAIRS[i].b);
        }
        assert_true(ekok_vowels_alternate(one, one));
    }
}

static void no_sounds_are_no_trouble(void **state)
{
    uint8_t one = 0;

    (void)state;
    assert_true(ekok_vowels_alternate((ekok_sounds){&one, 0}, (ekok_sounds){&one, 0}));
}

static void numbers_are_related(void **state)
{
    (void)state;
    assert_int_equal(ekok_known_related(0, 1), EKOK_KNOWN_UNTOLD);
    assert_int_equal(ekok_known_related(1, 1), EKOK_KNOWN_ONE);
    assert_int_equal(ekok_known_related(1, 2), EKOK_KNOWN_APART);
    assert_int_equal(ekok_known_related(1, EKOK_KNOWN_PLAIN), EKOK_KNOWN_TWO);
    assert_int_equal(ekok_known_related(EKOK_KNOWN_SETS, EKOK_KNOWN_SETS), EKOK_KNOWN_ONE);
}

/* What the index looks up: sorted, in its own form, and found. */
static void keys_are_those_of_the_index(void **state)
{
    static const char *const keys[] = {
#define X(key) key,
#include "name_known_key.def"
#undef X
    };
    static const struct {
        uint16_t number;
        const char *key;
    } spellings[] = {
#define X(number, key) {number, key},
#include "name_known_spelling.def"
#undef X
    };
    char coarse[EKOK_NAME_KEY_MAX + 1];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        ekok_index_coarse(keys[i], coarse);
        assert_string_equal(coarse, keys[i]);
        assert_true(ekok_known_key(keys[i]));
        assert_true(i == 0 || strcmp(keys[i - 1], keys[i]) < 0);
    }
    assert_false(ekok_known_key("ZZZ"));
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        const char *found[EKOK_KNOWN_SPELLINGS];
        size_t n = ekok_known_spellings(spellings[i].number, found), k = 0;

        ekok_index_coarse(spellings[i].key, coarse);
        assert_string_equal(coarse, spellings[i].key);
        while (k < n && strcmp(found[k], spellings[i].key) != 0) {
            k++;
        }
        assert_true(k < n);
        assert_true(i == 0 || spellings[i - 1].number <= spellings[i].number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vowels_alternate),
        cmocka_unit_test(no_sounds_are_no_trouble),
        cmocka_unit_test(numbers_are_related),
        cmocka_unit_test(keys_are_those_of_the_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
