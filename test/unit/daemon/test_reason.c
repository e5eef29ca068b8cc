/* test_reason.c - the list of reasons: order, bound, stable names. */
#include "row/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void test_order_is_kept(void **state)
{
    reason_list list = {.count = 0};

    (void)state;
    reason_add(&list, REASON_BAD_NID, TARGET_NID, "rule", 7);
    reason_add(&list, REASON_NO_NAME, TARGET_COUNT, NULL, 0);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.item[0].code, REASON_BAD_NID);
    assert_int_equal(list.item[0].field, TARGET_NID);
    assert_string_equal(list.item[0].detail, "rule");
    assert_int_equal(list.item[0].position, 7);
    assert_int_equal(list.item[1].code, REASON_NO_NAME);
    assert_null(list.item[1].detail);
}

static void test_bound_is_kept(void **state)
{
    struct {
        reason_list list;
        unsigned char behind[64];
    } room = {.list.count = 0};

    (void)state;
    memset(room.behind, 0x5A, sizeof room.behind);
    for (int i = 0; i < 3 * REASONS_MAX; i++) {
        reason_add(&room.list, REASON_TOO_LONG, TARGET_GEO, NULL, i);
    }
    assert_int_equal(room.list.count, REASONS_MAX);
    assert_int_equal(room.list.item[REASONS_MAX - 1].position, REASONS_MAX - 1);
    for (size_t i = 0; i < sizeof room.behind; i++) {
        assert_int_equal(room.behind[i], 0x5A);
    }
}

static void test_every_reason_has_a_name_and_a_text(void **state)
{
    (void)state;
    for (unsigned i = 0; i < REASON_COUNT; i++) {
        assert_true(strlen(reason_name((reason_code)i)) > 0);
        assert_true(strlen(reason_text((reason_code)i)) > 10);
        assert_null(strchr(reason_text((reason_code)i), '%'));
        for (unsigned k = 0; k < i; k++) {
            assert_string_not_equal(reason_name((reason_code)i), reason_name((reason_code)k));
        }
    }
    assert_string_equal(reason_name(REASON_BIRTH_YEAR_CONTRADICTS), "birth_year_contradicts");
    assert_string_equal(reason_name(REASON_COUNT), "");
    assert_string_equal(reason_text(REASON_COUNT), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order_is_kept),
                                       cmocka_unit_test(test_bound_is_kept),
                                       cmocka_unit_test(test_every_reason_has_a_name_and_a_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
