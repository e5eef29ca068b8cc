/* test_target.c - the list of targets and looking a raw field up by its path. */
#include "row/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include "row/row.h"

static void test_names_lead_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TARGET_COUNT; i++) {
        target found = TARGET_COUNT;
        assert_true(target_by_name(span_of(target_name((target)i)), &found));
        assert_int_equal(found, i);
        assert_true(target_ceiling((target)i) > 0);
    }
}

static void test_unknown_names(void **state)
{
    static const char *const names[] = {"", "nidd", "ni", "NID", "nid "};
    target found = TARGET_SEX;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_false(target_by_name(span_of(names[i]), &found));
    }
    assert_int_equal(found, TARGET_SEX);
    assert_string_equal(target_name(TARGET_COUNT), "");
    assert_int_equal(target_ceiling(TARGET_COUNT), 0);
    assert_false(target_required(TARGET_COUNT));
}

static void test_required(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TARGET_COUNT; i++) {
        bool wanted = i == TARGET_RECORD_ID || i == TARGET_PROGRAMME || i == TARGET_BIRTH_DATE;
        assert_int_equal(target_required((target)i), wanted);
    }
}

/* A text of the highest ceiling and its NUL must fit the row's members. */
static void test_row_holds_ceilings(void **state)
{
    registry_row row;

    (void)state;
    assert_true(sizeof row.record_id > target_ceiling(TARGET_RECORD_ID));
    assert_true(sizeof row.programme > target_ceiling(TARGET_PROGRAMME));
    assert_true(sizeof row.name_bn > target_ceiling(TARGET_NAME_BN));
    assert_true(sizeof row.name_en > target_ceiling(TARGET_NAME_EN));
    assert_true(sizeof row.father_name > target_ceiling(TARGET_FATHER_NAME));
    assert_true(sizeof row.mother_name > target_ceiling(TARGET_MOTHER_NAME));
    assert_true(sizeof row.household > target_ceiling(TARGET_HOUSEHOLD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names_lead_back),
                                       cmocka_unit_test(test_unknown_names), cmocka_unit_test(test_required),
                                       cmocka_unit_test(test_row_holds_ceilings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
