/*
 * test_match.c - levels of agreement, weights, verdicts, the fitting of weights, and blocking keys.
 */
#include "identifier_table.h"

#include <string.h>

#include "blocking.h"
#include "match.h"
#include "match_fit.h"

typedef struct {
    ekok_person person;
    ekok_name name[2], father, mother, place;
} made_person;

static ekok_birth born(const char *text)
{
    return ekok_birth_read(span_of(text));
}

static void make(made_person *made, const char *name, const char *father, const char *mother,
                 const char *birth)
{
    memset(&made->person, 0, sizeof made->person);
    made->person.name[0] = ekok_match_name_read(span_of(name), &made->name[0]);
    made->person.father = ekok_match_name_read(span_of(father), &made->father);
    made->person.mother = ekok_match_name_read(span_of(mother), &made->mother);
    made->person.birth = born(birth);
}

static uint8_t birth_level(const char *one, const char *other)
{
    uint8_t level = ekok_birth_level(born(one), born(other));

    assert_int_equal(level, ekok_birth_level(born(other), born(one)));
    return level;
}

static void reads_dates(void **state)
{
    static const struct {
        const char *text;
        int year, month, day;
    } DATES[] = {{"1975-03-04", 1975, 3, 4},
                 {"19750304", 1975, 3, 4},
                 {"04/03/1975", 1975, 3, 4},
                 {"4.3.1975", 1975, 3, 4},
                 {"03/25/1975", 1975, 3, 25},
                 {"১৯৭৫-০৩-০৪", 1975, 3, 4},
                 {"1975", 1975, 0, 0},
                 {"1975-00-00", 1975, 0, 0},
                 {"1975-03-04T00:00:00", 1975, 3, 4},
                 {"1975-02-29", 0, 0, 0},
                 {"1976-02-29", 1976, 2, 29},
                 {"0001-01-01", 0, 0, 0},
                 {"9999-12-31", 0, 0, 0},
                 {"", 0, 0, 0},
                 {"unknown", 0, 0, 0},
                 {"1-2-3-4", 0, 0, 0},
                 {"99999999999999999999", 0, 0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof DATES / sizeof DATES[0]; i++) {
        ekok_birth read = born(DATES[i].text);
        assert_int_equal(read.year, DATES[i].year);
        assert_int_equal(read.month, DATES[i].month);
        assert_int_equal(read.day, DATES[i].day);
    }
}

static void levels_of_dates(void **state)
{
    (void)state;
    assert_int_equal(birth_level("1975-03-04", "1975-03-04"), EKOK_BIRTH_EXACT);
    assert_int_equal(birth_level("1975-01-01", "1975-01-01"), EKOK_BIRTH_HEAPED);
    assert_int_equal(birth_level("1975-01-01", "1975"), EKOK_BIRTH_HEAPED);
    assert_int_equal(birth_level("1975-03-04", "1975-04-03"), EKOK_BIRTH_SWAPPED);
    assert_int_equal(birth_level("1975-03-04", "1975-03-14"), EKOK_BIRTH_ONE_DIGIT);
    assert_int_equal(birth_level("1975-03-04", "1985-03-04"), EKOK_BIRTH_ONE_DIGIT);
    assert_int_equal(birth_level("1975-01-01", "1975-07-09"), EKOK_BIRTH_YEAR_HEAPED);
    assert_int_equal(birth_level("1975-03-04", "1975-07-19"), EKOK_BIRTH_YEAR);
    assert_int_equal(birth_level("1975-03-04", "1977-11-20"), EKOK_BIRTH_NEAR_YEAR);
    assert_int_equal(birth_level("1975-01-01", "1985-01-01"), EKOK_BIRTH_FAR);
    assert_int_equal(birth_level("1975-03-04", ""), EKOK_MISSING);
}

static void levels_of_places(void **state)
{
    (void)state;
    assert_int_equal(ekok_code_level(10043022, 4, 10043022, 4), EKOK_PLACE_UNION);
    assert_int_equal(ekok_code_level(10043022, 4, 10043033, 4), EKOK_PLACE_UPAZILA);
    assert_int_equal(ekok_code_level(10043022, 4, 10043000, 3), EKOK_PLACE_UPAZILA);
    assert_int_equal(ekok_code_level(10043022, 4, 10049900, 4), EKOK_PLACE_DISTRICT);
    assert_int_equal(ekok_code_level(10043022, 4, 10060000, 4), EKOK_PLACE_DIVISION);
    assert_int_equal(ekok_code_level(10043022, 4, 20043022, 4), EKOK_PLACE_MOVED);
    assert_int_equal(ekok_code_level(10043022, 4, 0, 0), EKOK_MISSING);
}

static void reads_sex_in_normal_form(void **state)
{
    static const char *const FEMALE[] = {"F",     "female", " Woman ", "2",    "২",
                                         "মহিলা", "মেয়ে",   "মেয়ে",    "ছাত্রী"};
    static const char *const MALE[] = {"M", "MALE", "1", "১", "পুরুষ", "ছেলে", "boy"};
    static const char *const OTHER[] = {"হিজড়া", "হিজড়া", "Hijra", "3", "third", "তৃতীয় লিঙ্গ"};

    (void)state;
    for (size_t i = 0; i < sizeof FEMALE / sizeof FEMALE[0]; i++) {
        assert_int_equal(ekok_sex_read(span_of(FEMALE[i])), EKOK_SEX_FEMALE);
    }
    for (size_t i = 0; i < sizeof MALE / sizeof MALE[0]; i++) {
        assert_int_equal(ekok_sex_read(span_of(MALE[i])), EKOK_SEX_MALE);
    }
    for (size_t i = 0; i < sizeof OTHER / sizeof OTHER[0]; i++) {
        assert_int_equal(ekok_sex_read(span_of(OTHER[i])), EKOK_SEX_OTHER);
    }
    assert_int_equal(ekok_sex_read(span_of("")), EKOK_SEX_UNKNOWN);
    assert_int_equal(ekok_sex_read(span_of("n/a")), EKOK_SEX_UNKNOWN);
}

static ekok_levels compare_held(ekok_held a, ekok_held b)
{
    ekok_person one = {.held = &a, .helds = 1}, other = {.held = &b, .helds = 1};
    ekok_levels levels, swapped;

    ekok_held_levels(&one, &other, &levels);
    ekok_held_levels(&other, &one, &swapped);
    assert_memory_equal(levels.of + EKOK_FIELD_NID, swapped.of + EKOK_FIELD_NID,
                        EKOK_FIELDS - EKOK_FIELD_NID);
    return levels;
}

static void levels_of_evidence(void **state)
{
    ekok_held nid = {.key = 1, .kind = EKOK_HELD_NID10}, other_nid = {.key = 2, .kind = EKOK_HELD_NID10};
    ekok_held long_nid = {.key = 3, .kind = EKOK_HELD_NID13}, mobile = {.key = 4, .kind = EKOK_HELD_MOBILE};
    ekok_held crowd = {.key = 4, .kind = EKOK_HELD_MOBILE, .holders = 11};
    ekok_held placeholder = {.key = 1, .kind = EKOK_HELD_NID10, .holders = 1000};
    ekok_held brn = {.key = 5, .kind = EKOK_HELD_BRN, .programme = 7};
    ekok_held other_brn = {.key = 6, .kind = EKOK_HELD_BRN, .programme = 7};

    (void)state;
    assert_int_equal(compare_held(nid, nid).of[EKOK_FIELD_NID], EKOK_NID_SAME);
    assert_int_equal(compare_held(nid, other_nid).of[EKOK_FIELD_NID], EKOK_NID_DIFFERENT);
    assert_int_equal(compare_held(nid, long_nid).of[EKOK_FIELD_NID], EKOK_MISSING);
    assert_int_equal(compare_held(placeholder, placeholder).of[EKOK_FIELD_NID], EKOK_MISSING);
    assert_int_equal(compare_held(mobile, mobile).of[EKOK_FIELD_MOBILE], EKOK_MOBILE_FEW);
    assert_int_equal(compare_held(mobile, crowd).of[EKOK_FIELD_MOBILE], EKOK_MOBILE_CROWD);
    assert_int_equal(compare_held(nid, mobile).of[EKOK_FIELD_MOBILE], EKOK_MISSING);
    assert_int_equal(compare_held(brn, other_brn).of[EKOK_FIELD_BRN], EKOK_BRN_TOGETHER);
    other_brn.programme = 8;
    assert_int_equal(compare_held(brn, other_brn).of[EKOK_FIELD_BRN], EKOK_BRN_DIFFERENT);
}

static void shares_sum_to_one(void **state)
{
    double m[EKOK_FIELDS] = {0}, u[EKOK_FIELDS] = {0};

    (void)state;
    for (uint8_t level = 0; level < EKOK_LEVELS; level++) {
        m[ekok_level_field(level)] += ekok_level_m(level);
        u[ekok_level_field(level)] += ekok_level_u(level);
        assert_true(ekok_level_text(level, true)[0] != '\0' && ekok_level_text(level, false)[0] != '\0');
    }
    for (int field = 0; field < EKOK_FIELDS; field++) {
        assert_true(m[field] > 0.9999999 && m[field] < 1.0000001);
        assert_true(u[field] > 0.9999999 && u[field] < 1.0000001);
        assert_int_equal(ekok_level_field((uint8_t)ekok_field_first(field)), field);
        assert_int_equal(ekok_level_field((uint8_t)(ekok_field_first(field + 1) - 1)), field);
    }
}

static ekok_verdict verdict(const made_person *a, const made_person *b, double records)
{
    float weights[EKOK_LEVELS];
    ekok_levels levels, swapped;

    ekok_match_standard(weights);
    ekok_match_levels(&a->person, &b->person, &levels);
    ekok_match_levels(&b->person, &a->person, &swapped);
    assert_memory_equal(&levels, &swapped, sizeof levels);
    return ekok_match_verdict(&levels, ekok_match_score(&levels, weights) + ekok_match_prior(records));
}

static void joins_and_keeps_apart(void **state)
{
    made_person a, b;

    (void)state;
    make(&a, "মোঃ রহিম উদ্দিন", "করিম শেখ", "ফাতেমা বেগম", "1975-03-14");
    make(&b, "Md Rahim Uddin", "Karim Sheikh", "Fatema Begum", "1975-03-14");
    assert_int_equal(verdict(&a, &b, 1e6), EKOK_VERDICT_CERTAIN);
    b.person.sex = EKOK_SEX_FEMALE;
    a.person.sex = EKOK_SEX_MALE;
    assert_int_equal(verdict(&a, &b, 1e6), EKOK_VERDICT_APART);
    make(&b, "Jamal Uddin", "Karim Sheikh", "Fatema Begum", "1975-03-14"); /* a twin */
    assert_int_equal(verdict(&a, &b, 1e6), EKOK_VERDICT_APART);
    make(&b, "Md Rahim Uddin", "Karim Sheikh", "Fatema Begum", "1979-08-20"); /* a brother */
    assert_int_not_equal(verdict(&a, &b, 1e3), EKOK_VERDICT_CERTAIN);
    make(&b, "Md Rahim Uddin", "Jalal Pramanik", "Sokhina Khatun", "1975-03-14"); /* strangers */
    assert_int_equal(verdict(&a, &b, 1e3), EKOK_VERDICT_DIFFERENT);
}

static void kin_are_left_to_a_human(void **state)
{
    const ekok_held one = {.key = 77, .holders = 2, .kind = EKOK_HELD_OTHER};
    made_person a, b;

    (void)state;
    make(&a, "Rahana Mollika", "Karim Sheikh", "Fatema Begum", "1975-03-14");
    make(&b, "Rayhana Mollika", "Karim Sheikh", "Fatema Begum", "1975-03-14"); /* near, and perhaps twins */
    assert_true(ekok_match_similarity(a.person.name[0].name, b.person.name[0].name) < 0.985f);
    assert_int_equal(verdict(&a, &b, 1e3), EKOK_VERDICT_PROBABLE);
    a.person.held = b.person.held = &one;
    a.person.helds = b.person.helds = 1;
    assert_int_equal(verdict(&a, &b, 1e3), EKOK_VERDICT_CERTAIN);
    make(&b, "Rahana Mollika", "Karim Sheikh", "Fatema Begum", "1975-08-20"); /* a cousin of one year */
    assert_int_equal(verdict(&a, &b, 1e3), EKOK_VERDICT_PROBABLE);
    make(&b, "Rahana Mollika", "Jalal Pramanik", "Fatema Begum", "1975-01-01"); /* another father, no day */
    assert_int_not_equal(verdict(&a, &b, 1e3), EKOK_VERDICT_CERTAIN);
}

static void a_number_of_ones_own_outweighs_a_damaged_name(void **state)
{
    const ekok_match_context own = {true, EKOK_NUMBERS_NOT_KNOWN}, any = {false, EKOK_NUMBERS_NOT_KNOWN};
    ekok_levels levels;

    (void)state;
    memset(&levels, EKOK_MISSING, sizeof levels);
    levels.of[EKOK_FIELD_NAME] = EKOK_NAME_DIFFERENT;
    levels.of[EKOK_FIELD_BIRTH] = EKOK_BIRTH_EXACT;
    levels.of[EKOK_FIELD_OTHER] = EKOK_OTHER_FEW;
    assert_int_equal(ekok_match_verdict_in(&levels, 20, own), EKOK_VERDICT_CERTAIN);
    assert_int_equal(ekok_match_verdict_in(&levels, 20, any), EKOK_VERDICT_PROBABLE);
    assert_int_equal(ekok_match_verdict_in(&levels, EKOK_CERTAIN_BITS - 0.1f, own), EKOK_VERDICT_PROBABLE);
    levels.of[EKOK_FIELD_BIRTH] = EKOK_BIRTH_YEAR;
    assert_int_equal(ekok_match_verdict_in(&levels, 20, own), EKOK_VERDICT_PROBABLE);
    levels.of[EKOK_FIELD_BIRTH] = EKOK_BIRTH_EXACT;
    levels.of[EKOK_FIELD_FATHER] = EKOK_FATHER_SAME; /* twins, whatever the number */
    assert_int_equal(ekok_match_verdict_in(&levels, 20, own), EKOK_VERDICT_APART);
}

/* Words remembered change no answer that says more than "two names". */
static void remembered_words_answer_alike(void **state)
{
    static const char *const NAMES[] = {"Md Rahim Uddin", "রহিম উদ্দীন",  "Rahana Akter",   "Rayhana Akhter",
                                        "Salahuddin",     "Salah Uddin", "M A Rahim Khan", "Abdul Karim"};
    enum { COUNT = sizeof NAMES / sizeof NAMES[0] };
    static ekok_word_memory memory[EKOK_WORD_MEMORY];
    static ekok_name name[COUNT];
    ekok_name_view view[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(ekok_name_parse((ekok_span){NAMES[i], strlen(NAMES[i])}, &name[i]).code, EKOK_OK);
        ekok_name_view_of(&name[i], &view[i]);
        for (uint32_t t = 0; t < name[i].tokens; t++) {
            view[i].number[t] = (uint32_t)i * EKOK_NAME_TOKENS_MAX + t;
        }
    }
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT * COUNT; i++) {
            const size_t a = i / COUNT, b = i % COUNT;
            float plain = ekok_match_similarity(&name[a], &name[b]);
            float remembered = ekok_match_similarity_of(&view[a], &view[b], memory);
            assert_true(remembered == plain || (remembered <= 0.7f && plain <= 0.7f));
        }
    }
}

