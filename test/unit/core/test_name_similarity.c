/*
 * test_name_similarity.c - which names are one and which are two, at the usual threshold; keys; explanations.
 */
#include "identifier_table.h"

#include <string.h>

#include "name.h"
#include "name_known.h"
#include "name_word.h"

static const float THRESHOLD = 0.75f; /* of ekok.sound_threshold */

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
    {"আঃ রহিম", "Abdur Rahim"},
    {"আঃ সালাম", "আব্দুস সালাম"},
    {"Rahim son of Karim", "রহিম"},
    {"Rahima wife of Karim", "রহিমা"},
    {"রহিম পিতাঃ মৃত করিম", "Rahim"},
    {"রহিম ওরফে খোকন", "Rahim (Khokon)"},
    {"Rahaman", "Rahman"},
    {"Mahabub", "মাহবুব"},
    {"লক্ষ্মী", "Laxmi"},
    {"লক্ষী", "Lakshmi"},
    {"আনন্দ", "Ananda"},
    {"আনন্দ", "Anand"},
    {"সুব্রত", "Subrata"},
    {"রাজনগর", "Rajnagar"},
    {"বনগ্রাম", "Bangram"},
    {"পাকশী", "Pakshi"},
    {"পানখালী", "Pankhali"},
    {"দাউদ", "Dawood"},
    {"মুছা", "Musa"},
    {"Khatun Rohima", "রহিমা খাতুন"},
    {"Begum Hosneara", "হোসনে আরা বেগম"},
    {"Fazlul Hoque", "A.K.M. Fazlul Haque"},
    {"A.A.K.K", "A.A.K.K"},
    {"A. Mannan", "আঃ মান্নান"},
    {"বনগাঁ", "Bangaon"},
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
    {"Hasan", "Hossain"},
    {"Zahid Hasan", "Zahid Hossain"},
    {"Abdur Rahman", "Abidur Rahman"},
    {"Matiur Rahman", "Moshiur Rahman"},
    {"Salma Begum", "Salima Begum"},
    {"Mahmud", "Mohammad"},
    {"Aminul Islam", "Moinul Islam"},
    {"\u2020gvt iwng", "\u2020gvt iwng"}, /* Bijoy, unconverted */
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
    assert_memory_equal(&there, &back, sizeof(there));
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

/* A name, one that is spelt more like it, and one of the same sound that is to come closely behind. */
static const struct {
    const char *name, *first, *second;
} TIES[] = {
    {"মোঃ আসাদুল ইসলাম", "Md. Asadul Islam", "Md. Assadul Islam"},
    {"মোঃ আসসাদুল ইসলাম", "Md. Assadul Islam", "Md. Asadul Islam"},
    {"Bacchu Mia", "Bachchu Mia", "Bachu Mia"}, /* three letters or four for a doubled ch */
    {"বাচ্চু মিয়া", "Bacchu Mia", "Bachu Mia"},
    {"Siddhartha Roy", "Siddhartha Roy", "Sidhartha Roy"},
    {"মনজুরুল ইসলাম", "Monjurul Islam", "Maolana Monjurul Islam"},
    {"ডাঃ রহিমা খাতুন", "Dr. Rahima Khatun", "Rahima Khatun"},
    {"অ্যাডভোকেট জালাল উদ্দীন", "Advocat Jalal Uddin", "Jalal Uddin"},
};

static void spelling_settles_ties(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(TIES); i++) {
        float first = similarity(TIES[i].name, TIES[i].first);
        float second = similarity(TIES[i].name, TIES[i].second);
        if (first < 0.99f || first - second < 0.00005f || first - second > 0.00055f) {
            fail_msg("%s | %s: %.4f, %s: %.4f", TIES[i].name, TIES[i].first, (double)first, TIES[i].second,
                     (double)second);
        }
    }
}

static const name_pair MOVED[] = {
    {"রহিমা খাতুন", "Khatun Rohima"},         {"হোসনে আরা বেগম", "Begum Hosneara"},
    {"হোসনে আরা বেগম", "Ara Begum Hosne"}, /* the word written in two parted by the third */
    {"Shefali Rani Das", "দাস শেফালী রানী"}, {"Md. Rahim Uddin", "উদ্দিন মোঃ রহিম"},
};

