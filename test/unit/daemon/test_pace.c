/*
 * test_pace.c - parts of a rotation follow how long they take, between their bounds.
 */
#include "rotate/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void grows_while_it_is_fast(void **state)
{
    (void)state;
    pace p = pace_begin();
    int before = p.blocks;
    pace_took(&p, 0.001);
    assert_true(p.blocks > before);
    for (int i = 0; i < 100; i++)
        pace_took(&p, 0.001);
    before = p.blocks;
    pace_took(&p, 0.001);
    assert_int_equal(p.blocks, before); /* not for ever */
}

static void shrinks_at_once_when_it_is_slow(void **state)
{
    (void)state;
    pace p = pace_begin();
    for (int i = 0; i < 100; i++)
        pace_took(&p, 0.001);
    int before = p.blocks;
    pace_took(&p, 0.5);
    assert_int_equal(p.blocks, before / 2);
    for (int i = 0; i < 100; i++)
        pace_took(&p, 0.5);
    assert_true(p.blocks >= 1);
    before = p.blocks;
    pace_took(&p, 0.5);
    assert_int_equal(p.blocks, before);
}

static void stays_within_what_is_aimed_at(void **state)
{
    (void)state;
    pace p = pace_begin();
    int before = p.blocks;
    pace_took(&p, 0.020);
    assert_int_equal(p.blocks, before);
}

static void fixed_parts_stay(void **state)
{
    (void)state;
    pace p = pace_of(24);
    pace_took(&p, 0.001);
    pace_took(&p, 5);
    assert_int_equal(p.blocks, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_while_it_is_fast),
        cmocka_unit_test(shrinks_at_once_when_it_is_slow),
        cmocka_unit_test(stays_within_what_is_aimed_at),
        cmocka_unit_test(fixed_parts_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
