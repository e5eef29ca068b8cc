/*
 * test_job_parts.c - what a job is made of: the set of ids, the memory of pages with its one large slot, the
 * waits.
 */
#include "job/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "job/id_set.h"
#include "schedule/schedule.h"

static void uuid_of(unsigned n, char out[37])
{
    (void)snprintf(out, 37, "%08x-%04x-8000-8000-%012x", n * 2654435761u, n & 0xffff, n);
}

static void finds_ids_again(void **state)
{
    (void)state;
    id_set set;
    char uuid[37];
    id_set_init(&set);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned n = 0; n < ID_SET_MAX; n++) {
            uuid_of(n, uuid);
            assert_int_equal(id_set_add(&set, uuid), ID_NEW);
        }
        uuid_of(ID_SET_MAX, uuid);
        assert_int_equal(id_set_add(&set, uuid), ID_NO_ROOM);
        id_set_clear(&set);
    }
    for (unsigned n = 0; n < 5000; n++) {
        uuid_of(n, uuid);
        assert_int_equal(id_set_add(&set, uuid), ID_NEW);
        uuid_of(n / 2, uuid);
        assert_int_equal(id_set_add(&set, uuid), ID_SEEN);
    }
    id_set_free(&set);
}

static void grows_into_the_large_slot_one_at_a_time(void **state)
{
    (void)state;
    page_pool pool;
    page_memory one, two;
    const atomic_int stop = 1;
    page_pool_init(&pool, 64);
    assert_int_equal(pool.share, PAGE_SHARE_LEAST);
    assert_true(page_memory_open(&one, &pool, 4 * PAGE_SHARE_LEAST, false));
    assert_true(page_memory_open(&two, &pool, 4 * PAGE_SHARE_LEAST, false));
    char *piece = calloc(1, PAGE_SHARE_LEAST);
    assert_non_null(piece);
    const span share = {piece, PAGE_SHARE_LEAST};
    assert_true(page_memory_add(&one, share, &stop));
    assert_true(page_memory_add(&two, share, &stop));  /* both have their share */
    assert_true(page_memory_add(&one, share, &stop));  /* the first takes the large slot */
    assert_false(page_memory_add(&two, share, &stop)); /* the second would wait, but is told to stop */
    page_memory_clear(&one);
    assert_true(page_memory_add(&two, share, &stop));
    assert_true(page_memory_add(&two, share, &stop) && page_memory_add(&two, share, &stop));
    assert_false(page_memory_add(&two, (span){piece, 1}, &stop)); /* page_bytes is reached */
    assert_int_equal(page_memory_span(&two).n, 4 * PAGE_SHARE_LEAST);
    page_memory_close(&one);
    page_memory_close(&two);
    page_pool_free(&pool);
    free(piece);
}

/* More jobs than shares: small bodies are free, a larger one waits, files have shares of their own. */
static void gives_as_many_shares_as_workers(void **state)
{
    (void)state;
    page_pool pool;
    page_memory one, two, file;
    const atomic_int stop = 1;
    page_pool_init(&pool, 1);
    assert_true(page_memory_open(&one, &pool, PAGE_LARGE, false));
    assert_true(page_memory_open(&two, &pool, PAGE_LARGE, false));
    assert_true(page_memory_open(&file, &pool, PAGE_LARGE, true));
    char *piece = calloc(1, PAGE_SMALL);
    assert_non_null(piece);
    const span small = {piece, PAGE_SMALL};
    assert_true(page_memory_add(&one, small, &stop));
    assert_true(page_memory_add(&two, small, &stop));
    assert_true(page_memory_add(&one, small, &stop));  /* the one share */
    assert_false(page_memory_add(&two, small, &stop)); /* would wait for it */
    assert_true(page_memory_add(&file, small, &stop) && page_memory_add(&file, small, &stop));
    page_memory_clear(&one);
    assert_true(page_memory_add(&two, small, &stop));
    page_memory_close(&one);
    page_memory_close(&two);
    page_memory_close(&file);
    assert_int_equal(pool.shares, 1);
    page_pool_free(&pool);
    free(piece);
}