static void namesakes_of_a_place_are_never_certain(void **state)
{
    made_person a, b;

    (void)state;
    make(&a, "Golapi Marjina Tofayel", "", "", "");
    make(&b, "Golapi Marjina Tofayel", "", "", "");
    a.person.sex = b.person.sex = EKOK_SEX_FEMALE;
    a.person.place = b.person.place = (ekok_match_place){10043022, 4, NULL};
    assert_int_equal(verdict(&a, &b, 3), EKOK_VERDICT_PROBABLE);
    assert_int_equal(verdict(&a, &b, 1e9), EKOK_VERDICT_DIFFERENT);
}

static void nothing_known_says_nothing(void **state)
{
    ekok_person nobody;
    ekok_levels levels;
    ekok_block_parts parts;
    float weights[EKOK_LEVELS];

    (void)state;
    memset(&nobody, 0, sizeof nobody);
    ekok_match_standard(weights);
    ekok_match_levels(&nobody, &nobody, &levels);
    assert_true(ekok_match_score(&levels, weights) == 0);
    assert_int_equal(ekok_match_contradiction(&levels), EKOK_APART_NOT);
    ekok_block_parts_of(&nobody, &parts);
    for (int kind = 0; kind < EKOK_BLOCK_KINDS; kind++) {
        uint64_t keys[EKOK_BLOCK_KEYS];
        assert_int_equal(ekok_block_keys((ekok_block_kind)kind, &parts, keys), 0);
    }
}

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

