/*
 * test_own_process.c - a thread and a descriptor more are seen, and seen no more when they are gone.
 */
#include "base/own_process.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

static int gate[2];

static void *wait_for_gate(void *unused)
{
    char byte;
    (void)unused;
    assert_int_equal(read(gate[0], &byte, 1), 0);
    return NULL;
}

static own_process now(void)
{
    failure f;
    own_process p;
    if (!own_process_count(&p, &f))
        fail_msg("%s", f.text);
    return p;
}

static void sees_what_was_left(void **state)
{
    (void)state;
    pthread_t thread;
    failure f;
    own_process more, before = now();
    assert_int_equal(pipe(gate), 0);
    assert_int_equal(pthread_create(&thread, NULL, wait_for_gate, NULL), 0);
    own_process with = now();
    assert_int_equal(with.threads, before.threads + 1);
    assert_int_equal(with.descriptors, before.descriptors + 2);
    assert_false(own_process_back(&before, &more, &f));
    assert_string_equal(f.text, "");
    assert_int_equal(more.threads, 1);
    assert_int_equal(more.descriptors, 2);
    assert_int_equal(close(gate[1]), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(close(gate[0]), 0);
    assert_true(own_process_back(&before, &more, &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sees_what_was_left)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
