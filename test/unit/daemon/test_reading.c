/*
 * test_reading.c - the mark of how a page is read: the same for the same definition, programs and keys, another when
 * one of them is.
 */
#include "job/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/ekok-reading-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[2][256];
    static int turn;
    turn = !turn;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static sealer *ring_of(const char *name)
{
    failure f;
    if (access(path_of(name), F_OK) != 0)
        assert_true(keyring_create(path_of(name), &f));
    sealer *ring = sealer_open(path_of(name), "", &f);
    assert_non_null(ring);
    return ring;
}

/* The mark of a definition of this text, read with the keys of this file. */
static void mark(const char *text, const char *keys, uint8_t out[SHA256_BYTES])
{
    static source_def def;
    char copy[64];
    (void)snprintf(copy, sizeof copy, "%s", text);
    def.text = copy;
    def.text_size = strlen(copy);
    sealer *ring = ring_of(keys);
    assert_true(reading_of(&def, ring, "/proc/self/exe", out));
    sealer_close(ring);
}

static void test_depends(void **state)
{
    uint8_t first[SHA256_BYTES], again[SHA256_BYTES], defined[SHA256_BYTES], keyed[SHA256_BYTES];
    (void)state;
    mark("{\"a\": 1}", "one", first);
    mark("{\"a\": 1}", "one", again);
    mark("{\"a\": 2}", "one", defined);
    mark("{\"a\": 1}", "two", keyed);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, defined, sizeof first);
    assert_memory_not_equal(first, keyed, sizeof first);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : 1;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path_of("one"));
    (void)unlink(path_of("two"));
    return rmdir(folder);
}

/* First, since the programs' hashes are kept. */
static void test_no_program(void **state)
{
    static source_def def;
    uint8_t out[SHA256_BYTES];
    char text[] = "{}";
    (void)state;
    def.text = text;
    def.text_size = 2;
    sealer *ring = ring_of("one");
    assert_false(reading_of(&def, ring, "/nowhere/ekok-decode", out));
    sealer_close(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_program), cmocka_unit_test(test_depends)};
    return cmocka_run_group_tests_name("reading", tests, make_folder, remove_folder);
}
