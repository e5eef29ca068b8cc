/*
 * test_decode.c - pages into records. What comes of a page is written as text: "path=type:text" per field
 * with types s n b z (null), '|' behind each record, "!reason,reason|" for a damaged one, then the envelope
 * and "end" or the byte at which the page is broken. Every page is fed whole, byte by byte and in random
 * chunks.
 */
#include "decode/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { LOG_MAX = 1 << 16, ROW_BYTES = 4096 };

typedef struct {
    char text[LOG_MAX];
    size_t size;
    size_t records, damaged, stop_after;
    const char *watched; /* counts the records that hold exactly this text as their bytes */
    size_t seen;
} page_log;

static void note(page_log *log, const char *p, size_t n)
{
    assert_true(log->size + n < sizeof log->text);
    memcpy(log->text + log->size, p, n);
    log->size += n;
    log->text[log->size] = '\0';
}

static void note_text(page_log *log, const char *text)
{
    note(log, text, strlen(text));
}

static void note_field(page_log *log, const raw_field *field)
{
    static const char types[] = {[RAW_NULL] = 'z', [RAW_BOOL] = 'b', [RAW_NUMBER] = 'n', [RAW_STRING] = 's'};

    note(log, field->path.p, field->path.n);
    note_text(log, "=");
    note(log, &types[field->type], 1);
    note_text(log, ":");
    note(log, field->text.p, field->text.n);
}

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    page_log *log = context;

    for (size_t i = 0; i < damaged->count; i++) {
        note_text(log, i == 0 ? "!" : ",");
        note_text(log, reason_name(damaged->item[i].code));
        assert_int_equal(damaged->item[i].field, TARGET_COUNT);
    }
    for (size_t i = 0; i < record->count; i++) {
        note_text(log, i == 0 ? "" : " ");
        note_field(log, &record->field[i]);
    }
    note_text(log, "|");
    log->damaged += damaged->count > 0;
    assert_true(damaged->count == 0 || record->count == 0);
    if (log->watched != NULL && span_equals(record->bytes, log->watched)) {
        log->seen += damaged->count == 0;
    }
    return ++log->records != log->stop_after;
}

static decode_options options_for(const char *rows, page_log *log)
{
    return (decode_options){
        .rows_path = rows, .row_bytes = ROW_BYTES, .on_record = on_record, .context = log};
}

static void note_envelope(page_log *log, const decoder *d)
{
    for (int i = 0; i < ENVELOPE_MAX; i++) {
        span text;
        if (decoder_envelope(d, i, &text)) {
            char head[16];
            snprintf(head, sizeof head, "%d=", i);
            note_text(log, head);
            note(log, text.p, text.n);
            note_text(log, ";");
        }
    }
}

/* chunk 0: random lengths. Returns whether the page was accepted. */
static bool run(page_log *log, span page, const decode_options *options, size_t chunk)
{
    decoder *d = decoder_new(options);
    failure f = {.text = ""};
    bool good = true;

    assert_non_null(d);
    log->size = log->records = log->damaged = log->seen = 0;
    log->text[0] = '\0';
    for (size_t at = 0; at < page.n && good;) {
        size_t want = chunk > 0 ? chunk : (size_t)(rand() % 40);
        size_t count = want < page.n - at ? want : page.n - at;
        char *copy = malloc(count > 0 ? count : 1);
        assert_non_null(copy);
        memcpy(copy, page.p + at, count);
        good = decoder_feed(d, (span){copy, count}, &f);
        free(copy);
        at += count;
    }
    good = good && decoder_finish(d, &f);
    assert_int_equal(decoder_records(d), log->records);
    note_envelope(log, d);
    unsigned at = 0;
    if (!good && sscanf(f.text, "page broken at byte %u:", &at) == 1) {
        char tail[32];
        snprintf(tail, sizeof tail, "broken@%u", at);
        note_text(log, tail);
        assert_int_equal(f.code, EXIT_PARTIAL);
    } else {
        note_text(log, good ? "end" : "stopped");
    }
    assert_false(decoder_finish(d, &f) && !good);
    decoder_free(d);
    return good;
}

