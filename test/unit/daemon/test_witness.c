/*
 * test_witness.c - a witness's history, cut after every byte as a crash may leave it: the texts before the cut and
 * those written afterwards are read whole, what is left of the cut one is told apart, and nothing grows when the disk
 * is full.
 */
#include "trace/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const NOTE[] = {"origin\n1\nroot\n\n— key signature\n",
                                   "origin\n2\nroot\n\n— key signature\n",
                                   "origin\n3\nroot\n\n— key signature\n— other signature\n"};
static char folder[] = "/tmp/ekok-witness-XXXXXX", history[64];
static failure f;

typedef struct {
    size_t whole[3], other;
} seen;

static bool on_text(void *context, span text, failure *why)
{
    (void)why;
    seen *s = context;
    for (size_t i = 0; i < 3; i++)
        if (span_equals(text, NOTE[i])) {
            s->whole[i]++;
            return true;
        }
    s->other++;
    return true;
}

static long size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

static seen walk(void)
{
    seen s = {.other = 0};
    assert_true(witness_walk(folder, on_text, &s, &f));
    return s;
}

static void a_cut_text_takes_no_other_with_it(void **state)
{
    (void)state;
    long first = (long)strlen(NOTE[0]) + 1, whole = first + (long)strlen(NOTE[1]) + 1;
    for (long cut = first; cut <= whole; cut++) {
        (void)unlink(history);
        assert_true(witness_keep(folder, span_of(NOTE[0]), &f) && witness_keep(folder, span_of(NOTE[1]), &f));
        assert_int_equal(size_of(history), whole);
        assert_int_equal(truncate(history, cut), 0);
        assert_true(witness_keep(folder, span_of(NOTE[2]), &f));
        seen s = walk();
        assert_int_equal(s.whole[0], 1);
        assert_int_equal(s.whole[2], 1);
        /* Only its last line feeds may be missing for it to be whole still. */
        assert_int_equal(s.whole[1], cut >= whole - 2);
        assert_true(s.other <= 2); /* a piece of a dash is a text of its own */
        assert_int_equal(s.other > 0, cut > first && cut < whole - 2);
    }
}

static void what_does_not_fit_is_taken_back(void **state)
{
    (void)state;
    struct rlimit old, low;
    (void)unlink(history);
    assert_true(witness_keep(folder, span_of(NOTE[0]), &f));
    long before = size_of(history);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    low = (struct rlimit){(rlim_t)before + 10, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    assert_false(witness_keep(folder, span_of(NOTE[1]), &f));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(size_of(history), before);
    assert_true(witness_keep(folder, span_of(NOTE[1]), &f));
    seen s = walk();
    assert_int_equal(s.whole[0] + s.whole[1], 2);
    assert_int_equal(s.other, 0);
}

static int open_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(history, sizeof history, "%s/history", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const name[] = {"history", "checkpoint", "checkpoint.new"};
    char path[80];
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, name[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_text_takes_no_other_with_it),
        cmocka_unit_test(what_does_not_fit_is_taken_back),
    };
    return cmocka_run_group_tests_name("witness", tests, open_folder, remove_folder);
}
