/*
 * test_key_store.c - key files of format 2: versions, states and the key that wraps them; what is refused, and that a
 * ring in use follows a change of its file. RFC 5649's wrapping against a vector made with Python's cryptography.
 */
#include "secret/key_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "secret/hex_key.h"
#include "secret/key_wrap.h"
#include "secret/keyring_private.h"
#include "secret/seal.h"

static char folder[] = "/tmp/ekok-test-store-XXXXXX";
static char path[100], kek[100];
static failure f;

static const seal_place CELL = {
    "registry.enrolment", "nid_sealed", {"ed391576-5146-854f-b689-00176ac8cc6d", 36}};

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/keys", folder);
    snprintf(kek, sizeof kek, "%s/kek", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[200];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static void must(bool good)
{
    if (!good)
        fail_msg("%s", f.text);
}

/* A new file of format 2, wrapped by a new file `kek`. */
static keyring *fresh(void)
{
    unlink(path);
    unlink(kek);
    must(keyring_create(path, &f));
    must(key_store_wrap(path, "file:kek", &f));
    keyring *ring = keyring_open(path, &f);
    must(ring != NULL);
    return ring;
}

static void refused(bool done, const char *words)
{
    char want[600];
    assert_false(done);
    assert_int_equal(f.code, EXIT_KEYS);
    snprintf(want, sizeof want, "key file %s: %s", path, words);
    assert_string_equal(f.text, want);
}

static size_t read_file(const char *name, char *out, size_t room)
{
    FILE *from = fopen(name, "r");
    assert_non_null(from);
    size_t size = fread(out, 1, room - 1, from);
    fclose(from);
    out[size] = '\0';
    return size;
}

static void write_file(const char *name, const char *text)
{
    unlink(name);
    FILE *to = fopen(name, "w");
    fputs(text, to);
    fclose(to);
    chmod(name, 0600);
}

static buf sealed_by(const keyring *ring)
{
    buf b;
    buf_init(&b, 400);
    assert_true(seal_value(ring, &CELL, span_of("1234567890"), &b));
    return b;
}

static bool opens(const keyring *ring, const buf *b)
{
    uint8_t out[40];
    opened_value value = {out, sizeof out, 0};
    return open_value(ring, &CELL, buf_span(b), &value, &f) && value.size == 10 &&
           memcmp(out, "1234567890", 10) == 0;
}

static void wraps_as_rfc_5649(void **state)
{
    (void)state;
    static const char want[] =
        "38e280155ccf3f09397e0b9f610a43c91183334bc5eb520a01ff1377bf9f95f3e20cb09f4f3d59cd";
    uint8_t with[KEY_BYTES], key[KEY_BYTES], wrapped[WRAPPED_BYTES], back[KEY_BYTES];
    char hex[2 * WRAPPED_BYTES + 1] = "";
    for (int i = 0; i < KEY_BYTES; i++) {
        with[i] = (uint8_t)i;
        key[i] = (uint8_t)(0xA0 + i);
    }
    assert_true(key_wrap(with, key, wrapped));
    hex_key_write(wrapped, WRAPPED_BYTES, hex);
    assert_string_equal(hex, want);
    assert_true(key_unwrap(with, wrapped, back));
    assert_memory_equal(back, key, KEY_BYTES);
    for (int bit = 0; bit < 8 * WRAPPED_BYTES; bit++) {
        wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(key_unwrap(with, wrapped, back));
        wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    with[0] ^= 1;
    assert_false(key_unwrap(with, wrapped, back));
}

/* The same keys before and after, and none of them in the file any more. */
static void upgrades_a_file_of_format_1(void **state)
{
    (void)state;
    char first[8000], second[20000];
    uint8_t token[TOKEN_BYTES], again[TOKEN_BYTES];
    bool wrapped = true;
    unlink(path);
    unlink(kek);
    must(keyring_create(path, &f));
    keyring *ring = keyring_open(path, &f);
    buf b = sealed_by(ring);
    assert_true(make_token(ring, KEY_TOKEN_NID, span_of("x"), token));
    read_file(path, first, sizeof first);
    assert_true(key_store_wrapped(path, &wrapped, &f) && !wrapped);
    must(key_store_wrap(path, "file:kek", &f));
    assert_true(key_store_wrapped(path, &wrapped, &f) && wrapped);
    read_file(path, second, sizeof second);
    assert_int_equal(strncmp(second, "ekok-keys 2\nwrap file kek ", 26), 0);
    for (char *line = strtok(first, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(strlen(line) < 64 || !strstr(second, line + strlen(line) - 64));
    keyring *after = keyring_open(path, &f);
    must(after != NULL);
    assert_true(opens(after, &b));
    assert_true(make_token(after, KEY_TOKEN_NID, span_of("x"), again));
    assert_memory_equal(token, again, TOKEN_BYTES);
    keyring_close(ring);
    keyring_close(after);
    buf_free(&b);
}

static void versions_go_through_their_states(void **state)
{
    (void)state;
    uint32_t version;
    key_facts facts[KEY_VERSIONS_MAX];
    keyring *ring = fresh();
    buf one = sealed_by(ring);
    must(key_store_add(path, KEY_DATA, &version, &f));
    assert_int_equal(version, 2);
    must(key_store_add(path, KEY_DATA, &version, &f)); /* pre-active already: no third */
    assert_int_equal(version, 2);
    must(keyring_refresh(ring, &f));
    assert_int_equal(keyring_version(ring, KEY_DATA), 1);
    assert_int_equal(keyring_next(ring, KEY_DATA), 2);
    must(key_store_activate(path, KEY_DATA, 2, &f));
    must(key_store_activate(path, KEY_DATA, 2, &f));
    must(keyring_refresh(ring, &f));
    assert_int_equal(keyring_version(ring, KEY_DATA), 2);
    assert_int_equal(keyring_next(ring, KEY_DATA), 0);
    buf two = sealed_by(ring);
    assert_int_equal(sealed_version(buf_span(&one)), 1);
    assert_int_equal(sealed_version(buf_span(&two)), 2);
    assert_true(opens(ring, &one) && opens(ring, &two));
    must(key_store_end(path, KEY_DATA, 1, KEY_RETIRED, &f));
    must(keyring_refresh(ring, &f));
    assert_true(opens(ring, &one));
    must(key_store_end(path, KEY_DATA, 1, KEY_DESTROYED, &f));
    must(keyring_refresh(ring, &f));
    assert_false(opens(ring, &one));
    assert_string_equal(f.text,
                        "the value in registry.enrolment.nid_sealed is sealed with a key that is not in "
                        "the key file");
    assert_true(opens(ring, &two));
    assert_int_equal(keyring_versions(ring, KEY_DATA, facts), 2);
    assert_int_equal(facts[0].state, KEY_DESTROYED);
    assert_int_equal(facts[1].state, KEY_ACTIVE);
    assert_int_equal(keyring_versions(ring, KEY_ROW, facts), 1);
    refused(key_store_activate(path, KEY_DATA, 1, &f),
            "version 1 of data is destroyed and cannot become active");
    refused(key_store_end(path, KEY_DATA, 2, KEY_DESTROYED, &f),
            "version 2 of data is active; rotate it first");
    refused(key_store_end(path, KEY_DATA, 9, KEY_RETIRED, &f), "has no version 9 of data");
    buf_free(&one);
    buf_free(&two);
    keyring_close(ring);
}

/* Whoever opens a value of a version that is newer than its reading looks again by itself. */
static void a_ring_in_use_finds_a_new_version(void **state)
{
    (void)state;
    uint32_t version;
    keyring *old = fresh();
    must(key_store_add(path, KEY_DATA, &version, &f));
    must(key_store_activate(path, KEY_DATA, version, &f));
    keyring *fresh_ring = keyring_open(path, &f);
    buf b = sealed_by(fresh_ring);
    assert_int_equal(sealed_version(buf_span(&b)), 2);
    assert_true(opens(old, &b));
    keyring_close(old);
    keyring_close(fresh_ring);
    buf_free(&b);
}

static void a_file_that_went_bad_leaves_the_keys_in_use(void **state)
{
    (void)state;
    keyring *ring = fresh();
    buf b = sealed_by(ring);
    write_file(path, "ekok-keys 2\nnothing\n");
    assert_false(keyring_refresh(ring, &f));
    assert_true(opens(ring, &b));
    unlink(path);
    assert_false(keyring_refresh(ring, &f));
    assert_true(opens(ring, &b));
    keyring_close(ring);
    buf_free(&b);
}

static void tokens_of_both_versions(void **state)
{
    (void)state;
    uint32_t version;
    token_pair pair;
    uint8_t one[TOKEN_BYTES], two[TOKEN_BYTES];
    keyring *ring = fresh();
    assert_true(make_tokens(ring, KEY_TOKEN_NID, span_of("x"), &pair));
    assert_false(pair.has_next);
    must(key_store_add(path, KEY_TOKEN_NID, &version, &f));
    must(keyring_refresh(ring, &f));
    assert_true(make_tokens(ring, KEY_TOKEN_NID, span_of("x"), &pair));
    assert_true(pair.has_next);
    assert_true(make_token(ring, KEY_TOKEN_NID, span_of("x"), one));
    assert_true(make_token_of(ring, KEY_TOKEN_NID, 2, span_of("x"), two));
    assert_memory_equal(pair.token, one, TOKEN_BYTES);
    assert_memory_equal(pair.next, two, TOKEN_BYTES);
    assert_memory_not_equal(one, two, TOKEN_BYTES);
    assert_false(make_token_of(ring, KEY_TOKEN_NID, 3, span_of("x"), two));
    assert_true(make_tokens(ring, KEY_TOKEN_BRN, span_of("x"), &pair) && !pair.has_next);
    keyring_close(ring);
}

static void another_wrapping_key_wraps_the_same_keys(void **state)
{
    (void)state;
    char before[200], words[300];
    keyring *ring = fresh();
    buf b = sealed_by(ring);
    must(key_store_wrap(path, "file:kek2", &f));
    assert_int_equal(unlink(kek), 0); /* it is needed no more */
    must(keyring_refresh(ring, &f));
    assert_true(opens(ring, &b));
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    must(key_store_wrap(path, "credential:kek2", &f));
    keyring *other = keyring_open(path, &f);
    must(other != NULL);
    keyring_close(other);
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_null(keyring_open(path, &f));
    assert_non_null(strstr(f.text, "is the credential kek2, and systemd hands over none"));
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    snprintf(before, sizeof before, "%s/kek2", folder);
    write_file(before, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
    assert_null(keyring_open(path, &f));
    snprintf(words, sizeof words, "wrapping key %s/kek2: is not the one that wrapped %s", folder, path);
    assert_string_equal(f.text, words);
    unsetenv("CREDENTIALS_DIRECTORY");
    keyring_close(ring);
    buf_free(&b);
}

/* The digit `at` of line `line`, from 1, is changed. */
static void change_digit(int line, size_t from_end)
{
    char text[20000];
    read_file(path, text, sizeof text);
    char *at = text;
    for (int i = 0; i < line; i++)
        at = strchr(at, '\n') + 1;
    at -= 1 + from_end;
    *at = *at == '0' ? '1' : '0';
    write_file(path, text);
}

static void refuses_what_was_changed(void **state)
{
    (void)state;
    static const struct {
        int line;
        size_t from_end;
        const char *words;
    } table[] = {{3, 1, "line 3: data: the key does not unwrap: it was changed, or another key wrapped it"},
                 {9, 80, "line 9: row: the key does not unwrap: it was changed, or another key wrapped it"},
                 {4, 90, "line 4: token_nid: the key is not the one that its commitment names"},
                 {2, 3, NULL}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        keyring_close(fresh());
        change_digit(table[i].line, table[i].from_end);
        keyring *ring = keyring_open(path, &f);
        assert_null(ring);
        if (table[i].words)
            refused(ring != NULL, table[i].words);
        else
            assert_non_null(strstr(f.text, "is not the one that wrapped"));
    }
}

/* Keys of two purposes exchanged are the right keys of wrong purposes: one file cannot tell, keyring.key does. */
static void refuses_wrong_lines(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *words;
    } table[] = {
        {"data 1 active", "data 1 retired", "has no active key for data"},
        {"data 1 active", "data 1 lost",
         "line 3: data: has no known state; accepted: pre-active, active, decrypt-only, retired, "
         "destroyed"},
        {"data 1 active", "data 0 active", "line 3: data: the version is no number above those before it"},
        {"token_nid 1 active", "data 1 active",
         "line 4: data: the version is no number above those before it"},
        {"token_nid 1 active", "data 2 active", "line 4: data: two versions are active"},
        {"data 1 active", "data 1 destroyed",
         "line 3: data: a key that was destroyed has \"-\" in its place"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[20000], changed[20000];
        keyring_close(fresh());
        read_file(path, text, sizeof text);
        char *at = strstr(text, table[i].from);
        assert_non_null(at);
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, table[i].to,
                 at + strlen(table[i].from));
        write_file(path, changed);
        refused(keyring_open(path, &f) != NULL, table[i].words);
    }
}

static void a_wrapping_key_that_others_can_read_is_refused(void **state)
{
    (void)state;
    keyring_close(fresh());
    assert_int_equal(chmod(kek, 0644), 0);
    assert_null(keyring_open(path, &f));
    assert_non_null(strstr(f.text, "has mode 0644; accepted: 0600 or 0400"));
    assert_int_equal(f.code, EXIT_KEYS);
}

static void format_1_has_no_versions(void **state)
{
    (void)state;
    uint32_t version;
    unlink(path);
    must(keyring_create(path, &f));
    refused(key_store_add(path, KEY_DATA, &version, &f),
            "is of format 1, which has one version of each key; see ekok keys upgrade");
    assert_false(key_store_wrap(path, "disk:kek", &f));
    assert_int_equal(f.code, EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(wraps_as_rfc_5649),
                                       cmocka_unit_test(upgrades_a_file_of_format_1),
                                       cmocka_unit_test(versions_go_through_their_states),
                                       cmocka_unit_test(a_ring_in_use_finds_a_new_version),
                                       cmocka_unit_test(a_file_that_went_bad_leaves_the_keys_in_use),
                                       cmocka_unit_test(tokens_of_both_versions),
                                       cmocka_unit_test(another_wrapping_key_wraps_the_same_keys),
                                       cmocka_unit_test(refuses_what_was_changed),
                                       cmocka_unit_test(refuses_wrong_lines),
                                       cmocka_unit_test(a_wrapping_key_that_others_can_read_is_refused),
                                       cmocka_unit_test(format_1_has_no_versions)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