typedef struct {
    const char *rows, *page, *expected;
} page_case;

static const page_case cases[] = {
    /* the paging shapes: bare array, numbered page, offset, cursor, nested */
    {"", "[{\"id\":1},{\"id\":2}]", "id=n:1|id=n:2|end"},
    {"data", "{\"page\":3,\"total\":7,\"data\":[{\"id\":\"x\"}]}", "id=s:x|0=7;end"},
    {"results", "{\"count\":2,\"next\":null,\"results\":[{\"a\":null}]}", "a=z:|end"},
    {"r", "{\"r\":[{\"a\":true},{\"a\":false}],\"next\":\"ab\\u0063\\/\\\"\",\"total\":1e2}",
     "a=b:true|a=b:false|0=1e2;1=abc/\";end"},
    {"body.list", "{\"meta\":{\"next\":\"no\",\"cur\":{\"to\":\"\\ud83d\\ude00\"}},\"body\":{\"list\":[]}}",
     "2=\xF0\x9F\x98\x80;end"},
    {"r", "{\"next\":\"\",\"r\":[],\"list\":[1,{\"x\":4},\"z\"]}", "1=;3=z;end"},
    /* what a record may hold */
    {"", "[{}]", "|end"},
    {"", "[{\"a\":{\"b\":{\"c\":1}},\"d\":[1,[2,\"x\"],{\"e\":3}],\"f\":{},\"g\":[]}]",
     "a.b.c=n:1 d.0=n:1 d.1.0=n:2 d.1.1=s:x d.2.e=n:3|end"},
    {"", "[{\"n\":-0.10,\"m\":12345678901234567890123,\"e\":1E+5}]",
     "n=n:-0.10 m=n:12345678901234567890123 e=n:1E+5|end"},
    {"", "[{\"a\\u0062\":\"x\\ty\",\"\xE0\xA6\x95\":\"\xE0\xA6\x96\"}]",
     "ab=s:x\ty \xE0\xA6\x95=s:\xE0\xA6\x96|end"},
    {"", "[{\"a\":\"\"},{\"\":1},{\"a\":\"},{\\\"\"}]", "a=s:|=n:1|a=s:},{\"|end"},
    {"", "[{\"a\":[]},{\"a\":{}},{ \"a\" :\n1 }]", "||a=n:1|end"},
    /* damaged records, each between two good ones */
    {"", "[{\"a\":1},{\"a\":},{\"a\":2}]", "a=n:1|!malformed|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":01},{\"a\":2}]", "a=n:1|!malformed|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":1,},{\"a\":2}]", "a=n:1|!malformed|a=n:2|end"},
    {"", "[{\"a\":1},{'a':1},{\"a\":2}]", "a=n:1|!malformed|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":NaN},{\"a\":2}]", "a=n:1|!malformed|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":\"x\ny\"},{\"a\":2}]", "a=n:1|!malformed|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":\"say \"hi\" x\"},{\"a\":2}]", "a=n:1|!malformed|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":\"\\x\"},{\"a\":2}]", "a=n:1|!malformed|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":1 /* */},{\"a\":2}]", "a=n:1|!malformed|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":\"\xE0\xA6\"},{\"a\":2}]", "a=n:1|!wrong_encoding|a=n:2|end"},
    {"", "[{\"a\":1},{\"\xFF\":\"\"},{\"a\":2}]", "a=n:1|!wrong_encoding|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":\"\\ud800\"},{\"a\":2}]", "a=n:1|!wrong_encoding|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":\"\\ud800\\u0041\"},{\"a\":2}]", "a=n:1|!wrong_encoding|a=n:2|end"},
    {"", "[{\"a\":1},{\"a\":\"\\udc00\\ud800\"},{\"a\":2}]", "a=n:1|!wrong_encoding|a=n:2|end"},
    {"", "[{\"a\":\"\\\\ud800\"}]", "a=s:\\ud800|end"},
    {"", "[{\"a\":1},{\"a\":1,\"a\":1},{\"a\":2}]", "a=n:1|!duplicate_field|a=n:2|end"},
    {"", "[{\"a\":{\"b\":1,\"\\u0062\":2}}]", "!duplicate_field|end"},
    {"", "[{\"a\":{},\"a\":{}}]", "!duplicate_field|end"},
    {"", "[{\"a\":{\"b\":1},\"a.b\":2}]", "!duplicate_field|end"},
    {"", "[{\"a\":1,\"a\":2,}]", "!malformed,duplicate_field|end"},
    {"", "[{\"a\":{\"b\":1},\"c\":{\"b\":1}}]", "a.b=n:1 c.b=n:1|end"},
    {"", "[1,\"x\",null,[{\"a\":1}],{\"a\":2},true]",
     "!not_an_object|!not_an_object|!not_an_object|!not_an_object|a=n:2|!not_an_object|end"},
    /* broken pages keep what stood before */
    {"", "[{\"a\":1},{\"a\":2", "a=n:1|broken@15"},
    {"d", "{\"d\":[{\"a\":1}]", "a=n:1|broken@14"},
    {"d", "{\"d\":[{\"a\":1}]}}", "a=n:1|broken@15"},
    {"d", "{\"error\":\"no\"}", "broken@14"},
    {"d", "<!DOCTYPE html>", "broken@0"},
    {"d", "{\"next\":{\"a\":1},\"d\":[]}", "broken@8"},
    {"d", "{\"next\":1,\"next\":2,\"d\":[]}", "1=1;broken@18"},
    {"d", "{\"next\":\"\xFF\",\"d\":[]}", "broken@10"},
    {"d", "{\"next\":\"\\ud800\",\"d\":[]}", "broken@15"},
};

