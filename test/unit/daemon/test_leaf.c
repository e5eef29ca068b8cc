/*
 * test_leaf.c - leaves written from COPY's binary form are to the byte what COPY writes as text (texts and times taken
 * from PostgreSQL 15), whatever was written before them; and what is no such COPY is refused.
 */
#include "trace/leaf.h"

#include "wire/copy_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { MESSAGE_MAX = 4096 };

/* With a NUL behind it that is no part of it. */
#define BYTES(literal)                                                                                       \
    (span)                                                                                                   \
    {                                                                                                        \
        literal, sizeof(literal) - 1                                                                         \
    }

static const span NONE = {NULL, 0};

static void add_count(buf *out, size_t count, int bytes)
{
    while (bytes-- > 0)
        assert_true(buf_add_char(out, (char)(count >> (8 * bytes))));
}

static void add_row(buf *out, const span cell[], size_t cells)
{
    add_count(out, cells, 2);
    for (size_t i = 0; i < cells; i++) {
        add_count(out, cell[i].p ? cell[i].n : UINT32_MAX, 4);
        assert_true(cell[i].n == 0 || buf_add(out, cell[i].p, cell[i].n));
    }
}

static void add_header(buf *out)
{
    assert_true(buf_add(out, "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19));
}

#define NUMBER(n) BYTES("\0\0\0\0\0\0\0" n)
#define AT        BYTES("\0\x03\x03\xdf\x40\xfe\x27\xc2") /* 848682333120450 */
#define SAID      BYTES("\xab\x00\x0f")
#define HEAD      "2026-11-22 17:05:33.12045+00\tme\tdss\t1\t\\\\xab000f\ta\\tb\\\\\ts.t\t"

static const struct {
    span value[TRAIL_FIELDS];
    const char *leaf;
} entries[] = {
    {{NUMBER("\x07"), NUMBER("\x01"), AT, BYTES("me"), BYTES("dss"), NUMBER("\x01"), SAID, BYTES("a\tb\\"),
      BYTES("s.t"), BYTES("INSERT"), BYTES("r 1"), SAID, SAID, NONE, BYTES("{}")},
     "7\t1\t" HEAD "INSERT\tr 1\t\\\\xab000f"},
    {{NUMBER("\x07"), NUMBER("\x02"), AT, BYTES("me"), BYTES("dss"), NUMBER("\x01"), SAID, BYTES("a\tb\\"),
      BYTES("s.t"), BYTES("INSERT"), BYTES("r\n2"), SAID, NONE, NONE, NONE},
     "7\t2\t" HEAD "INSERT\tr\\n2\t\\\\xab000f"},
    {{NUMBER("\x07"), NUMBER("\x03"), AT, BYTES("me"), BYTES("dss"), NUMBER("\x01"), SAID, BYTES("a\tb\\"),
      BYTES("s.t"), BYTES("DELETE"), NONE, NONE, NONE, BYTES("{\"a\": \"\\\\\"}"), NONE},
     "7\t3\t" HEAD "DELETE\t\\N\t{\"a\": \"\\\\\\\\\"}\t\\N"},
    {{BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), AT, BYTES("me"),
      NONE, NONE, NONE, NONE, BYTES("s.t"), BYTES("INSERT"), BYTES(""), BYTES(""), NONE, NONE, NONE},
     "18446744073709551615\t-1\t2026-11-22 17:05:33.12045+00\tme\t\\N\t\\N\t\\N\t\\N\ts.t\tINSERT\t\t\\\\x"},
};

enum { ENTRIES = sizeof entries / sizeof *entries };

static void leaves_are_what_copy_writes_as_text(void **state)
{
    (void)state;
    copy_rows rows = {.cells = TRAIL_FIELDS};
    leaf_writer writer;
    span value[TRAIL_FIELDS], leaf;
    buf message;
    buf_init(&message, MESSAGE_MAX);
    leaf_writer_init(&writer);
    for (size_t i = 0; i < ENTRIES; i++) {
        buf_clear(&message);
        if (i == 0)
            add_header(&message);
        add_row(&message, entries[i].value, TRAIL_FIELDS);
        assert_true(copy_rows_message(&rows, buf_span(&message)));
        assert_int_equal(copy_rows_next(&rows, value), COPY_ROW);
        assert_true(leaf_write(&writer, value, &leaf));
        assert_true(span_equals(leaf, entries[i].leaf));
        assert_int_equal(copy_rows_next(&rows, value), COPY_NO_MORE);
    }
    assert_true(copy_rows_message(&rows, BYTES("\xff\xff")));
    assert_int_equal(copy_rows_next(&rows, value), COPY_NO_MORE);
    assert_true(copy_rows_message(&rows, BYTES("\0\x0f")));
    assert_int_equal(copy_rows_next(&rows, value), COPY_BROKEN); /* behind the end */
    leaf_writer_free(&writer);
    buf_free(&message);
}

/* Of a row cut at any place, with one cell more or less than it should have, or without a header. */
static void what_is_no_copy_is_refused(void **state)
{
    (void)state;
    span value[TRAIL_FIELDS], cell[TRAIL_FIELDS + 1] = {{NULL, 0}};
    buf message;
    buf_init(&message, MESSAGE_MAX);
    add_header(&message);
    add_row(&message, entries[0].value, TRAIL_FIELDS);
    for (size_t n = 0; n < message.size; n++) {
        copy_rows rows = {.cells = TRAIL_FIELDS};
        bool good = copy_rows_message(&rows, (span){message.data, n});
        assert_int_equal(good, n >= 19);
        assert_true(!good || copy_rows_next(&rows, value) == (n == 19 ? COPY_NO_MORE : COPY_BROKEN));
    }
    for (size_t cells = TRAIL_FIELDS - 1; cells <= TRAIL_FIELDS + 1; cells += 2) {
        copy_rows rows = {.cells = TRAIL_FIELDS};
        buf_clear(&message);
        add_header(&message);
        add_row(&message, cell, cells);
        assert_true(copy_rows_message(&rows, buf_span(&message)));
        assert_int_equal(copy_rows_next(&rows, value), COPY_BROKEN);
    }
    copy_rows rows = {.cells = TRAIL_FIELDS};
    message.data[18] = 1; /* an extension of the header */
    assert_false(copy_rows_message(&rows, buf_span(&message)));
    buf_free(&message);
}

static void a_number_is_of_eight_bytes(void **state)
{
    (void)state;
    const int number[] = {TRAIL_XACT, TRAIL_ID, TRAIL_AT, TRAIL_RUN};
    leaf_writer writer;
    span leaf;
    leaf_writer_init(&writer);
    for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
        span value[TRAIL_FIELDS] = {{NULL, 0}};
        value[number[i]] = BYTES("\0\0\0\x07");
        assert_false(leaf_write(&writer, value, &leaf));
    }
    leaf_writer_free(&writer);
}

