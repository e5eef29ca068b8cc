/*
 * test_link.c - the header Link, and the listing that follows it: never to another host, never in a circle of one.
 */
#include "wire/link.h"

#include "source/paging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void finds_next(void **state)
{
    (void)state;
    static const struct {
        const char *header, *next;
    } row[] = {
        {"<https://h/a?page=2>; rel=\"next\"", "https://h/a?page=2"},
        {"<https://h/a?page=1>; rel=\"prev\", <https://h/a?page=3>; rel=\"next\"", "https://h/a?page=3"},
        {"</a?b=1,2>;rel=next", "/a?b=1,2"},
        {"<a>; title=\"x, y; z\"; rel=\"last NEXT\"", "a"},
        {"<a>; rel=\"nextish\", <b>; rel=prev", ""},
        {"<a>; rel=\"next", ""},
        {"<a; rel=next", ""},
        {"a; rel=next", ""},
        {"<a> rel=next", ""},
        {"<a>; =next", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        span next = link_next(span_of(row[i].header));
        if (!span_equals(next, row[i].next))
            fail_msg("%s: %.*s", row[i].header, (int)next.n, next.p);
    }
}

static paging_step follow(paging *p, const char *link, failure *f)
{
    const page_facts facts = {.records = 1, .total = -1};
    (void)snprintf(p->link, sizeof p->link, "%s", link);
    return paging_advance(p, &facts, f);
}

static void follows_on_its_own_host(void **state)
{
    (void)state;
    static source_def def = {
        .style = PAGING_LINK, .url = "https://mis.gov:8443/list", .size_param = "n", .size = 50};
    static const char *const elsewhere[] = {"https://mis.gov/list?p=3",
                                            "https://mis.gov:84430/list",
                                            "http://mis.gov:8443/list",
                                            "//evil/list",
                                            "list?p=3",
                                            "/list?p=3#x",
                                            "/li st"};
    paging p, again;
    failure f;
    char url[PAGING_URL_TEXT], cursor[PAGING_CURSOR_TEXT];
    assert_true(paging_start(&p, &def, NULL));
    assert_true(paging_url(&p, url));
    assert_string_equal(url, "https://mis.gov:8443/list?n=50");
    assert_int_equal(follow(&p, "https://mis.gov:8443/list?n=50&p=2", &f), PAGING_MORE);
    assert_true(paging_url(&p, url));
    assert_string_equal(url, "https://mis.gov:8443/list?n=50&p=2");
    paging_cursor(&p, cursor);
    assert_true(paging_start(&again, &def, cursor));
    assert_string_equal(again.value, p.value);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        paging here = p;
        if (follow(&here, elsewhere[i], &f) != PAGING_STUCK)
            fail_msg("followed: %s", elsewhere[i]);
    }
    assert_int_equal(follow(&p, "/list?n=50&p=2", &f), PAGING_STUCK);
    assert_int_equal(follow(&p, "/list?p=3", &f), PAGING_MORE);
    assert_int_equal(follow(&p, "", &f), PAGING_DONE);
    paging_cursor(&p, cursor);
    assert_string_equal(cursor, "");
    assert_false(paging_start(&again, &def, "link=list"));
}

static void takes_a_whole_answer(void **state)
{
    (void)state;
    static source_def def = {.style = PAGING_WHOLE, .url = "https://mis.gov/list"};
    paging p;
    failure f;
    char url[PAGING_URL_TEXT];
    assert_true(paging_start(&p, &def, NULL));
    assert_true(paging_url(&p, url));
    assert_string_equal(url, "https://mis.gov/list");
    assert_int_equal(paging_advance(&p, &(page_facts){.records = 7, .total = -1}, &f), PAGING_DONE);
    assert_int_equal(paging_advance(&p, &(page_facts){.records = 7, .total = 7}, &f), PAGING_DONE);
    assert_int_equal(paging_advance(&p, &(page_facts){.records = 7, .total = 8}, &f), PAGING_STUCK);
    assert_string_equal(f.text, "the answer holds 7 of 8 records: does the source page?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_next),
                                       cmocka_unit_test(follows_on_its_own_host),
                                       cmocka_unit_test(takes_a_whole_answer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
