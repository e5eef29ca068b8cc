/*
 * test_nonce.c - no nonce of a sealed value ever comes twice: across forks before and after the first one was taken,
 * and in the middle of a pool; across children's children; across threads, one of which forks. Of pools themselves, and
 * of values sealed by the function that everybody calls. Without the pool's page being emptied in a child these fail.
 */
#include "secret/nonce.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "secret/seal.h"

#include <cmocka.h>

/* A pool holds 170. */
enum { EACH = 400, MIDDLE = 100, GENERATIONS = 2, CHILDREN = 2, THREADS = 4, MOST = 16384, DEADLINE = 120 };

/* What all processes took. */
typedef struct {
    atomic_size_t count;
    uint8_t nonce[MOST][NONCE_BYTES];
} book;

/* Where nonces come from: begin is called once a process and a thread. */
typedef struct {
    void *(*begin)(void);
    bool (*take)(void *context, uint8_t out[NONCE_BYTES]);
    void (*end)(void *context);
    bool in_child; /* a child needs a new beginning: its parent's keys are not there */
} origin;

static book *taken;
static char key_file[] = "/tmp/ekok-test-nonce-XXXXXX";

static void *begin_pool(void)
{
    return nonce_pool_new();
}

static bool take_of_pool(void *context, uint8_t out[NONCE_BYTES])
{
    return nonce_take(context, out);
}

static void *begin_sealing(void)
{
    failure f;
    return keyring_open(key_file, &f);
}

static bool take_of_sealed(void *context, uint8_t out[NONCE_BYTES])
{
    static const seal_place cell = {"registry.enrolment", "nid_sealed", {"1", 1}};
    enum { HEAD = 5 };
    buf sealed;
    buf_init(&sealed, 1024);
    bool good = seal_value(context, &cell, span_of("1234567890"), &sealed);
    if (good)
        memcpy(out, sealed.data + HEAD, NONCE_BYTES);
    buf_free(&sealed);
    return good;
}

static void end_pool(void *context)
{
    nonce_pool_free(context);
}

static void end_sealing(void *context)
{
    keyring_close(context);
}

static const origin POOL = {begin_pool, take_of_pool, end_pool, false},
                    SEALED = {begin_sealing, take_of_sealed, end_sealing, true};

static int prepare(void **state)
{
    (void)state;
    failure f;
    int fd = mkstemp(key_file);
    (void)close(fd);
    (void)unlink(key_file);
    taken = mmap(NULL, sizeof *taken, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return taken == MAP_FAILED || !keyring_create(key_file, &f);
}

static int clear(void **state)
{
    (void)state;
    (void)unlink(key_file);
    return munmap(taken, sizeof *taken);
}

static bool take(const origin *o, void *context, int count)
{
    for (int i = 0; i < count; i++) {
        size_t at = atomic_fetch_add(&taken->count, 1);
        if (at >= MOST || !o->take(context, taken->nonce[at]))
            return false;
    }
    return true;
}

static bool ended_well(pid_t child)
{
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* Takes `first`, has children that do the same, and then takes what is more than a pool, as they do beside it. */
static bool family(const origin *o, void *context, int first, int generations)
{
    pid_t child[CHILDREN];
    bool good = take(o, context, first);
    for (int i = 0; generations > 0 && i < CHILDREN; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            (void)alarm(DEADLINE);
            void *own = o->in_child ? o->begin() : context;
            _exit(own && family(o, own, first, generations - 1) ? 0 : 1);
        }
    }
    good = take(o, context, EACH) && good;
    for (int i = 0; generations > 0 && i < CHILDREN; i++)
        good = ended_well(child[i]) && good;
    return good;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, NONCE_BYTES);
}

static void check_all_differ(size_t expected)
{
    assert_int_equal(atomic_load(&taken->count), expected);
    qsort(taken->nonce, expected, NONCE_BYTES, by_bytes);
    for (size_t i = 1; i < expected; i++)
        if (memcmp(taken->nonce[i - 1], taken->nonce[i], NONCE_BYTES) == 0)
            fail_msg("a nonce came twice among %zu", expected);
    atomic_store(&taken->count, 0);
}

static void differ_across_forks(const origin *o)
{
    static const int first[] = {0, 1, MIDDLE};
    const int members = 1 + CHILDREN + CHILDREN * CHILDREN;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        void *context = o->begin();
        assert_non_null(context);
        assert_true(family(o, context, first[i], GENERATIONS));
        o->end(context);
        check_all_differ((size_t)(members * (first[i] + EACH)));
    }
}

static void pools_differ_across_forks(void **state)
{
    (void)state;
    differ_across_forks(&POOL);
}

static void sealed_values_differ_across_forks(void **state)
{
    (void)state;
    differ_across_forks(&SEALED);
}

/* Threads that all have begun on nonces; the first forks while the others stand still, so that no lock is held. */
typedef struct {
    const origin *from;
    pthread_barrier_t before, after;
    atomic_int next;
} crowd;

static void *one_of_a_crowd(void *argument)
{
    crowd *c = argument;
    pid_t child = 0;
    bool forks = atomic_fetch_add(&c->next, 1) == 0;
    void *context = c->from->begin();
    bool good = context && take(c->from, context, MIDDLE);
    (void)pthread_barrier_wait(&c->before);
    if (forks && (child = fork()) == 0) {
        (void)alarm(DEADLINE);
        void *own = c->from->in_child ? c->from->begin() : context;
        _exit(own && take(c->from, own, EACH) ? 0 : 1);
    }
    (void)pthread_barrier_wait(&c->after);
    good = context && take(c->from, context, EACH) && good;
    good = (!forks || ended_well(child)) && good;
    if (context)
        c->from->end(context);
    return good ? argument : NULL;
}

static void differ_across_threads(const origin *o)
{
    pthread_t thread[THREADS];
    crowd c = {.from = o};
    assert_int_equal(pthread_barrier_init(&c.before, NULL, THREADS), 0);
    assert_int_equal(pthread_barrier_init(&c.after, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, one_of_a_crowd, &c), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good;
        assert_int_equal(pthread_join(thread[i], &good), 0);
        assert_non_null(good);
    }
    (void)pthread_barrier_destroy(&c.before);
    (void)pthread_barrier_destroy(&c.after);
    check_all_differ((size_t)(THREADS * (MIDDLE + EACH) + EACH));
}

static void pools_differ_across_threads(void **state)
{
    (void)state;
    differ_across_threads(&POOL);
}

static void sealed_values_differ_across_threads(void **state)
{
    (void)state;
    differ_across_threads(&SEALED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_differ_across_forks),
        cmocka_unit_test(sealed_values_differ_across_forks),
        cmocka_unit_test(pools_differ_across_threads),
        cmocka_unit_test(sealed_values_differ_across_threads),
    };
    return cmocka_run_group_tests(tests, prepare, clear);
}