/* One level of a field by shares. */
static uint8_t draw(uint64_t *seed, const double share[EKOK_LEVELS], int field)
{
    double x = (double)next_random(seed) / 2147483648.0;
    int level = ekok_field_first(field);

    while (level + 1 < ekok_field_first(field + 1) && x >= share[level]) {
        x -= share[level++];
    }
    return (uint8_t)level;
}

static void fits_a_known_mixture(void **state)
{
    enum { PAIRS = 60000 };
    static ekok_levels levels[PAIRS];
    static int64_t counts[PAIRS];
    static const int FIELDS[] = {EKOK_FIELD_FATHER, EKOK_FIELD_BIRTH, EKOK_FIELD_PLACE, EKOK_FIELD_SEX};
    ekok_fit fit, true_shares;
    uint64_t seed = 5;

    (void)state;
    ekok_fit_begin(&true_shares);
    for (size_t f = 0; f < sizeof FIELDS / sizeof FIELDS[0];
         f++) { /* flat, unlike what the fit begins with */
        int first = ekok_field_first(FIELDS[f]), last = ekok_field_first(FIELDS[f] + 1) - 1;
        for (int level = first; level <= last; level++) {
            true_shares.m[level] = level == first ? 0.8 : 0.2 / (last - first);
            true_shares.u[level] = level == last ? 0.7 : 0.3 / (last - first);
        }
    }
    for (size_t i = 0; i < PAIRS; i++) {
        const double *share = i % 5 == 0 ? true_shares.m : true_shares.u;
        memset(&levels[i], EKOK_MISSING, sizeof levels[i]);
        for (size_t f = 0; f < sizeof FIELDS / sizeof FIELDS[0]; f++) {
            levels[i].of[FIELDS[f]] = draw(&seed, share, FIELDS[f]);
        }
        counts[i] = 1;
    }
    ekok_fit_begin(&fit);
    ekok_fit_run(&fit, &(ekok_patterns){levels, counts, PAIRS}, false, 1000);
    assert_true(fit.settled);
    assert_true(fit.prior > 0.18 && fit.prior < 0.22);
    for (size_t f = 0; f < sizeof FIELDS / sizeof FIELDS[0]; f++) {
        for (int level = ekok_field_first(FIELDS[f]); level < ekok_field_first(FIELDS[f] + 1); level++) {
            double m = fit.m[level] - true_shares.m[level], u = fit.u[level] - true_shares.u[level];
            assert_true(m > -0.04 && m < 0.04 && u > -0.02 && u < 0.02);
        }
    }
}

