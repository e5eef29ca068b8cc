/*
 * test_paging.c - each style's addresses, cursors and ends; what a source may not do: stand still, end early.
 */
#include "source/paging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static source_def make_def(paging_style style)
{
    source_def def = {.style = style,
                      .url = "https://mis.example/api/list",
                      .size = 100,
                      .first = 1,
                      .size_param = "size",
                      .page_param = "page",
                      .offset_param = "offset",
                      .cursor_param = "next",
                      .since_param = "since",
                      .after_param = "after"};
    return def;
}

static void assert_url(const paging *p, const char *expected)
{
    char url[PAGING_URL_TEXT];
    assert_true(paging_url(p, url));
    assert_string_equal(url, expected);
}

static void assert_cursor(const paging *p, const char *expected)
{
    char cursor[PAGING_CURSOR_TEXT];
    paging_cursor(p, cursor);
    assert_string_equal(cursor, expected);
}

static paging_step advance(paging *p, int64_t records, int64_t total)
{
    failure f = {.text = ""};
    const page_facts facts = {.records = records, .total = total};
    paging_step step = paging_advance(p, &facts, &f);
    assert_int_equal(step == PAGING_STUCK, f.text[0] != '\0');
    return step;
}

static void counts_pages(void **state)
{
    (void)state;
    source_def def = make_def(PAGING_PAGE);
    paging p;
    assert_true(paging_start(&p, &def, NULL));
    assert_url(&p, "https://mis.example/api/list?page=1&size=100");
    assert_cursor(&p, "");
    assert_int_equal(advance(&p, 100, 250), PAGING_MORE);
    assert_cursor(&p, "page=2");
    assert_int_equal(paging_records_before(&p), 100);
    assert_int_equal(advance(&p, 100, 250), PAGING_MORE);
    assert_url(&p, "https://mis.example/api/list?page=3&size=100");
    assert_int_equal(advance(&p, 50, 250), PAGING_DONE);
    assert_cursor(&p, ""); /* the next run begins at the start */
}

static void counts_offsets(void **state)
{
    (void)state;
    source_def def = make_def(PAGING_OFFSET);
    paging p;
    assert_true(paging_start(&p, &def, "offset=300"));
    assert_url(&p, "https://mis.example/api/list?offset=300&size=100");
    assert_int_equal(advance(&p, 100, -1), PAGING_MORE);
    assert_cursor(&p, "offset=400");
    assert_int_equal(advance(&p, 0, -1), PAGING_DONE);
    assert_cursor(&p, "");
}

static void tells_a_listing_that_ends_early(void **state)
{
    (void)state;
    source_def def = make_def(PAGING_PAGE);
    paging p;
    assert_true(paging_start(&p, &def, NULL));
    assert_int_equal(advance(&p, 50, 250),
                     PAGING_STUCK); /* the source gives smaller pages than it is asked for */
    assert_true(paging_start(&p, &def, "page=3"));
    assert_int_equal(advance(&p, 50, 250), PAGING_DONE);
}

static void follows_cursors(void **state)
{
    (void)state;
    source_def def = make_def(PAGING_CURSOR);
    paging p;
    failure f;
    assert_true(paging_start(&p, &def, NULL));
    assert_url(&p, "https://mis.example/api/list?size=100");
    page_facts facts = {.records = 100, .total = -1, .next = span_of("a+b/c=&\xE0\xA6\x95")};
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_MORE);
    assert_url(&p, "https://mis.example/api/list?next=a%2Bb%2Fc%3D%26%E0%A6%95&size=100");
    assert_cursor(&p, "cursor=a%2Bb%2Fc%3D%26%E0%A6%95");
    paging again;
    assert_true(paging_start(&again, &def, "cursor=a%2Bb%2Fc%3D%26%E0%A6%95"));
    assert_string_equal(again.value, p.value);
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_STUCK); /* the same cursor again */
    facts.next = (span){NULL, 0};
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_DONE);
    assert_cursor(&p, "");
}

static void refuses_a_cursor_that_cannot_be_sent_again(void **state)
{
    (void)state;
    source_def def = make_def(PAGING_CURSOR);
    paging p;
    failure f;
    char longest[PAGING_VALUE_TEXT + 1];
    memset(longest, 'x', sizeof longest);
    assert_true(paging_start(&p, &def, NULL));
    page_facts facts = {.records = 100, .total = -1, .next = {longest, PAGING_VALUE_TEXT - 1}};
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_MORE);
    longest[0] = 'y';
    facts.next.n = PAGING_VALUE_TEXT;
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_STUCK);
    facts.next = (span){"a\0b", 3};
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_STUCK);
}

