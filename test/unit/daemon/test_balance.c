/*
 * test_balance.c - the balance of a trace: entries in any order leave what the last rows are, and no more tables are
 * counted than there is room for. That the server gives the same sum for the same rows and secret is
 * the matter of test/pgtap/audit_balance.sql and test/tap/18_audit_tree.t.
 */
#include "trace/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static failure f;

static bool add(balance *b, const char *table, const char *row, const char *old, const char *after)
{
    span value[TRAIL_FIELDS] = {[TRAIL_TABLE] = span_of(table),
                                [TRAIL_ROW] = span_of(row),
                                [TRAIL_OLD] = span_of(old),
                                [TRAIL_NEW] = span_of(after)};
    return balance_add(b, value, &f);
}

static bool same(const balance_table *a, const balance_table *b)
{
    return a->rows == b->rows && a->sum.high == b->sum.high && a->sum.low == b->sum.low;
}

static void a_history_leaves_what_its_last_rows_are(void **state)
{
    (void)state;
    balance *b = balance_new(&f);
    assert_non_null(b);
    assert_true(add(b, "s.long", "1", NULL, "{\"a\": 1}"));
    assert_true(add(b, "s.long", "2", NULL, "{\"a\": 2}"));
    assert_true(add(b, "s.long", "1", "{\"a\": 1}", "{\"a\": 5}"));
    assert_true(add(b, "s.long", "2", "{\"a\": 2}", NULL));
    assert_true(add(b, "s.short", "1", NULL, "{\"a\": 5}"));
    assert_true(same(balance_find(b, "s.long"), balance_find(b, "s.short")));
    assert_int_equal(balance_find(b, "s.long")->rows, 1);
    assert_true(add(b, "s.other", "1", NULL, "{\"a\": 6}"));
    assert_false(same(balance_find(b, "s.other"), balance_find(b, "s.short")));
    assert_true(add(b, "s.moved", "15", NULL, "{\"a\": 5}"));
    assert_false(same(balance_find(b, "s.moved"), balance_find(b, "s.short")));
    assert_true(add(b, "s.short", "1", "{\"a\": 5}", NULL));
    row_sum none = {0, 0};
    assert_memory_equal(&balance_find(b, "s.short")->sum, &none, sizeof none);
    assert_null(balance_find(b, "s.none"));
    assert_int_equal(balance_tables(b), 4);
    balance_free(b);
}

static void what_came_and_went_leaves_nothing(void **state)
{
    (void)state;
    balance *b = balance_new(&f);
    row_digester *d;
    uint8_t sum[ROW_SUM_BYTES], zero[ROW_SUM_BYTES] = {0};
    assert_non_null(b);
    assert_true(add(b, "s.t", "a\tb\\c", NULL, "{\"raw\": \"\\\\x00\"}"));
    assert_true(add(b, "s.t", "a\tb\\c", "{\"raw\": \"\\\\x00\"}", NULL));
    row_sum_bytes(&balance_find(b, "s.t")->sum, sum);
    assert_memory_equal(sum, zero, sizeof sum);
    balance_free(b);
    /* A sum that is taken below nothing comes round. */
    d = row_digester_new();
    row_sum s = {0, 0};
    row_sum_take(d, span_of("n"), span_of("i"), &s);
    assert_false(s.high == 0 && s.low == 0);
    row_sum_add(d, span_of("n"), span_of("i"), &s);
    assert_true(s.high == 0 && s.low == 0);
    row_digester_free(d);
}

static void one_table_too_many_is_refused(void **state)
{
    (void)state;
    balance *b = balance_new(&f);
    assert_non_null(b);
    for (int i = 0; i < BALANCE_TABLES_MAX; i++) {
        char name[20];
        (void)snprintf(name, sizeof name, "s.t%d", i);
        assert_true(add(b, name, "1", NULL, "{}"));
    }
    assert_false(add(b, "s.one_too_many", "1", NULL, "{}"));
    balance_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_history_leaves_what_its_last_rows_are),
        cmocka_unit_test(what_came_and_went_leaves_nothing),
        cmocka_unit_test(one_table_too_many_is_refused),
    };
    return cmocka_run_group_tests_name("balance", tests, NULL, NULL);
}
