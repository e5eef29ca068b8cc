/*
 * test_balance.c - the balance of a trace: entries in any order leave what the last rows are, each field's escapes are
 * undone, and lines that are no entries are refused. That the server gives the same sum for the same rows and secret is
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
    char line[400];
    (void)snprintf(line, sizeof line, "7\t1\tt\tme\t\\N\t\\N\t\\N\t\\N\t%s\tOP\t%s\t\\N\t\\N\t%s\t%s", table,
                   row, old, after);
    return balance_add(b, span_of(line), &f);
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
    assert_true(add(b, "s.long", "1", "\\N", "{\"a\": 1}"));
    assert_true(add(b, "s.long", "2", "\\N", "{\"a\": 2}"));
    assert_true(add(b, "s.long", "1", "{\"a\": 1}", "{\"a\": 5}"));
    assert_true(add(b, "s.long", "2", "{\"a\": 2}", "\\N"));
    assert_true(add(b, "s.short", "1", "\\N", "{\"a\": 5}"));
    assert_true(same(balance_find(b, "s.long"), balance_find(b, "s.short")));
    assert_int_equal(balance_find(b, "s.long")->rows, 1);
    assert_true(add(b, "s.other", "1", "\\N", "{\"a\": 6}"));
    assert_false(same(balance_find(b, "s.other"), balance_find(b, "s.short")));
    assert_true(add(b, "s.moved", "15", "\\N", "{\"a\": 5}"));
    assert_false(same(balance_find(b, "s.moved"), balance_find(b, "s.short")));
    assert_true(add(b, "s.short", "1", "{\"a\": 5}", "\\N"));
    row_sum none = {0, 0};
    assert_memory_equal(&balance_find(b, "s.short")->sum, &none, sizeof none);
    assert_null(balance_find(b, "s.none"));
    assert_int_equal(balance_tables(b), 4);
    balance_free(b);
}

static void the_bytes_are_those_that_the_server_keeps(void **state)
{
    (void)state;
    balance *b = balance_new(&f);
    row_digester *d;
    uint8_t sum[ROW_SUM_BYTES], zero[ROW_SUM_BYTES] = {0};
    assert_non_null(b);
    assert_true(add(b, "s.t", "a\\tb\\\\c", "\\N", "{\"raw\": \"\\\\\\\\x00\"}"));
    assert_true(add(b, "s.t", "a\\tb\\\\c", "{\"raw\": \"\\\\\\\\x00\"}", "\\N"));
    row_sum_bytes(&balance_find(b, "s.t")->sum, sum);
    assert_memory_equal(sum, zero, sizeof sum);
    balance_free(b);
    /* A sum that is taken below nothing comes round. */
    d = row_digester_new();
    row_sum s = {0, 0};
    assert_true(row_sum_take(d, span_of("n"), span_of("i"), &s));
    assert_false(s.high == 0 && s.low == 0);
    assert_true(row_sum_add(d, span_of("n"), span_of("i"), &s));
    assert_true(s.high == 0 && s.low == 0);
    row_digester_free(d);
}

static void what_is_no_entry_is_refused(void **state)
{
    (void)state;
    balance *b = balance_new(&f);
    static const char *const line[] = {"", "7\t1", "1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\t13\t14",
                                       "1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\t13\t14\t15\t16",
                                       "1\t2\t3\t4\t5\t6\t7\t8\tt\t10\t11\t12\t13\t\\N\tcut\\"};
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        assert_false(balance_add(b, span_of(line[i]), &f));
    for (int i = 1; i < BALANCE_TABLES_MAX; i++) { /* the last line above spoke of one */
        char name[20];
        (void)snprintf(name, sizeof name, "s.t%d", i);
        assert_true(add(b, name, "1", "\\N", "{}"));
    }
    assert_false(add(b, "s.one_too_many", "1", "\\N", "{}"));
    balance_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_history_leaves_what_its_last_rows_are),
        cmocka_unit_test(the_bytes_are_those_that_the_server_keeps),
        cmocka_unit_test(what_is_no_entry_is_refused),
    };
    return cmocka_run_group_tests_name("balance", tests, NULL, NULL);
}