static void no_level_gets_infinite_weight(void **state)
{
    ekok_levels levels;
    ekok_fit fit;
    float weights[EKOK_LEVELS];
    int64_t count = INT64_C(1) << 40;

    (void)state;
    memset(&levels, EKOK_MISSING, sizeof levels);
    levels.of[EKOK_FIELD_SEX] = EKOK_SEX_SAME;
    ekok_fit_begin(&fit);
    ekok_fit_run(&fit, &(ekok_patterns){&levels, &count, 1}, false, 100);
    ekok_fit_weights(&fit, weights);
    for (int level = 0; level < EKOK_LEVELS; level++) {
        assert_true(weights[level] >= -20 && weights[level] <= 30);
    }
    ekok_fit_begin(&fit);
    ekok_fit_run(&fit, &(ekok_patterns){&levels, &count, 0}, false, 100);
    assert_true(fit.settled && fit.m[EKOK_SEX_SAME] == ekok_level_m(EKOK_SEX_SAME));
}

/* Whether two persons share a key of the kind. */
static bool meet(const made_person *a, const made_person *b, ekok_block_kind kind)
{
    ekok_block_parts of_a, of_b;
    uint64_t keys_a[EKOK_BLOCK_KEYS], keys_b[EKOK_BLOCK_KEYS];

    ekok_block_parts_of(&a->person, &of_a);
    ekok_block_parts_of(&b->person, &of_b);
    size_t n = ekok_block_keys(kind, &of_a, keys_a), k = ekok_block_keys(kind, &of_b, keys_b);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < k; j++) {
            if (keys_a[i] == keys_b[j]) {
                return true;
            }
        }
    }
    return false;
}

