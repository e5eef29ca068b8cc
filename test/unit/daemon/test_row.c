/* test_row.c - wiping a row, and finding a raw field by its path. */
#include "row/row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "row/raw.h"

static void test_wipe_leaves_nothing(void **state)
{
    registry_row row;
    const unsigned char *byte = (const unsigned char *)&row;

    (void)state;
    memset(&row, 0xA5, sizeof row);
    row_wipe(&row);
    for (size_t i = 0; i < sizeof row; i++) {
        assert_int_equal(byte[i], 0);
    }
}

static void test_find(void **state)
{
    static raw_record record;

    (void)state;
    record.field[0] = (raw_field){.path = span_of("a.b"), .type = RAW_STRING, .text = span_of("one")};
    record.field[1] = (raw_field){.path = span_of("a"), .type = RAW_NUMBER, .text = span_of("2")};
    record.field[2] = (raw_field){.path = span_of("a"), .type = RAW_NULL, .text = span_of("")};
    record.count = 3;
    assert_ptr_equal(raw_find(&record, span_of("a.b")), &record.field[0]);
    assert_ptr_equal(raw_find(&record, span_of("a")), &record.field[1]);
    assert_null(raw_find(&record, span_of("a.")));
    assert_null(raw_find(&record, span_of("A")));
    assert_null(raw_find(&record, span_of("")));
    record.count = 1;
    assert_null(raw_find(&record, span_of("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_wipe_leaves_nothing),
                                       cmocka_unit_test(test_find)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