/* Words that changed places cost a little, so that a name in its own order comes first. */
static void order_of_words_costs_little(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(MOVED); i++) {
        float s = similarity(MOVED[i].a, MOVED[i].b);
        if (s < 0.94f || s >= 0.98f) {
            fail_msg("%s | %s: %.3f", MOVED[i].a, MOVED[i].b, (double)s);
        }
    }
    assert_true(similarity("রহিমা খাতুন", "Khatun Rohima") < similarity("রহিমা খাতুন", "Rohima Khatun"));
    assert_true(similarity("Rahima Khatun", "খাতুন রহিম") <= 0.6f); /* what vetoes, vetoes in any order */
}

/* However much else agrees. */
static void sex_decides(void **state)
{
    (void)state;
    assert_true(similarity("Abdur Rahim Shamsuzzaman Talukder", "Abdur Rahima Shamsuzzaman Talukder") <=
                0.6f);
    assert_true(similarity("শাহজাহান", "শাহজাহানা") <= 0.6f);
}

static void initials_alone_are_a_name(void **state)
{
    (void)state;
    assert_true(similarity("A.A.K.K", "A.A.K.K") >= 1);
    assert_true(similarity("A.A.K.K", "এ এ কে কে") >= 1);
    assert_true(similarity("A.A.K.K", "A.A.K.M") < 1);
}

/* The letter may be Abdul's, and may not. */
static void an_initial_may_be_abdul(void **state)
{
    (void)state;
    assert_true(similarity("A. Mannan", "আঃ মান্নান") >= THRESHOLD);
    assert_true(similarity("K. Mannan", "আঃ মান্নান") < similarity("A. Mannan", "আঃ মান্নান"));
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
    parse("Uddin Rahim", &a);
    parse("রহিম উদ্দিন", &b);
    assert_int_equal(ekok_name_explain(&a, &b, line, COUNT_OF(line)), 3);
    assert_int_equal(line[2].note, EKOK_NAME_RUN_TOGETHER);
    assert_true(line[2].similarity > 0.7f && line[2].similarity < 0.85f); /* words moved, at their cost */
}

static void two_known_names_are_explained(void **state)
{
    ekok_name_line line[EKOK_NAME_LINES_MAX];
    ekok_name a, b;

    (void)state;
    parse("Hasan Ali", &a);
    parse("আলী হোসেন", &b);
    assert_int_equal(ekok_name_explain(&a, &b, line, COUNT_OF(line)), 3);
    assert_int_equal(line[0].note, EKOK_NAME_TWO_KNOWN);
    assert_int_equal(line[0].b, 1);
    assert_int_equal(line[1].b, 0);
}

/*
 * Every line: sorted, heard as it says, in Bengali letters the first of several names; spellings of one number are one
 * name, and names told apart however near they sound are two.
 */
static void known_names_are_what_they_sound(void **state)
{
    static const struct {
        const char *sounds;
        uint16_t number;
        const char *spelling;
    } known[] = {
#define X(sounds, number, spelling) {sounds, number, spelling},
#include "name_known.def"
#undef X
    };
    static uint16_t number[COUNT_OF(known)];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        char sounds[EKOK_KNOWN_SOUNDS_MAX];
        ekok_name name;

        parse(known[i].spelling, &name);
        assert_int_equal(name.tokens, 1);
        ekok_known_sounds(name.token[0].phone, name.token[0].phones, sounds);
        assert_string_equal(sounds, known[i].sounds);
        number[i] = name.token[0].known;
        if (!ekok_in_bengali(&name.token[0])) {
            assert_int_equal(number[i], known[i].number);
        }
        assert_int_equal(ekok_known_related(number[i], known[i].number), EKOK_KNOWN_ONE);
        assert_true(i == 0 || strcmp(known[i - 1].sounds, known[i].sounds) < 0);
        for (size_t j = i % 7; j < i; j += 7) { /* a seventh of all pairs is many */
            ekok_known_relation relation = ekok_known_related(number[i], number[j]);
            assert_int_equal(relation, ekok_known_related(number[j], number[i]));
            if (relation != EKOK_KNOWN_APART && relation != EKOK_KNOWN_ONE) {
                continue;
            }
            float s = similarity(known[i].spelling, known[j].spelling);
            if ((s >= THRESHOLD) != (relation == EKOK_KNOWN_ONE)) {
                fail_msg("%s | %s: %.3f", known[i].spelling, known[j].spelling, (double)s);
            }
        }
    }
}

