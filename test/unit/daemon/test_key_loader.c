/*
 * test_key_loader.c - keys that a process apart reads: they are followed as with a file of one's own, stand in memory
 * once, and stay as they were when the file or the process that reads it is gone.
 */
#include "secret/key_store.h"
#include "secret/seal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { WAITS = 1200, PAUSE_US = 50000, LARGE = 64 << 20 };

static char folder[] = "/tmp/ekok-test-loader-XXXXXX", path[64], kek[64], lock[64];
static failure f;

static const seal_place CELL = {
    "registry.enrolment", "nid_sealed", {"01234567-89ab-8def-8123-456789abcdef", 36}};

static void must(bool good)
{
    if (!good)
        fail_msg("%s", f.text);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/keys", folder);
    (void)snprintf(kek, sizeof kek, "%s/kek", folder);
    (void)snprintf(lock, sizeof lock, "%s/keys.lock", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)unlink(kek);
    (void)unlink(lock);
    return rmdir(folder);
}

static keyring *fresh(void)
{
    (void)unlink(path);
    (void)unlink(kek);
    must(keyring_create(path, &f));
    must(key_store_wrap(path, "file:kek", &f));
    keyring *ring = keyring_open_apart(path, &f);
    must(ring != NULL);
    return ring;
}

/* The only child of this process. */
static pid_t loader_pid(void)
{
    char name[64];
    int pid = 0;
    (void)snprintf(name, sizeof name, "/proc/self/task/%d/children", (int)getpid());
    FILE *in = fopen(name, "r");
    assert_non_null(in);
    assert_int_equal(fscanf(in, "%d", &pid), 1);
    (void)fclose(in);
    return (pid_t)pid;
}

static void wait_for_end_of(pid_t pid)
{
    int ended = 0;
    for (int i = 0; i < WAITS && ended == 0; i++) {
        ended = waitpid(pid, NULL, WNOHANG);
        if (ended == 0)
            (void)usleep(PAUSE_US);
    }
    assert_int_equal(ended, pid);
}

static bool seals_and_opens(const keyring *ring, uint32_t version)
{
    uint8_t out[40];
    opened_value value = {out, sizeof out, 0};
    buf b;
    buf_init(&b, 400);
    bool good = seal_value(ring, &CELL, span_of("1234567890"), &b) &&
                sealed_version(buf_span(&b)) == version &&
                open_value(ring, &CELL, buf_span(&b), &value, &f) && value.size == 10;
    buf_free(&b);
    return good;
}

static void ends(keyring *ring)
{
    pid_t pid = loader_pid();
    keyring_close(ring);
    wait_for_end_of(pid);
}

static void versions_are_followed(void **state)
{
    (void)state;
    uint32_t version;
    key_facts facts[KEY_VERSIONS_MAX];
    uint8_t one[TOKEN_BYTES], two[TOKEN_BYTES];
    keyring *ring = fresh();
    uint64_t reading = keyring_reading(ring);
    must(keyring_refresh(ring, &f));
    assert_int_equal(keyring_reading(ring), reading); /* nothing was read that was read */
    must(key_store_add(path, KEY_TOKEN_NID, &version, &f));
    must(keyring_refresh(ring, &f));
    assert_int_not_equal(keyring_reading(ring), reading);
    assert_int_equal(keyring_versions(ring, KEY_TOKEN_NID, facts), 2);
    assert_true(make_token(ring, KEY_TOKEN_NID, span_of("x"), one));
    must(key_store_activate(path, KEY_TOKEN_NID, version, &f));
    must(key_store_add(path, KEY_DATA, &version, &f));
    must(key_store_activate(path, KEY_DATA, version, &f));
    must(keyring_refresh(ring, &f));
    assert_true(seals_and_opens(ring, 2));
    assert_true(make_token_of(ring, KEY_TOKEN_NID, 1, span_of("x"), two));
    assert_memory_equal(one, two, TOKEN_BYTES);
    must(key_store_end(path, KEY_DATA, 1, KEY_DESTROYED, &f));
    must(keyring_refresh(ring, &f));
    assert_true(seals_and_opens(ring, 2));
    ends(ring);
}

