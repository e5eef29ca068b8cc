/*
 * test_frame.c - where records begin and end, and when a page is lost. Each case is one line of a table: the
 * page, and what comes of it written as text: "offset+length" per element, '!' behind one that is too large,
 * then "end" or "lost@offset". Every case is fed whole, byte by byte and in random chunks, and must come out
 * the same.
 */
#include "decode/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { LOG_MAX = 4096, ROW_BYTES = 64 };

typedef struct {
    char text[LOG_MAX];
    size_t size;
    size_t stop_after; /* elements; 0: never */
    size_t elements;
    span page;
} frame_log;

static void note(frame_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(frame_log *log, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int count = vsnprintf(log->text + log->size, sizeof log->text - log->size, format, arguments);
    va_end(arguments);
    assert_true(count >= 0 && (size_t)count < sizeof log->text - log->size);
    log->size += (size_t)count;
}

static bool on_element(void *context, const frame_element *element)
{
    frame_log *log = context;

    note(log, "%zu+%zu%s ", element->offset, element->bytes.n, element->too_large ? "!" : "");
    assert_true(element->bytes.n > 0 && element->bytes.n <= ROW_BYTES);
    assert_memory_equal(element->bytes.p, log->page.p + element->offset, element->bytes.n);
    return ++log->elements != log->stop_after;
}

/* chunk 0: random lengths from 0 to 9. */
static void run(frame_log *log, span page, const decode_options *options, size_t chunk)
{
    framer f;
    frame_result result = FRAME_GOES_ON;

    log->size = log->elements = 0;
    log->page = page;
    assert_true(frame_init(&f, options, on_element, log));
    for (size_t at = 0; at < page.n && result == FRAME_GOES_ON;) {
        size_t want = chunk > 0 ? chunk : (size_t)(rand() % 10);
        size_t count = want < page.n - at ? want : page.n - at;
        char *copy = malloc(count > 0 ? count : 1); /* so that a sanitizer sees a read past the chunk */
        assert_non_null(copy);
        memcpy(copy, page.p + at, count);
        result = frame_feed(&f, (span){copy, count});
        free(copy);
        at += count;
    }
    if (result == FRAME_GOES_ON) {
        result = frame_end(&f);
    }
    if (result == FRAME_LOST) {
        assert_non_null(f.problem);
        note(log, "lost@%zu", f.lost_at);
    } else {
        note(log, "%s", result == FRAME_STOPPED ? "stopped" : "end");
    }
    frame_free(&f);
}

typedef struct {
    const char *rows, *page, *expected;
} frame_case;

static const frame_case cases[] = {
    /* every shape of envelope */
    {"", "[]", "end"},
    {"", " [ ] \r\n\t", "end"},
    {"", "[{}]", "1+2 end"},
    {"", "[{\"a\":1},{\"b\":[1,{\"c\":\"}\"}]} , {}]", "1+7 9+19 31+2 end"},
    {"data", "{\"data\":[{}]}", "9+2 end"},
    {"data", "{\"page\":1,\"data\":[{},{}],\"total\":2}", "18+2 21+2 end"},
    {"data.items", "{\"data\":{\"n\":1,\"items\":[{}]},\"meta\":{\"items\":[3]}}", "24+2 end"},
    {"a.1.r", "{\"a\":[{\"r\":[8]},{\"r\":[{}]}]}", "22+2 end"},
    {"d", "{\"x\":[[],{\"d\":[1,2]},\"]}\"],\"d\":[{}]}", "32+2 end"},
    {"d", "{\"x\":\"\\\"d\\\":[{}]\",\"\\u0064\":[{}]}", "28+2 end"},
    {"d", "\xEF\xBB\xBF{\"d\":[{}]}", "9+2 end"},
    {"", "[1,\"a\\\"]\",null,[[]],-2.5e+3,{}]", "1+1 3+6 10+4 15+4 20+7 28+2 end"},
    /* damaged inside, but with an end of its own */
    {"", "[{\"a\":},{a:1},{\"a\" 1},{\"a\":\"\n\"},{}]", "1+6 8+5 14+7 22+9 32+2 end"},
    {"", "[{\"a\":\"say \"hi\" now\"},{}]", "1+20 22+2 end"},
    {"", "[{\"a\":nul,\"b\":01,},{}]", "1+17 19+2 end"},
    {"", "[{\"a\":1 \"b\":2},{}]", "1+13 15+2 end"},
    /* the framing is lost */
    {"", "", "lost@0"},
    {"", "  ", "lost@2"},
    {"", "<html>", "lost@0"},
    {"", "{}", "lost@0"},
    {"", "null", "lost@0"},
    {"d", "[]", "lost@2"},
    {"d", "12", "lost@2"},
    {"d", "{}", "lost@2"},
    {"d", "{\"e\":[]}", "lost@8"},
    {"d", "{\"d\":{}}", "lost@5"},
    {"d", "{\"d\":null}", "lost@5"},
    {"d", "{\"d\":[],\"d\":[]}", "lost@12"},
    {"d", "{\"e\":{\"d\":[]}}", "lost@14"},
    {"d.e", "{\"d.e\":[]}x", "lost@10"},
    {"", "[", "lost@1"},
    {"", "[{}", "1+2 lost@3"},
    {"", "[{},", "1+2 lost@4"},
    {"", "[{},]", "1+2 lost@4"},
    {"", "[,{}]", "lost@1"},
    {"", "[{},,{}]", "1+2 lost@4"},
    {"", "[{}{}]", "1+2 lost@3"},
    {"", "[{} x{}]", "1+2 lost@4"},
    {"", "[{}}]", "1+2 lost@3"},
    {"", "[{}]]", "1+2 lost@4"},
    {"", "[{}]{}", "1+2 lost@4"},
    {"", "[{}],", "1+2 lost@4"},
    {"", "[{]}]", "lost@2"},
    {"", "[{\"a\":[}]", "lost@7"},
    {"", "[{\"a\":1", "lost@7"},
    {"", "[\"a", "lost@3"},
    {"", "[12", "lost@3"},
    {"", "[1 2]", "1+1 lost@3"},
    {"", "[@]", "lost@1"},
    {"", "\xEF\xBB[]", "lost@2"},
    {"", "[\xEF\xBB\xBF{}]", "lost@1"},
    {"", "\xEF\xBB\xBF\xEF\xBB\xBF[]", "lost@3"},
    {"d", "{\"d\":[{}]", "6+2 lost@9"},
    {"d", "{\"d\":[{}],}", "6+2 lost@10"},
    {"d", "{\"d\":[{}] \"e\":1}", "6+2 lost@10"},
    {"d", "{\"d\" [{}]}", "lost@5"},
    {"d", "{d:[{}]}", "lost@1"},
    {"d", "{\"e\":tru,\"d\":[{}]}", "lost@8"},
    {"d", "{\"e\":01,\"d\":[{}]}", "lost@7"},
    {"d", "{\"e\":,\"d\":[{}]}", "lost@5"},
    {"d", "{\"e\":[1,],\"d\":[{}]}", "lost@8"},
    {"d", "{\"e\":[1},\"d\":[{}]}", "lost@7"},
    /* a record that would take its neighbour with it */
    {"", "[{\"a\":\"x},{\"b\":\"y\"},{\"c\":z\"}]", "lost@1"},
    {"", "[{\"a\":\"x\\\"},{\"b\":1},{\"c\":\"y\\\"}]", "lost@31"},
    {"", "[{\"a\":\"x\\\"},{\"b\":1},{\"c\":\\\"y\"}]", "lost@1"},
    {"", "[{\"a\":{\"b\":1},{\"c\":2},{\"d\":3}}]", "lost@1"},
    {"", "[{\"a\":1,{\"b\":2},{\"c\":3}}]", "lost@1"},
};

static void test_table(void **state)
{
    static frame_log log;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        decode_options options = {.rows_path = cases[i].rows, .row_bytes = ROW_BYTES};
        span page = span_of(cases[i].page);
        for (int round = 0; round < 12; round++) {
            run(&log, page, &options, round == 0 ? page.n + 1 : round == 1 ? 1 : 0);
            if (strcmp(log.text, cases[i].expected) != 0) {
                fail_msg("page %zu %s, round %d: got %s, expected %s", i, cases[i].page, round, log.text,
                         cases[i].expected);
            }
        }
    }
}