static const name_pair TWO_NAMES[] = {
    {"রুবি", "রবি"},         {"জলি", "জুলি"},
    {"Rubi", "রবি"},        {"মুন্নী", "মনি"},
    {"Komol", "Kamil"},     {"রেনু", "রানু"},
    {"সাজেদা", "সাজ্জাদ"},   {"Zakia", "Zaki"},
    {"শফি", "শাফিয়া"},      {"মর্জিনা বেগম", "মঞ্জিলা বেগম"},
    {"প্রিয়", "প্রিয়া"},      {"Nabi Hossain", "Nabia Hossain"},
    {"শান্ত", "শান্তা"},      {"শান্তা", "Shanto"},
    {"বিজয়", "Bijoya"},     {"আফসান", "Afsana"},
    {"লায়লা", "লীলা"},      {"চম্পা", "শম্পা"},
    {"Joli", "Juli"},       {"Shyamal Roy", "Shyamali Roy"},
    {"Joyanto", "Joyanti"}, {"নারায়ণ", "নরেন"},
};

static const name_pair ONE_NAME[] = {
    {"শান্ত", "Shanta"},   {"রাবেয়া", "Rabia"},  {"নিলুফার", "নিলুফা"},       {"কুলসুম", "Kulsuma"},
    {"রশিদা", "রাশেদা"},  {"কমল", "Kamal"},     {"Komol", "Kamal"},        {"মনিরা", "মুনিরা"},
    {"খাদিজা", "খোদেজা"}, {"মুজিবুর", "Mozibor"}, {"সালেহ", "Salah"},        {"সাকিনা", "সখিনা"},
    {"Akter", "আখতার"},   {"মেহেদী", "Mahdi"},  {"আকবর খাঁ", "Akbar Khan"}, {"সাজেদা", "সাজিদা"},
};

/* Two common names whose vowels no two spellings of one name exchange; and those that may be one, after all. */
static void common_names_are_told_apart_by_their_vowels(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(TWO_NAMES); i++) {
        float s = similarity(TWO_NAMES[i].a, TWO_NAMES[i].b);
        if (s >= THRESHOLD) {
            fail_msg("%s | %s: %.3f", TWO_NAMES[i].a, TWO_NAMES[i].b, (double)s);
        }
    }
    for (size_t i = 0; i < COUNT_OF(ONE_NAME); i++) {
        float s = similarity(ONE_NAME[i].a, ONE_NAME[i].b);
        if (s < THRESHOLD) {
            fail_msg("%s | %s: %.3f", ONE_NAME[i].a, ONE_NAME[i].b, (double)s);
        }
    }
}

/* A word and the first half of it are two common names, until the other half joins. */
static void joined_words_are_under_no_veto(void **state)
{
    (void)state;
    assert_true(similarity("মেহেরজান বিবি", "মেহের জান বিবি") > 0.9f);
    assert_true(similarity("Roushanara", "রওশন আরা") > 0.9f);
    assert_true(similarity("Roushanara", "রওশন জাহান") < THRESHOLD);
}

/* Of names under a veto the nearer still is the nearer, and nearer than one that lacks the word. */
static void vetoed_names_keep_their_order(void **state)
{
    (void)state;
    float near = similarity("রহিম উদ্দিন তালুকদার", "Karim Uddin Talukder"),
          far = similarity("রহিম উদ্দিন তালুকদার", "Karim Ali Talukder");

    assert_true(near < THRESHOLD && near <= 0.7f);
    assert_true(near > far);
}

/* Over all neighbours in the lists above: the same bits for both orders of two names. */
static void order_does_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ALIKE); i++) {
        for (size_t j = 0; j < COUNT_OF(DIFFERENT); j++) {
            (void)similarity(ALIKE[i].a, DIFFERENT[j].b);
            (void)similarity(DIFFERENT[j].a, ALIKE[i].b);
        }
    }
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
        cmocka_unit_test(spelling_settles_ties),
        cmocka_unit_test(two_names_are_not),
        cmocka_unit_test(order_of_words_costs_little),
        cmocka_unit_test(sex_decides),
        cmocka_unit_test(initials_alone_are_a_name),
        cmocka_unit_test(an_initial_may_be_abdul),
        cmocka_unit_test(alike_names_share_an_index_key),
        cmocka_unit_test(keys_can_be_read),
        cmocka_unit_test(a_difference_is_explained),
        cmocka_unit_test(two_known_names_are_explained),
        cmocka_unit_test(known_names_are_what_they_sound),
        cmocka_unit_test(common_names_are_told_apart_by_their_vowels),
        cmocka_unit_test(joined_words_are_under_no_veto),
        cmocka_unit_test(vetoed_names_keep_their_order),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(long_names_are_bounded),
        cmocka_unit_test(affixes_are_sorted),
        cmocka_unit_test(frequencies_are_sorted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