static void a_value_of_a_version_not_read_yet_opens(void **state)
{
    (void)state;
    uint32_t version;
    uint8_t out[40];
    opened_value value = {out, sizeof out, 0};
    buf b;
    keyring *ring = fresh();
    must(key_store_add(path, KEY_DATA, &version, &f));
    must(key_store_activate(path, KEY_DATA, version, &f));
    keyring *other = keyring_open(path, &f);
    must(other != NULL);
    buf_init(&b, 400);
    assert_true(seal_value(other, &CELL, span_of("1234567890"), &b));
    must(open_value(ring, &CELL, buf_span(&b), &value, &f));
    buf_free(&b);
    keyring_close(other);
    ends(ring);
}

static void a_file_that_is_gone_or_anothers_leaves_the_keys(void **state)
{
    (void)state;
    keyring *ring = fresh();
    (void)unlink(path);
    assert_false(keyring_refresh(ring, &f));
    assert_non_null(strstr(f.text, "cannot be opened"));
    assert_true(seals_and_opens(ring, 1));
    must(keyring_create(path, &f));
    assert_false(keyring_refresh(ring, &f));
    assert_non_null(strstr(f.text, "does not hold all the keys that were in it"));
    assert_true(seals_and_opens(ring, 1));
    ends(ring);
}

static void a_loader_that_died_leaves_the_keys(void **state)
{
    (void)state;
    keyring *ring = fresh();
    pid_t pid = loader_pid();
    assert_int_equal(kill(pid, SIGKILL), 0);
    wait_for_end_of(pid);
    for (int i = 0; i < 2; i++) {
        assert_false(keyring_refresh(ring, &f));
        assert_non_null(strstr(f.text, "the process that reads it is gone"));
        assert_true(seals_and_opens(ring, 1));
    }
    keyring_close(ring);
}

/* What a key looks like without standing in our memory. */
static void read_masked(uint8_t out[KEY_BYTES])
{
    char line[256] = "", *hex;
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    while (fgets(line, sizeof line, in) && strncmp(line, "data 1 ", 7) != 0)
        continue;
    (void)fclose(in);
    hex = line + 7;
    for (int i = 0; i < KEY_BYTES; i++) {
        const char pair[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out[i] = (uint8_t)(strtoul(pair, NULL, 16) ^ 0x5A);
    }
}

static int places_of(const uint8_t masked[KEY_BYTES])
{
    char line[512];
    int places = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        char mode[8];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || mode[0] != 'r' || strstr(line, "[v") ||
            to - from > LARGE)
            continue;
        for (const uint8_t *p = (const uint8_t *)from; p + KEY_BYTES <= (const uint8_t *)to; p++) {
            int i = 0;
            while (i < KEY_BYTES && (p[i] ^ 0x5A) == masked[i])
                i++;
            places += i == KEY_BYTES;
        }
    }
    (void)fclose(maps);
    return places;
}

static void a_key_stands_in_memory_once(void **state)
{
    (void)state;
    uint8_t masked[KEY_BYTES];
    (void)unlink(path);
    must(keyring_create(path, &f));
    read_masked(masked);
    assert_int_equal(places_of(masked), 0);
    keyring *ring = keyring_open_apart(path, &f);
    must(ring != NULL);
    assert_int_equal(places_of(masked), 1);
    pid_t pid = loader_pid();
    keyring_close(ring);
    wait_for_end_of(pid);
    assert_int_equal(places_of(masked), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_followed), cmocka_unit_test(a_value_of_a_version_not_read_yet_opens),
        cmocka_unit_test(a_file_that_is_gone_or_anothers_leaves_the_keys),
        cmocka_unit_test(a_loader_that_died_leaves_the_keys), cmocka_unit_test(a_key_stands_in_memory_once)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