static void test_table(void **state)
{
    static page_log log;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        decode_options options = options_for(cases[i].rows, &log);
        options.envelope[0] = "total";
        options.envelope[1] = "next";
        options.envelope[2] = "meta.cur.to";
        options.envelope[3] = "list.2";
        for (int round = 0; round < 12; round++) {
            run(&log, span_of(cases[i].page), &options, round == 0 ? LOG_MAX : round == 1 ? 1 : 0);
            if (strcmp(log.text, cases[i].expected) != 0) {
                fail_msg("page %zu %s, round %d: got %s, expected %s", i, cases[i].page, round, log.text,
                         cases[i].expected);
            }
        }
    }
}

/* No prefix of a whole page is a page, except the one that lacks only white space. */
static void test_no_prefix_is_accepted(void **state)
{
    static page_log log;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        decode_options options = options_for(cases[i].rows, &log);
        span page = span_of(cases[i].page);
        if (!run(&log, page, &options, LOG_MAX)) {
            continue;
        }
        for (size_t n = 0; n < page.n; n++) {
            assert_false(run(&log, (span){page.p, n}, &options, LOG_MAX));
        }
    }
}

/* One good record too large or too rich by one, between two good ones. */
static void run_between(page_log *log, const char *middle, size_t row_bytes, const char *expected)
{
    static char page[1 << 16];
    decode_options options = options_for("", log);

    options.row_bytes = row_bytes;
    int count = snprintf(page, sizeof page, "[{\"a\":1},%s,{\"a\":2}]", middle);
    assert_true(count > 0 && (size_t)count < sizeof page);
    for (size_t chunk = 0; chunk < 2; chunk++) {
        run(log, span_of(page), &options, chunk);
        if (!strstr(log->text, expected) || log->records != 3 || !strstr(log->text, "a=n:2|end")) {
            fail_msg("got %.200s, expected %s", log->text, expected);
        }
    }
}