static void keys_bring_together(void **state)
{
    made_person a, b;

    (void)state;
    make(&a, "মোঃ রহিম উদ্দিন", "করিম শেখ", "ফাতেমা বেগম", "1975-03-04");
    make(&b, "Uddin Rahim", "Sheikh Karim", "Fatema Begum", "1975-04-03"); /* order, script, day and month */
    a.person.place = b.person.place = (ekok_match_place){10043022, 4, NULL};
    assert_true(meet(&a, &b, EKOK_BLOCK_DATE_WORD));
    assert_true(meet(&a, &b, EKOK_BLOCK_DATE_FATHER));
    assert_true(meet(&a, &b, EKOK_BLOCK_NAME_FATHER_UPAZILA));
    assert_true(meet(&a, &b, EKOK_BLOCK_NAME_FATHER_MOTHER));
    b.person.birth = born("1975-01-01");
    assert_false(meet(&a, &b, EKOK_BLOCK_DATE_WORD));
    assert_true(meet(&a, &b, EKOK_BLOCK_YEAR_WORD_UPAZILA));
    b.person.place = (ekok_match_place){20043022, 4, NULL};
    assert_false(meet(&a, &b, EKOK_BLOCK_YEAR_WORD_UPAZILA));
    assert_true(meet(&a, &b, EKOK_BLOCK_YEAR_NAME_FATHER));
}

