/*
 * test_match_verdict.c - what keeps two of one house apart, or leaves them to a human, and what does not.
 */
#include "identifier_table.h"

#include <string.h>

#include "match.h"

static ekok_verdict verdict_by(const ekok_levels *levels, ekok_numbers numbers)
{
    return ekok_match_verdict_in(levels, 30, (ekok_match_context){false, numbers});
}

static void one_telephone_does_not_tell_twins_apart(void **state)
{
    ekok_levels levels;

    (void)state;
    memset(&levels, EKOK_MISSING, sizeof levels);
    levels.of[EKOK_FIELD_NAME] = EKOK_NAME_SAME;
    levels.of[EKOK_FIELD_BIRTH] = EKOK_BIRTH_EXACT;
    levels.of[EKOK_FIELD_MOTHER] = EKOK_MOTHER_SAME;
    levels.of[EKOK_FIELD_MOBILE] = EKOK_MOBILE_FEW;
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_LACKING), EKOK_VERDICT_CERTAIN);
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_NOT_KNOWN), EKOK_VERDICT_CERTAIN);
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_APART), EKOK_VERDICT_PROBABLE);
    assert_true(ekok_match_twins(&levels, EKOK_NUMBERS_APART));
    assert_false(ekok_match_twins(&levels, EKOK_NUMBERS_LACKING));
    levels.of[EKOK_FIELD_BRN] = EKOK_BRN_DIFFERENT;
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_NOT_KNOWN), EKOK_VERDICT_PROBABLE);
    levels.of[EKOK_FIELD_ACCOUNT] = EKOK_ACCOUNT_FEW;
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_APART), EKOK_VERDICT_CERTAIN);
    levels.of[EKOK_FIELD_ACCOUNT] = EKOK_MISSING;
    levels.of[EKOK_FIELD_MOBILE] = EKOK_MOBILE_DIFFERENT;
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_APART), EKOK_VERDICT_CERTAIN);
}

static void one_programme_with_two_numbers_counts_two(void **state)
{
    ekok_levels levels;

    (void)state;
    memset(&levels, EKOK_MISSING, sizeof levels);
    levels.of[EKOK_FIELD_NAME] = EKOK_NAME_SAME_RARE;
    levels.of[EKOK_FIELD_BIRTH] = EKOK_BIRTH_EXACT;
    levels.of[EKOK_FIELD_FATHER] = EKOK_FATHER_SAME;
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_APART), EKOK_VERDICT_CERTAIN);
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_TOGETHER), EKOK_VERDICT_PROBABLE);
    levels.of[EKOK_FIELD_BIRTH] = EKOK_BIRTH_HEAPED;
    levels.of[EKOK_FIELD_FATHER] = EKOK_MISSING;
    assert_true(ekok_match_perhaps_twins(&levels, EKOK_NUMBERS_TOGETHER));
    assert_false(ekok_match_perhaps_twins(&levels, EKOK_NUMBERS_APART));
    levels.of[EKOK_FIELD_ACCOUNT] = EKOK_ACCOUNT_FEW; /* one person's own */
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_TOGETHER), EKOK_VERDICT_CERTAIN);
}

static void a_near_name_passes_where_no_number_could_deny_it(void **state)
{
    ekok_levels levels;

    (void)state;
    memset(&levels, EKOK_MISSING, sizeof levels);
    levels.of[EKOK_FIELD_NAME] = EKOK_NAME_NEAR;
    levels.of[EKOK_FIELD_BIRTH] = EKOK_BIRTH_EXACT;
    levels.of[EKOK_FIELD_FATHER] = EKOK_FATHER_SAME;
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_LACKING), EKOK_VERDICT_CERTAIN);
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_APART), EKOK_VERDICT_PROBABLE);
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_NOT_KNOWN), EKOK_VERDICT_PROBABLE);
    levels.of[EKOK_FIELD_NAME] = EKOK_NAME_CLOSE;
    assert_int_equal(verdict_by(&levels, EKOK_NUMBERS_LACKING), EKOK_VERDICT_APART);
    assert_true(ekok_match_twins(&levels, EKOK_NUMBERS_LACKING)); /* by name */
}

static float likeness(const char *one, const char *other)
{
    ekok_name a, b;

    assert_int_equal(ekok_name_parse((ekok_span){one, strlen(one)}, &a).code, EKOK_OK);
    assert_int_equal(ekok_name_parse((ekok_span){other, strlen(other)}, &b).code, EKOK_OK);
    assert_true(ekok_match_similarity(&a, &b) == ekok_match_similarity(&b, &a));
    return ekok_match_similarity(&a, &b);
}

static void a_word_of_marriage_comes_and_goes(void **state)
{
    const float ALIKE = 0.85f;

    (void)state;
    assert_true(likeness("Salma Akter", "Salma Begum") == ALIKE);
    assert_true(likeness("Salma Rahman", "Salma Khatun") == ALIKE);
    assert_true(likeness("Mst. Salma", "Salma Bibi") == ALIKE);
    assert_true(likeness("সালমা আক্তার", "Salma Begum") == ALIKE);
    assert_true(likeness("Umme Salma Akter", "Umme Salma Begum") == ALIKE);
    assert_true(likeness("Umme Salma Akter", "Umme Habiba Begum") < ALIKE);
    assert_true(likeness("Jannatul Ferdous", "Jannatul Mawa") < ALIKE); /* twins of a first word */
    assert_true(likeness("Rina Begum", "Runa Begum") < ALIKE);
    assert_true(likeness("Begum", "Khatun") < ALIKE);
    assert_true(likeness("Hasan Ali", "Hasan Mia") < ALIKE);
}

static void a_mistyped_nid_says_nothing(void **state)
{
    ekok_nid right = {0}, slipped = {0}, other = {0};
    ekok_held a = {.key = 1, .kind = EKOK_HELD_NID10}, b = {.key = 2, .kind = EKOK_HELD_NID10};
    ekok_person one = {.held = &a, .helds = 1}, two = {.held = &b, .helds = 1};
    ekok_levels levels;

    (void)state;
    assert_int_equal(ekok_nid_parse((ekok_span){"7000712344", 10}, &right).code, EKOK_OK);
    assert_int_equal(ekok_nid_parse((ekok_span){"7000712844", 10}, &slipped).code, EKOK_OK);
    assert_int_equal(ekok_nid_parse((ekok_span){"7000719844", 10}, &other).code, EKOK_OK);
    ekok_held_levels(&one, &two, &levels);
    assert_int_equal(levels.of[EKOK_FIELD_NID], EKOK_NID_DIFFERENT); /* the digits are not known */
    a.nid = right;
    b.nid = slipped;
    ekok_held_levels(&one, &two, &levels);
    assert_int_equal(levels.of[EKOK_FIELD_NID], EKOK_MISSING);
    b.nid = other;
    ekok_held_levels(&one, &two, &levels);
    assert_int_equal(levels.of[EKOK_FIELD_NID], EKOK_NID_DIFFERENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_telephone_does_not_tell_twins_apart),
        cmocka_unit_test(one_programme_with_two_numbers_counts_two),
        cmocka_unit_test(a_near_name_passes_where_no_number_could_deny_it),
        cmocka_unit_test(a_word_of_marriage_comes_and_goes),
        cmocka_unit_test(a_mistyped_nid_says_nothing),
    };
    return cmocka_run_group_tests_name("core/match_verdict", tests, NULL, NULL);
}