static void test_too_large(void **state)
{
    static page_log log;

    (void)state;
    run_between(&log, "{\"b\":123456}", 12, "b=n:123456|");
    run_between(&log, "{\"b\":1234567}", 12, "!record_too_large|");
    run_between(&log, "{\"b\":\"}{][\\\"\\\\\"}", 12, "!record_too_large|");
    run_between(&log, "[1,2,3,4,5,6,7,8]", 12, "!not_an_object,record_too_large|");
    run_between(&log, "\"0123456789012345\"", 12, "!not_an_object,record_too_large|");
}

/* Writes count members "k0":0,... (or elements) between head and tail. */
static const char *many(const char *head, size_t count, bool keyed, const char *tail)
{
    static char text[1 << 16];
    size_t n = (size_t)snprintf(text, sizeof text, "%s", head);

    for (size_t i = 0; i < count; i++) {
        n += (size_t)(keyed ? snprintf(text + n, sizeof text - n, "%s\"k%zu\":0", i > 0 ? "," : "", i)
                            : snprintf(text + n, sizeof text - n, "%s0", i > 0 ? "," : ""));
        assert_true(n < sizeof text);
    }
    snprintf(text + n, sizeof text - n, "%s", tail);
    return text;
}

static void test_too_many_fields(void **state)
{
    static page_log log;

    (void)state;
    run_between(&log, many("{", RAW_FIELDS_MAX, true, "}"), 32768, "k255=n:0|");
    run_between(&log, many("{", RAW_FIELDS_MAX + 1, true, "}"), 32768, "!too_many_fields|");
    run_between(&log, many("{\"x\":[", RAW_FIELDS_MAX, false, "]}"), 32768, "x.255=n:0|");
    run_between(&log, many("{\"x\":[", RAW_FIELDS_MAX + 1, false, "]}"), 32768, "!too_many_fields|");
}

static void test_too_deep(void **state)
{
    static page_log log;
    char record[4 * RAW_DEPTH_MAX + 16];

    (void)state;
    for (size_t depth = RAW_DEPTH_MAX; depth <= RAW_DEPTH_MAX + 1; depth++) {
        memcpy(record, "{\"x\":", 5);
        memset(record + 5, '[', depth - 1);
        record[5 + depth - 1] = '7';
        memset(record + 5 + depth, ']', depth - 1);
        memcpy(record + 5 + 2 * depth - 1, "}", 2);
        run_between(&log, record, ROW_BYTES, depth <= RAW_DEPTH_MAX ? ".0=n:7|" : "!too_many_fields|");
    }
}

static void test_path_length(void **state)
{
    static page_log log;
    char record[2 * RAW_PATH_MAX + 16];

    (void)state;
    snprintf(record, sizeof record, "{\"x\":{\"%0*d\":5}}", RAW_PATH_MAX - 2, 0);
    run_between(&log, record, ROW_BYTES, "0=n:5|");
    snprintf(record, sizeof record, "{\"x\":{\"%0*d\":5}}", RAW_PATH_MAX - 1, 0);
    run_between(&log, record, ROW_BYTES, "!too_many_fields|");
}

static void test_envelope_length(void **state)
{
    static page_log log;
    static char page[4 * ENVELOPE_TEXT_MAX];
    decode_options options = options_for("d", &log);

    (void)state;
    options.envelope[0] = "n";
    for (int n = ENVELOPE_TEXT_MAX - 1; n <= ENVELOPE_TEXT_MAX + 1; n++) {
        snprintf(page, sizeof page, "{\"n\":\"%0*d\",\"d\":[]}", n, 0);
        assert_int_equal(run(&log, span_of(page), &options, 0), n <= ENVELOPE_TEXT_MAX);
        snprintf(page, sizeof page, "{\"m\":\"%0*d\",\"d\":[]}", n, 0); /* nobody asked for it */
        assert_true(run(&log, span_of(page), &options, 0));
    }
}

