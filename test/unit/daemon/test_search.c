/*
 * test_search.c - what an SP-DCI registry is asked, to the letter; which answers are taken and which belong to another
 * question; where a search ends, and what a registry may not do while it is listed.
 */
#include "source/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

enum { NOW = 1798761600 /* 2027-01-01T00:00:00Z */ };

static source_def make_def(void)
{
    return (source_def){.style = PAGING_SEARCH,
                        .format = FORMAT_SPDCI,
                        .url = "https://ibr.example/registry/sync/search",
                        .size = 100,
                        .search = {.sender = "us",
                                   .receiver = "them \"IBR\"",
                                   .type = "ns:org:RegistryType:IBR",
                                   .attribute = "programme",
                                   .value = "VWB",
                                   .sort = "enrolment_date",
                                   .compare = SEARCH_EQ}};
}

/* The message with every transaction written T. */
static void ask(paging *at, char out[2048])
{
    failure f;
    buf message;
    size_t n = 0;
    buf_init(&message, SEARCH_MESSAGE_MAX);
    assert_true(search_write(NULL, at, NOW, &message, &f) && buf_add_char(&message, '\0'));
    assert_int_equal(strlen(at->asked), 32);
    for (const char *p = message.data; *p;) {
        bool is = strncmp(p, at->asked, 32) == 0;
        out[n++] = is ? 'T' : *p;
        p += is ? 32 : 1;
    }
    out[n] = '\0';
    buf_free(&message);
}

static void writes_the_message(void **state)
{
    (void)state;
    source_def def = make_def();
    char text[2048], first[33];
    paging at;
    assert_true(paging_start(&at, &def, "search=3&total=250"));
    ask(&at, text);
    assert_string_equal(
        text,
        "{\"header\":{\"version\":\"1.0.0\",\"message_id\":\"T\",\"message_ts\":\"2027-01-01T00:00:00Z\","
        "\"action\":\"search\",\"sender_id\":\"us\",\"receiver_id\":\"them \\\"IBR\\\"\",\"total_count\":1,"
        "\"is_msg_encrypted\":false},\"message\":{\"transaction_id\":\"T\",\"search_request\":[{"
        "\"reference_id\":\"T\",\"timestamp\":\"2027-01-01T00:00:00Z\",\"search_criteria\":{"
        "\"version\":\"1.0.0\",\"reg_type\":\"ns:org:RegistryType:IBR\",\"query_type\":\"predicate\","
        "\"query\":[{\"seq_num\":1,\"expression1\":{\"attribute_name\":\"programme\",\"operator\":\"eq\","
        "\"attribute_value\":\"VWB\"}}],\"sort\":[{\"attribute_name\":\"enrolment_date\",\"sort_order\":"
        "\"asc\"}],\"pagination\":{\"page_size\":100,\"page_number\":3}},\"locale\":\"eng\"}]}}");
    memcpy(first, at.asked, sizeof first);
    ask(&at, text);
    assert_string_not_equal(at.asked, first); /* a new message is a new transaction */
}

static search_said sound(const paging *at)
{
    return (search_said){.sender = span_of("them \"IBR\""),
                         .receiver = span_of("us"),
                         .time = span_of("2027-01-01T06:00:10.123+06:00"),
                         .transaction = span_of(at->asked),
                         .reference = span_of(at->asked),
                         .page = span_of("2")};
}

static void expect(const paging *at, const search_said *said, const char *want)
{
    failure f = {.text = "-"};
    bool good = search_answers(at, said, NOW, &f);
    assert_int_equal(good, strcmp(want, "-") == 0);
    assert_string_equal(f.text, want);
}

#define NOT "the message does not answer what was asked: "
static void takes_only_its_own_answer(void **state)
{
    (void)state;
    source_def def = make_def();
    char text[2048];
    paging at;
    assert_true(paging_start(&at, &def, "search=2"));
    ask(&at, text);
    search_said said = sound(&at);
    expect(&at, &said, "-");
    said.receiver = (span){NULL, 0}; /* not every registry writes it */
    expect(&at, &said, "-");
    said.receiver = span_of("somebody");
    expect(&at, &said, NOT "its receiver_id is not search.sender");
    said = sound(&at);
    said.sender = span_of("us");
    expect(&at, &said, NOT "its sender_id is not search.receiver");
    said = sound(&at);
    said.transaction = span_of("00000000000000000000000000000000");
    expect(&at, &said, NOT "its transaction_id is another");
    said = sound(&at);
    said.reference = (span){NULL, 0};
    expect(&at, &said, NOT "its reference_id is another");
    said = sound(&at);
    said.time = span_of("2027-01-01T00:00:10");
    expect(&at, &said, NOT "its message_ts is no time with a zone");
    said = sound(&at);
    said.time = span_of("2026-12-31T23:54:59Z");
    expect(&at, &said, NOT "its message_ts lies more than five minutes away; are both clocks right?");
    said = sound(&at);
    said.time = span_of("2027-01-01T00:05:01Z");
    expect(&at, &said, NOT "its message_ts lies more than five minutes away; are both clocks right?");
    said = sound(&at);
    said.page = span_of("1");
    expect(&at, &said, NOT "its page_number is not the one asked for");
    said.page = (span){NULL, 0};
    expect(&at, &said, NOT "its page_number is not the one asked for");
    said.reason = span_of("rjct.pagination.invalid"); /* the listing ended meanwhile */
    expect(&at, &said, "-");
    assert_true(paging_start(&at, &def, NULL));
    expect(&at, &said, "the registry rejects the search: rjct.pagination.invalid");
    def.style = PAGING_PAGE; /* spdci by GET: who asked is not known, but a rejection is none of its pages */
    expect(&at, &said, "the registry rejects the search: rjct.pagination.invalid");
    said.reason = (span){NULL, 0};
    expect(&at, &said, "-");
}