static void finer_kinds_hold_more_parts(void **state)
{
    (void)state;
    for (int kind = 0; kind < EKOK_BLOCK_KINDS; kind++) {
        ekok_block_kind finer = ekok_block_finer((ekok_block_kind)kind);
        assert_true(ekok_block_most((ekok_block_kind)kind) >= 2);
        if (finer != EKOK_BLOCK_NONE) {
            assert_true(finer > (ekok_block_kind)kind); /* so one pass in order finds them */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_dates),
        cmocka_unit_test(levels_of_dates),
        cmocka_unit_test(levels_of_places),
        cmocka_unit_test(reads_sex_in_normal_form),
        cmocka_unit_test(levels_of_evidence),
        cmocka_unit_test(shares_sum_to_one),
        cmocka_unit_test(joins_and_keeps_apart),
        cmocka_unit_test(kin_are_left_to_a_human),
        cmocka_unit_test(a_number_of_ones_own_outweighs_a_damaged_name),
        cmocka_unit_test(remembered_words_answer_alike),
        cmocka_unit_test(namesakes_of_a_place_are_never_certain),
        cmocka_unit_test(nothing_known_says_nothing),
        cmocka_unit_test(fits_a_known_mixture),
        cmocka_unit_test(no_level_gets_infinite_weight),
        cmocka_unit_test(keys_bring_together),
        cmocka_unit_test(finer_kinds_hold_more_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