/* An element of exactly row_bytes is whole, one byte more is too large, and its follower is untouched. */
static void test_row_bytes(void **state)
{
    static frame_log log;
    static char page[3 * ROW_BYTES + 100000];
    decode_options options = {.rows_path = "", .row_bytes = ROW_BYTES};
    static const size_t sizes[] = {ROW_BYTES - 1, ROW_BYTES, ROW_BYTES + 1, 2 * ROW_BYTES, 99999};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i];
        char expected[128];
        snprintf(page, sizeof page, "[{\"a\":\"%0*d\"},{}]", (int)n - 8, 0);
        snprintf(expected, sizeof expected, "1+%zu%s %zu+2 end", n > ROW_BYTES ? (size_t)ROW_BYTES : n,
                 n > ROW_BYTES ? "!" : "", n + 2);
        for (size_t chunk = 0; chunk < 3; chunk++) {
            run(&log, span_of(page), &options, chunk == 2 ? sizeof page : chunk);
            assert_string_equal(log.text, expected);
        }
    }
}

/* In a record that is too large a quote out of place is enough: nobody can look for its neighbour. */
static void test_odd_quotes_in_a_large_record(void **state)
{
    static frame_log log;
    char page[256];
    decode_options options = {.rows_path = "", .row_bytes = ROW_BYTES};

    (void)state;
    snprintf(page, sizeof page, "[{\"a\":\"%080d\",\"b\":\"say \"hi\"\"},{}]", 0);
    run(&log, span_of(page), &options, 0);
    assert_string_equal(log.text, "lost@1");
}

