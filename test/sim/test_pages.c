/*
 * test_pages.c - the index and the pages: the n-th record is the n-th, every paging style walks all records exactly
 * once, also after epochs, and the same question has the same bytes for an answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "changes.h"
#include "pages.h"

enum { PERSONS = 6000, RECORDS_MAX = 4 * PERSONS, VALUE = 128 };

static world w;
static rank_index ranks;

/* Where a record's id and time of change stand, and the next cursor. */
static const struct {
    const char *id, *time, *next;
} keys[MIS_COUNT] = {
    [MIS_HSP] = {"\"beneficiaryId\":", NULL, NULL},
    [MIS_DSHE] = {"\"RecordId\":", NULL, NULL},
    [MIS_DME] = {"\"sl_no\":", NULL, NULL},
    [MIS_DTE] = {"\"id\":", NULL, "\"next\":"},
    [MIS_PESP] = {"\"id\":", "\"last_modified\":", NULL},
    [MIS_DOL] = {"\"WORKER_ID\":", NULL, NULL},
    [MIS_SPBMU] = {"\"payee_ref\":", NULL, "\"next\":"},
    [MIS_DSS] = {"\"beneficiary_id\":", "\"updated_at\":", NULL},
    [MIS_MOLWA] = {"\"mis_no\":", NULL, NULL},
    [MIS_DWA] = {"\"uid\":", NULL, "\"next_token\":"},
};

/* The scalar behind a key from *at on, without quotes and backslashes; moves *at behind it. */
static bool value_of(const char **at, const char *key, char out[VALUE])
{
    const char *p = strstr(*at, key);
    size_t n = 0;
    if (!p)
        return false;
    p += strlen(key);
    p += strspn(p, " ");
    bool quoted = *p == '"';
    for (p += quoted; *p && !(quoted ? *p == '"' : *p == ',' || *p == '}'); p++)
        if (*p != '\\' && n + 1 < VALUE)
            out[n++] = *p;
    out[n] = '\0';
    *at = p;
    return true;
}

static void page_of(mis_id source, const page_query *q, json *out)
{
    assert_true(json_init(out, 1024));
    assert_int_equal(page_make(&w, &ranks, source, q, out), 200);
    assert_true(out->n < JSON_MAX);
    char *text = realloc(out->p, out->n + 1);
    assert_non_null(text);
    out->p = text;
    out->p[out->n] = '\0';
}

/* One client's walk: what the source definitions say about each style. */
typedef struct {
    mis_id mis;
    char at[VALUE], after[VALUE];
    uint64_t number;
    char (*ids)[RECORD_ID];
    size_t count;
} client;

static size_t take_ids(client *c, const char *body)
{
    char id[VALUE];
    size_t n = 0;
    const char *at = body;
    while (value_of(&at, keys[c->mis].id, id)) {
        if (c->count > 0 && n > 0 && strcmp(c->ids[c->count - 1], id) == 0)
            continue; /* the copy of a record served twice */
        assert_in_range(c->count, 0, RECORDS_MAX - 1);
        snprintf(c->ids[c->count++], RECORD_ID, "%.47s", id);
        n++;
    }
    return n;
}

/* Moves on; false at the end. */
static bool go_on(client *c, const char *body, size_t records, uint64_t size)
{
    const char *at = body;
    switch (mis_of(c->mis)->style) {
    case PAGED_BY_PAGE:
        c->number++;
        break;
    case PAGED_BY_OFFSET:
        c->number += size;
        break;
    case PAGED_BY_CURSOR:
        return value_of(&at, keys[c->mis].next, c->at) && *c->at && strcmp(c->at, "null") != 0;
    case PAGED_BY_SINCE:
        while (value_of(&at, keys[c->mis].time, c->at))
            ;
        at = body;
        while (value_of(&at, keys[c->mis].id, c->after))
            ;
        return records == size;
    }
    snprintf(c->at, sizeof c->at, "%llu", (unsigned long long)c->number);
    return records == size;
}

static void walk_all(client *c, uint64_t size)
{
    char size_text[24];
    bool more = true;
    snprintf(size_text, sizeof size_text, "%llu", (unsigned long long)size);
    c->number = mis_of(c->mis)->first;
    while (more) {
        json body;
        bool begins = !*c->at;
        page_query q = {
            .size = size_text, .at = begins ? NULL : c->at, .after = begins || !*c->after ? NULL : c->after};
        page_of(c->mis, &q, &body);
        size_t records = take_ids(c, body.p);
        assert_in_range(records, 0, size);
        more = go_on(c, body.p, records, size);
        json_free(&body);
    }
}

static int by_id(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The ids of all records of a system by a linear scan over the people. */
static size_t scan(mis_id source, char (*ids)[RECORD_ID])
{
    size_t n = 0;
    rank_walk walk = {.w = &w, .mis = source};
    for (uint64_t number = 0; number * BLOCK_PEOPLE < PERSONS; number++) {
        block_make(&w, number, &walk.b);
        for (unsigned i = 0; i < BLOCK_PEOPLE && person_number(&walk.b, i) < PERSONS; i++) {
            for (unsigned k = 0; k < walk.b.p[i].programmes; k++) {
                record r;
                if (programme_mis((programme_id)walk.b.p[i].programme[k]) != source)
                    continue;
                walk.position = i;
                walk.nth = k;
                walk.rank = n + 1;
                record_outline(&walk, &r);
                mis_of(source)->id(&r, ids[n++]);
            }
        }
    }
    return n;
}

static void assert_walks_once(mis_id source, uint64_t size)
{
    char(*expected)[RECORD_ID] = calloc(RECORDS_MAX, RECORD_ID),
    (*got)[RECORD_ID] = calloc(RECORDS_MAX, RECORD_ID);
    client c = {.mis = source, .ids = got};
    assert_non_null(expected);
    assert_non_null(got);
    size_t count = scan(source, expected);
    walk_all(&c, size);
    assert_int_equal(c.count, count);
    qsort(expected, count, RECORD_ID, by_id);
    qsort(got, count, RECORD_ID, by_id);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(got[i], expected[i]);
        assert_true(i == 0 || strcmp(got[i - 1], got[i]) != 0);
    }
    free(expected);
    free(got);
}