static void keeps_a_position_in_time(void **state)
{
    (void)state;
    source_def def = make_def(PAGING_SINCE);
    paging p;
    failure f;
    assert_true(paging_start(&p, &def, NULL));
    assert_url(&p, "https://mis.example/api/list?size=100");
    page_facts facts = {
        .records = 100, .total = -1, .since = span_of("2026-01-02T03:04:05+06:00"), .after = span_of("A&1")};
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_MORE);
    assert_url(&p,
               "https://mis.example/api/list?since=2026-01-02T03%3A04%3A05%2B06%3A00&after=A%261&size=100");
    assert_cursor(&p, "since=2026-01-02T03%3A04%3A05%2B06%3A00&after=A%261");
    paging again;
    assert_true(paging_start(&again, &def, "since=2026-01-02T03%3A04%3A05%2B06%3A00&after=A%261"));
    assert_string_equal(again.value, "2026-01-02T03:04:05+06:00");
    assert_string_equal(again.after, "A&1");
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_STUCK); /* a full page that leads nowhere */
    facts.records = 3;
    facts.after = span_of("A&9");
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_DONE);
    assert_cursor(&p, "since=2026-01-02T03%3A04%3A05%2B06%3A00&after=A%269");
    facts = (page_facts){.records = 0, .total = -1};
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_DONE); /* nothing new: the position stays */
    assert_cursor(&p, "since=2026-01-02T03%3A04%3A05%2B06%3A00&after=A%269");
}

/* Each run looks again at what its source told in the last hour: committed late, or by a clock that was set back. */
static void goes_back_by_the_overlap(void **state)
{
    static const char cursor[] = "since=2026-03-01T00%3A30%3A05.5%2B06%3A00&after=A%261";
    (void)state;
    source_def def = make_def(PAGING_SINCE);
    def.overlap_seconds = 3600;
    paging p;
    failure f;
    assert_true(paging_start(&p, &def, NULL));
    assert_url(&p, "https://mis.example/api/list?size=100");
    assert_true(paging_start(&p, &def, cursor));
    assert_url(&p, "https://mis.example/api/list?since=2026-02-28T23%3A30%3A05.5%2B06%3A00&size=100");
    assert_cursor(&p, cursor); /* who ends here begins there again, and not an hour before */
    page_facts facts = {.records = 0, .total = -1};
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_DONE);
    assert_cursor(&p, cursor);
    assert_true(paging_start(&p, &def, cursor));
    facts = (page_facts){.records = 100,
                         .total = -1,
                         .since = span_of("2026-03-01T00:30:05.5+06:00"),
                         .after = span_of("A&1")};
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_MORE); /* full, to the very record it stood at */
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_STUCK);
    assert_true(paging_start(&p, &def, "since=17&after=4"));
    assert_url(&p,
               "https://mis.example/api/list?since=17&after=4&size=100"); /* no time: nothing to go back by */
}

static void begins_anew_with_a_cursor_it_cannot_read(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "offset=5", "page=",   "page=-1", "page=1x", "page=99999999999999999999",
        "cursor=a", "since=1", "nonsense"};
    source_def def = make_def(PAGING_PAGE);
    paging p;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(paging_start(&p, &def, wrong[i]));
        assert_cursor(&p, "");
    }
    def.style = PAGING_CURSOR;
    assert_false(paging_start(&p, &def, "cursor=%zz"));
    assert_false(paging_start(&p, &def, "cursor=%00"));
    assert_false(paging_start(&p, &def, "cursor="));
    def.style = PAGING_SINCE;
    assert_false(paging_start(&p, &def, "since=1"));
    assert_url(&p, "https://mis.example/api/list?size=100");
}

static void skips_only_where_the_next_page_is_known(void **state)
{
    (void)state;
    source_def def = make_def(PAGING_OFFSET);
    paging p;
    assert_true(paging_start(&p, &def, "offset=100"));
    assert_true(paging_can_skip(&p));
    paging_skip(&p);
    assert_cursor(&p, "offset=200");
    def.style = PAGING_SINCE;
    assert_false(paging_can_skip(&p));
    def.style = PAGING_CURSOR;
    assert_false(paging_can_skip(&p));
}

static void joins_an_address_that_has_a_query(void **state)
{
    (void)state;
    source_def def = make_def(PAGING_PAGE);
    paging p;
    (void)snprintf(def.url, sizeof def.url, "https://mis.example/api?list=all");
    assert_true(paging_start(&p, &def, NULL));
    assert_url(&p, "https://mis.example/api?list=all&page=1&size=100");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_pages),
        cmocka_unit_test(counts_offsets),
        cmocka_unit_test(tells_a_listing_that_ends_early),
        cmocka_unit_test(follows_cursors),
        cmocka_unit_test(refuses_a_cursor_that_cannot_be_sent_again),
        cmocka_unit_test(keeps_a_position_in_time),
        cmocka_unit_test(goes_back_by_the_overlap),
        cmocka_unit_test(begins_anew_with_a_cursor_it_cannot_read),
        cmocka_unit_test(skips_only_where_the_next_page_is_known),
        cmocka_unit_test(joins_an_address_that_has_a_query),
    };
    return cmocka_run_group_tests_name("paging", tests, NULL, NULL);
}