static void test_deep_nesting(void **state)
{
    static frame_log log;
    static char page[4096];
    decode_options options = {.rows_path = "", .row_bytes = ROW_BYTES};

    (void)state;
    memset(page, '[', 1000);
    memset(page + 1000, ']', 1000);
    run(&log, (span){page, 2000}, &options, 0);
    assert_string_equal(log.text, "lost@80"); /* row_bytes and the envelope's levels */
    run(&log, (span){page + 1000 - 33, 66}, &options, 0);
    assert_string_equal(log.text, "1+64 end");
    options.rows_path = "d";
    run(&log, (span){page, 2000}, &options, 0);
    assert_string_equal(log.text, "lost@80");
}

/* A path is followed to the envelope's last level, and no farther. */
static void test_deep_paths(void **state)
{
    static frame_log log;
    decode_options options = {.rows_path = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0", .row_bytes = ROW_BYTES};

    (void)state;
    run(&log, span_of("[[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]]"), &options, 0);
    assert_string_equal(log.text, "17+2 end");
    options.rows_path = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";
    run(&log, span_of("[[[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]]]"), &options, 0);
    assert_string_equal(log.text, "lost@38");
    options.rows_path = "1";
    run(&log, span_of("[[[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]],[{}]]"), &options, 0);
    assert_string_equal(log.text, "39+2 end");
}

static void test_stop(void **state)
{
    static frame_log log = {.stop_after = 2};
    decode_options options = {.rows_path = "", .row_bytes = ROW_BYTES};

    (void)state;
    run(&log, span_of("[{},{},{}]"), &options, 0);
    assert_string_equal(log.text, "1+2 4+2 stopped");
}

int main(void)
{
    srand(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),        cmocka_unit_test(test_row_bytes),
        cmocka_unit_test(test_deep_nesting), cmocka_unit_test(test_odd_quotes_in_a_large_record),
        cmocka_unit_test(test_deep_paths),   cmocka_unit_test(test_stop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