static void test_each_style_walks_all_records_once(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {7, 64, 100};
    for (int m = 0; m < MIS_COUNT; m++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            assert_walks_once((mis_id)m, sizes[s]);
}

static void test_epochs_move_records_and_lose_none(void **state)
{
    (void)state;
    for (w.epoch = 1; w.epoch <= 3; w.epoch++) {
        assert_walks_once(MIS_PESP, 10);
        assert_walks_once(MIS_DSS, 100);
        assert_walks_once(MIS_DTE, 50);
    }
    w.epoch = 0;
}

/* A client that is up to date gets what changed, and only that. */
static void test_since_gives_only_what_changed(void **state)
{
    (void)state;
    static const mis_id systems[] = {MIS_PESP, MIS_DSS};
    for (size_t i = 0; i < 2; i++) {
        static char ids[RECORDS_MAX][RECORD_ID];
        client c = {.mis = systems[i], .ids = ids};
        uint64_t total = ranks_total(&ranks, systems[i]), changed = 0;
        walk_all(&c, 100);
        c.count = 0;
        walk_all(&c, 100);
        assert_int_equal(c.count, 0);
        w.epoch = 1;
        for (uint64_t r = 0; r < total; r++)
            changed += change_epoch(&w, systems[i], r) == 1;
        walk_all(&c, 100);
        w.epoch = 0;
        assert_int_equal(c.count, changed);
        assert_in_range(changed, total / 80, total / 35);
    }
}

static void test_the_index_equals_a_linear_scan(void **state)
{
    (void)state;
    char(*expected)[RECORD_ID] = calloc(RECORDS_MAX, RECORD_ID);
    assert_non_null(expected);
    for (int m = 0; m < MIS_COUNT; m++) {
        size_t count = scan((mis_id)m, expected);
        assert_int_equal(count, ranks_total(&ranks, (mis_id)m));
        for (size_t rank = 0; rank < count; rank += 1 + count / 97) {
            rank_walk walk;
            record r;
            char id[RECORD_ID];
            rank_walk_begin(&walk, &w, &ranks, (mis_id)m, rank);
            assert_true(rank_next(&walk));
            record_outline(&walk, &r);
            mis_of((mis_id)m)->id(&r, id);
            assert_string_equal(id, expected[rank]);
        }
        rank_walk walk;
        rank_walk_begin(&walk, &w, &ranks, (mis_id)m, count);
        assert_false(rank_next(&walk));
    }
    free(expected);
}

static void test_same_question_same_bytes(void **state)
{
    (void)state;
    static world other;
    rank_index of_other;
    page_query q = {.size = "50"};
    world_init(&other, w.seed + 1, PERSONS);
    assert_true(ranks_build(&other, &of_other));
    for (int m = 0; m < MIS_COUNT; m++) {
        json a, b, c;
        page_of((mis_id)m, &q, &a);
        page_of((mis_id)m, &q, &b);
        assert_int_equal(a.n, b.n);
        assert_memory_equal(a.p, b.p, a.n);
        assert_true(json_init(&c, 1024));
        assert_int_equal(page_make(&other, &of_other, (mis_id)m, &q, &c), 200);
        assert_true(a.n != c.n || memcmp(a.p, c.p, a.n) != 0);
        json_free(&a);
        json_free(&b);
        json_free(&c);
    }
    ranks_free(&of_other);
}

static void test_wrong_questions_are_refused(void **state)
{
    (void)state;
    static const struct {
        mis_id mis;
        page_query q;
    } wrong[] = {{MIS_HSP, {.size = "501"}},      {MIS_HSP, {.size = "0"}},
                 {MIS_HSP, {.at = "0"}},          {MIS_HSP, {.at = "x"}},
                 {MIS_DSHE, {.at = "-1"}},        {MIS_DTE, {.at = "00000000000000000000"}},
                 {MIS_PESP, {.at = "yesterday"}}, {MIS_DSS, {.size = "10 "}}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json body;
        assert_true(json_init(&body, 64));
        assert_int_equal(page_make(&w, &ranks, wrong[i].mis, &wrong[i].q, &body), 400);
        json_free(&body);
    }
}

static void test_a_page_past_the_end_is_empty(void **state)
{
    (void)state;
    json body;
    page_query q = {.at = "100000"};
    page_of(MIS_DOL, &q, &body);
    assert_memory_equal(body.p, "[]", 2);
    json_free(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_style_walks_all_records_once),
        cmocka_unit_test(test_epochs_move_records_and_lose_none),
        cmocka_unit_test(test_since_gives_only_what_changed),
        cmocka_unit_test(test_the_index_equals_a_linear_scan),
        cmocka_unit_test(test_same_question_same_bytes),
        cmocka_unit_test(test_wrong_questions_are_refused),
        cmocka_unit_test(test_a_page_past_the_end_is_empty),
    };
    world_init(&w, 42, PERSONS);
    w.defects_per_million = 20000;
    if (!ranks_build(&w, &ranks))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_free(&ranks);
    return failed;
}