static void lets_as_many_through_as_there_are_places(void **state)
{
    (void)state;
    const atomic_int stop = 1, go = 0;
    gate *g = gate_new(1, 1);
    gate_ticket a = {.lane = LANE_QUICK}, b = {.lane = LANE_QUICK}, c = {.lane = LANE_QUICK};
    assert_non_null(g);
    assert_int_equal(gate_enter(g, &a, &go), GATE_INSIDE);
    assert_false(gate_wanted(g, &a));
    assert_int_equal(gate_enter(g, &b, &go), GATE_STILL); /* in line */
    assert_int_equal(gate_enter(g, &c, &go), GATE_STILL);
    assert_true(gate_wanted(g, &a));
    gate_leave(g, &a);
    assert_int_equal(gate_enter(g, &c, &go), GATE_STILL); /* it came after b */
    assert_int_equal(gate_enter(g, &b, &go), GATE_INSIDE);
    assert_int_equal(gate_enter(g, &c, &stop), GATE_STOPPED);
    assert_false(gate_wanted(g, &b));
    gate_leave(g, &c); /* in neither: nothing */
    assert_int_equal(gate_enter(g, &a, &go), GATE_STILL);
    gate_leave(g, &a); /* out of the line */
    assert_false(gate_wanted(g, &b));
    gate_leave(g, &b);
    gate_free(g);
}

static void keeps_half_of_the_places_from_the_slow(void **state)
{
    (void)state;
    const atomic_int go = 0;
    gate *g = gate_new(4, 1);
    gate_ticket slow[3] = {{.lane = LANE_SLOW}, {.lane = LANE_SLOW}, {.lane = LANE_SLOW}},
                quick[3] = {{.lane = LANE_QUICK}};
    assert_int_equal(gate_enter(g, &slow[0], &go), GATE_INSIDE);
    assert_int_equal(gate_enter(g, &slow[1], &go), GATE_INSIDE);
    assert_int_equal(gate_enter(g, &slow[2], &go), GATE_STILL);   /* two places are free, not for it */
    assert_int_equal(gate_enter(g, &quick[0], &go), GATE_INSIDE); /* who passes it */
    assert_int_equal(gate_enter(g, &quick[1], &go), GATE_INSIDE);
    assert_false(gate_wanted(g, &quick[0]));
    assert_true(gate_wanted(g, &slow[0])); /* where it leaves the other comes in */
    gate_change(g, &slow[0], LANE_QUICK);  /* it was heard of, and counts among the quick from now on */
    assert_true(gate_wanted(g, &quick[0]));
    gate_leave(g, &quick[0]);
    assert_int_equal(gate_enter(g, &slow[2], &go), GATE_INSIDE);
    gate_leave(g, &slow[0]);
    assert_int_equal(gate_enter(g, &quick[2], &go), GATE_INSIDE);
    assert_int_equal(gate_enter(g, &slow[0], &go), GATE_STILL); /* it is of the quick now, and all is full */
    gate_leave(g, &slow[0]);
    gate_free(g);
}

