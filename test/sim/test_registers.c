/*
 * test_registers.c - the registers find whose a number is, in every form that a ministry writes it; and what they
 * answer differs from what a ministry believes about as often as declared.
 */
#include "civil_truth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "holders.h"

enum { PEOPLE = 3000 };

typedef void (*record_fn)(const world *w, const holders *h, const record *r);

static void each_record(record_fn fn)
{
    static world w;
    rank_index index;
    world_init(&w, 21, PEOPLE);
    holders *h = holders_new(&w);
    assert_non_null(h);
    assert_true(ranks_build(&w, &index));
    for (int m = 0; m < MIS_COUNT; m++) {
        rank_walk walk;
        rank_walk_begin(&walk, &w, &index, (mis_id)m, 0);
        while (rank_next(&walk)) {
            record r;
            record_make(&walk, &r);
            fn(&w, h, &r);
        }
    }
    ranks_free(&index);
    holders_free(h);
}

static void check_holder(const world *w, const holders *h, const record *r)
{
    (void)w;
    if (*r->nid)
        assert_int_equal(holders_find(h, HELD_NID, r->nid), (int64_t)r->person);
    if (strlen(r->brn) == 17)
        assert_int_equal(holders_find(h, HELD_BRN, r->brn), (int64_t)r->person);
    assert_int_equal(holders_find(h, HELD_NUMBER, r->mobile), (int64_t)r->mobile_owner);
    birth_date d = holders_birth(h, (int64_t)r->person);
    assert_int_equal(d.year, r->birth.year);
    assert_int_equal(r->swapped ? d.month : d.day, r->birth.day);
}

static void finds_whose_a_number_is(void **state)
{
    (void)state;
    each_record(check_holder);
    world w;
    world_init(&w, 21, PEOPLE);
    holders *h = holders_new(&w);
    assert_int_equal(holders_find(h, HELD_NID, "1234567890"), -1);
    assert_int_equal(holders_find(h, HELD_NUMBER, "01000000000"), -1);
    holders_free(h);
}

static int answers[CIVIL_COUNT], positive[CIVIL_COUNT];

static void count_answers(const world *w, const holders *h, const record *r)
{
    (void)h;
    for (int system = 0; system < CIVIL_COUNT; system++) {
        const char *answer = truth_expected(w, (civil_system)system, r);
        answers[system] += answer != NULL;
        positive[system] +=
            answer && (strcmp(answer, "status=registered") == 0 || strcmp(answer, "match=Y") == 0 ||
                       strcmp(answer, "verified=true") == 0 || strcmp(answer, "listed=yes") == 0);
    }
}

static void answers_as_declared(void **state)
{
    (void)state;
    each_record(count_answers);
    for (int system = 0; system < CIVIL_COUNT; system++)
        assert_true(answers[system] > 50);
    assert_in_range(positive[CIVIL_EC] * 1000 / answers[CIVIL_EC], 960, 999);
    assert_in_range(positive[CIVIL_BDRIS] * 1000 / answers[CIVIL_BDRIS], 850, 985);
    assert_in_range(positive[CIVIL_BTRC] * 1000 / answers[CIVIL_BTRC], 600, 930);
    for (int list = CIVIL_LISTS; list < CIVIL_COUNT; list++)
        assert_in_range(positive[list] * 1000 / answers[list], 20, 65);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_whose_a_number_is),
                                       cmocka_unit_test(answers_as_declared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