static void test_stop(void **state)
{
    static page_log log = {.stop_after = 2};
    decode_options options = options_for("", &log);
    failure f = {.code = EXIT_DATABASE, .text = "the caller's own"};

    (void)state;
    decoder *d = decoder_new(&options);
    assert_non_null(d);
    assert_false(decoder_feed(d, span_of("[{},{},{}]"), &f));
    assert_false(decoder_feed(d, span_of(" "), &f));
    assert_false(decoder_finish(d, &f));
    assert_int_equal(decoder_records(d), 2);
    assert_string_equal(f.text, "the caller's own");
    decoder_free(d);
    decoder_free(NULL);
}

static void test_options(void **state)
{
    decode_options options = {.rows_path = "", .row_bytes = 0, .on_record = on_record};

    (void)state;
    assert_null(decoder_new(&options));
    options.row_bytes = ROW_BYTES_MAX + 1;
    assert_null(decoder_new(&options));
    options.row_bytes = ROW_BYTES_MAX;
    decoder *d = decoder_new(&options);
    assert_non_null(d);
    span text;
    assert_false(decoder_envelope(d, -1, &text));
    assert_false(decoder_envelope(d, ENVELOPE_MAX, &text));
    decoder_free(d);
}

static void test_failure_never_quotes(void **state)
{
    static page_log log;
    decode_options options = options_for("d", &log);
    failure f = {.text = ""};

    (void)state;
    decoder *d = decoder_new(&options);
    assert_non_null(d);
    assert_false(decoder_feed(d, span_of("{\"d\":[{\"nid\":\"1234567890\"} \"Rahima\"]}"), &f));
    assert_null(strstr(f.text, "1234567890"));
    assert_null(strstr(f.text, "Rahima"));
    assert_non_null(strstr(f.text, "byte 27"));
    decoder_free(d);
}

/* One byte of a record is dropped, doubled or replaced. */
static void mutate(char *record)
{
    static const char bytes[] = "\"\\{}[],: 0a\n\xFF";
    size_t n = strlen(record), at = (size_t)rand() % n;

    switch (rand() % 3) {
    case 0:
        memmove(record + at, record + at + 1, n - at);
        break;
    case 1:
        memmove(record + at + 1, record + at, n - at + 1);
        record[at] = bytes[(size_t)rand() % (sizeof bytes - 1)];
        break;
    default:
        record[at] = bytes[(size_t)rand() % (sizeof bytes - 1)];
    }
}

/*
 * Whatever happens to two records of a page, their neighbours are all read, or the page is broken as a whole.
 */
static void test_damage_stays_at_home(void **state)
{
    static page_log log = {.watched = "{\"id\":7,\"b\":[{\"n\":\"x\"},{\"n\":\"},{\"}]}"};
    decode_options options = options_for("", &log);
    size_t accepted = 0;

    (void)state;
    for (int i = 0; i < 60000; i++) {
        char bad[2][64] = {"{\"id\":1,\"n\":\"Abdul\",\"o\":{\"p\":\"q\"}}",
                           "{\"n\":\"\\u0995 C:\\\\\",\"r\":[1,{\"s\":\"t\"}]}"};
        char page[512];
        mutate(bad[0]);
        mutate(bad[i & 1]);
        snprintf(page, sizeof page, "[%s,%s,%s,%s,%s]", log.watched, bad[0], log.watched, bad[1],
                 log.watched);
        if (run(&log, span_of(page), &options, LOG_MAX)) {
            accepted++;
            if (log.seen != 3) {
                fail_msg("round %d: a neighbour is lost: %s", i, page);
            }
        }
    }
    assert_true(accepted > 10000);
}

int main(void)
{
    srand(7);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
                                       cmocka_unit_test(test_no_prefix_is_accepted),
                                       cmocka_unit_test(test_too_large),
                                       cmocka_unit_test(test_too_many_fields),
                                       cmocka_unit_test(test_too_deep),
                                       cmocka_unit_test(test_path_length),
                                       cmocka_unit_test(test_envelope_length),
                                       cmocka_unit_test(test_stop),
                                       cmocka_unit_test(test_options),
                                       cmocka_unit_test(test_failure_never_quotes),
                                       cmocka_unit_test(test_damage_stays_at_home)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