static void reads_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        long want; /* seconds after NOW, -1: no time */
    } row[] = {
        {"2027-01-01T00:00Z", 0},
        {"2027-01-01T00:00:07Z", 7},
        {"2027-01-01T00:00:07.25Z", 7},
        {"2027-01-01T06:00:07+06:00", 7},
        {"2026-12-31T20:00:07-0400", 7},
        {"2027-01-01 00:00:07Z", -1},
        {"2027-01-01T00:00:07", -1},
        {"2027-01-01T00:00:0", -1},
        {"2027-01-01T00:00:07+6:00", -1},
        {"2027-01-01T00:00:07+06-00", -1},
        {"2027-01-01T00:00:07.", -1},
        {"2027-01-01T00:00:07Z, or so, who could know", -1},
        {"1", -1},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        time_t then = 0;
        assert_int_equal(search_time(span_of(row[i].text), &then), row[i].want >= 0);
        if (row[i].want >= 0)
            assert_int_equal(then, NOW + row[i].want);
    }
}

static paging_step advance(paging *p, int64_t records, int64_t total, const char *want)
{
    failure f = {.text = ""};
    char cursor[PAGING_CURSOR_TEXT];
    const page_facts facts = {.records = records, .total = total};
    paging_step step = paging_advance(p, &facts, &f);
    assert_int_equal(step == PAGING_STUCK, f.text[0] != '\0');
    paging_cursor(p, cursor);
    assert_string_equal(cursor, want);
    return step;
}

static void pages_to_the_announced_total(void **state)
{
    (void)state;
    source_def def = make_def();
    paging p;
    assert_true(paging_start(&p, &def, NULL));
    assert_int_equal(advance(&p, 100, 250, "search=2&total=250"), PAGING_MORE);
    assert_int_equal(paging_records_before(&p), 100);
    assert_int_equal(advance(&p, 100, 300, "search=3&total=300"), PAGING_MORE); /* new ones come last */
    assert_int_equal(advance(&p, 100, 300, ""), PAGING_DONE);                   /* no page 4 is asked for */
    assert_int_equal(advance(&p, 100, 100, ""), PAGING_DONE);
    assert_int_equal(advance(&p, 0, 0, ""), PAGING_DONE);
    assert_int_equal(advance(&p, 100, -1, "search=2"), PAGING_MORE); /* a registry that tells no total */
    assert_int_equal(advance(&p, 0, -1, ""), PAGING_DONE);
    assert_false(paging_start(&p, &def, "search=0"));
    assert_false(paging_start(&p, &def, "search=2&total=x"));
    assert_false(paging_start(&p, &def, "search=2x&total=3"));
    assert_false(paging_start(&p, &def, "page=2"));
}

static void does_not_finish_a_listing_that_moved(void **state)
{
    (void)state;
    source_def def = make_def();
    paging p;
    assert_true(paging_start(&p, &def, "search=2&total=250"));
    assert_int_equal(advance(&p, 100, 249, ""), PAGING_STUCK); /* one went away: another moved to page 1 */
    assert_true(paging_start(&p, &def, "search=2&total=250"));
    assert_int_equal(advance(&p, 50, 250, ""), PAGING_STUCK); /* smaller pages than asked for */
    assert_true(paging_start(&p, &def, "search=2&total=250"));
    assert_int_equal(advance(&p, 101, 250, ""), PAGING_STUCK);
    assert_true(paging_start(&p, &def, "search=3&total=250"));
    assert_int_equal(advance(&p, 0, -1, ""), PAGING_STUCK); /* there is no such page any more */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_message),
        cmocka_unit_test(takes_only_its_own_answer),
        cmocka_unit_test(reads_times),
        cmocka_unit_test(pages_to_the_announced_total),
        cmocka_unit_test(does_not_finish_a_listing_that_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