static void times_are_written_as_the_server_does(void **state)
{
    (void)state;
    static const struct {
        int64_t since_2000;
        const char *text;
    } known[] = {
        {INT64_C(0), "2000-01-01 00:00:00+00"},
        {INT64_C(5183999999999), "2000-02-29 23:59:59.999999+00"},
        {INT64_C(-500000), "1999-12-31 23:59:59.5+00"},
        {INT64_C(848682333120450), "2026-11-22 17:05:33.12045+00"},
        {INT64_C(-3150576000000000), "1900-03-01 00:00:00+00"},
        {INT64_C(3160814400000001), "2100-02-28 12:00:00.000001+00"},
        {INT64_C(-63082281600000000), "0001-01-01 00:00:00+00"},
        {INT64_C(-63082368000000000), "0001-12-31 00:00:00+00 BC"},
        {INT64_C(-211813488000000000), "4714-11-24 00:00:00+00 BC"},
        {INT64_C(9223371331199999999), "294276-12-31 23:59:59.999999+00"},
        {INT64_C(788940428000000), "2024-12-31 06:07:08+00"},
        {INT64_MAX, "infinity"},
        {INT64_MIN, "-infinity"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[LEAF_TIME_TEXT];
        assert_int_equal(leaf_time(known[i].since_2000, text), strlen(known[i].text));
        assert_string_equal(text, known[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_are_what_copy_writes_as_text),
        cmocka_unit_test(what_is_no_copy_is_refused),
        cmocka_unit_test(a_number_is_of_eight_bytes),
        cmocka_unit_test(times_are_written_as_the_server_does),
    };
    return cmocka_run_group_tests_name("leaf", tests, NULL, NULL);
}