static void gives_up_as_many_as_wait(void **state)
{
    (void)state;
    const atomic_int go = 0;
    gate *g = gate_new(2, 1);
    gate_ticket a = {.lane = LANE_QUICK}, b = {.lane = LANE_QUICK}, c = {.lane = LANE_QUICK},
                d = {.lane = LANE_QUICK};
    assert_int_equal(gate_enter(g, &a, &go), GATE_INSIDE);
    assert_int_equal(gate_enter(g, &b, &go), GATE_INSIDE);
    assert_false(gate_yield(g, &a)); /* nobody waits */
    assert_int_equal(gate_enter(g, &c, &go), GATE_STILL);
    assert_true(gate_yield(g, &a));
    assert_false(gate_yield(g, &b)); /* a makes room for the one that waits */
    gate_leave(g, &a);
    assert_int_equal(gate_enter(g, &c, &go), GATE_INSIDE);
    a.lane = LANE_SLOW;
    assert_int_equal(gate_enter(g, &a, &go), GATE_STILL);
    assert_true(gate_yield(g, &b)); /* one of two places may be the slow one's */
    gate_leave(g, &b);
    assert_int_equal(gate_enter(g, &a, &go), GATE_INSIDE);
    b.lane = LANE_SLOW;
    assert_int_equal(gate_enter(g, &b, &go), GATE_STILL);
    assert_false(gate_yield(g, &c)); /* for another slow one there is no place, whoever leaves */
    assert_false(gate_yield(g, &a)); /* nor does the slow one leave again */
    assert_int_equal(gate_enter(g, &d, &go), GATE_STILL);
    assert_true(gate_yield(g, &c)); /* for a quick one there is */
    gate_leave(g, &c);
    assert_int_equal(gate_enter(g, &d, &go), GATE_INSIDE);
    gate_free(g);
}

static void wipes_what_it_lets_go(void **state)
{
    (void)state;
    page_pool pool;
    page_memory m;
    page_pool_init(&pool, 1);
    assert_true(page_memory_open(&m, &pool, 65536, false));
    assert_true(page_memory_add(&m, span_of("1234567890"), NULL));
    page_memory_clear(&m);
    for (int i = 0; i < 10; i++)
        assert_int_equal(m.data[i], 0);
    page_memory_close(&m);
    page_pool_free(&pool);
}

static void waits_longer_each_time_within_bounds(void **state)
{
    (void)state;
    const source_deadlines d = {
        .first_delay_ms = 500, .longest_delay_ms = 30000, .longest_asked_seconds = 60};
    assert_int_equal(fetch_delay(&d, 1, 0, 1000), 500);
    assert_int_equal(fetch_delay(&d, 2, 0, 1000), 1000);
    assert_int_equal(fetch_delay(&d, 6, 0, 1000), 16000);
    assert_int_equal(fetch_delay(&d, 7, 0, 1000), 30000);
    assert_int_equal(fetch_delay(&d, 1000, 0, 1000), 30000);
    assert_int_equal(fetch_delay(&d, 3, 0, 0), 0); /* full jitter: anything from nothing on */
    assert_int_equal(fetch_delay(&d, 3, 0, 250), 500);
    assert_int_equal(fetch_delay(&d, 1, 7, 1000), 7000);
    assert_int_equal(fetch_delay(&d, 7, 7, 1000), 30000);
    assert_int_equal(fetch_delay(&d, 7, 7, 0), 7000);
    assert_int_equal(fetch_delay(&d, 1, 86400, 1000), 60000);
}

static void tells_the_worst_code(void **state)
{
    (void)state;
    assert_int_equal(schedule_worse(EXIT_DONE, EXIT_DONE), EXIT_DONE);
    assert_int_equal(schedule_worse(EXIT_DONE, EXIT_PARTIAL), EXIT_PARTIAL);
    assert_int_equal(schedule_worse(EXIT_INTERRUPTED, EXIT_PARTIAL), EXIT_INTERRUPTED);
    assert_int_equal(schedule_worse(EXIT_INTERRUPTED, EXIT_DATABASE), EXIT_DATABASE);
    assert_int_equal(schedule_worse(EXIT_INTERNAL, EXIT_DATABASE), EXIT_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_ids_again),
        cmocka_unit_test(grows_into_the_large_slot_one_at_a_time),
        cmocka_unit_test(wipes_what_it_lets_go),
        cmocka_unit_test(waits_longer_each_time_within_bounds),
        cmocka_unit_test(tells_the_worst_code),
        cmocka_unit_test(gives_as_many_shares_as_workers),
        cmocka_unit_test(lets_as_many_through_as_there_are_places),
        cmocka_unit_test(keeps_half_of_the_places_from_the_slow),
        cmocka_unit_test(gives_up_as_many_as_wait),
    };
    return cmocka_run_group_tests_name("job_parts", tests, NULL, NULL);
}
