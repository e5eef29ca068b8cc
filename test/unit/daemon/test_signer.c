/*
 * test_signer.c - keys and signatures of signed notes: the published example of the format (its key, its text, its
 * signature) is read, verified and made again to the byte; whatever was touched is refused.
 */
#include "secret/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "secret/base64.h"

/* The example of the documentation of golang.org/x/mod/sumdb/note; its private key is published with it. */
static const char EXAMPLE_PUBLIC[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char EXAMPLE_PRIVATE[] =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n";
static const char EXAMPLE_TEXT[] = "If you think cryptography is the answer to your problem,\n"
                                   "then you don't know what your problem is.\n";
static const char EXAMPLE_BLOB[] =
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

static char folder[] = "/tmp/ekok-signer-XXXXXX";

static const char *write_file(const char *name, const char *text, mode_t mode)
{
    static char path[100];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void example_key_is_read_and_written(void **state)
{
    (void)state;
    public_key key;
    char text[PUBLIC_KEY_TEXT];
    assert_true(public_key_read(span_of(EXAMPLE_PUBLIC), &key));
    assert_string_equal(key.name, "PeterNeumann");
    assert_int_equal(key.hash, 0xc74f20a3);
    public_key_write(&key, text);
    assert_string_equal(text, EXAMPLE_PUBLIC);
    /* a second published key: that of the checksum database of Go */
    assert_true(public_key_read(
        span_of("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"), &key));
}

static void example_is_verified_and_signed_again(void **state)
{
    (void)state;
    failure f = {.text = ""};
    public_key key;
    uint8_t blob[4 + SIGNATURE_BYTES], made[SIGNATURE_BYTES];
    assert_true(public_key_read(span_of(EXAMPLE_PUBLIC), &key));
    assert_true(base64_read(span_of(EXAMPLE_BLOB), blob, sizeof blob));
    assert_true(public_key_verifies(&key, span_of(EXAMPLE_TEXT), blob + 4));
    assert_false(public_key_verifies(&key, span_of("another text\n"), blob + 4));
    signer *s = signer_open(write_file("example", EXAMPLE_PRIVATE, 0600), &f);
    assert_non_null(s);
    assert_memory_equal(signer_public(s)->bytes, key.bytes, sizeof key.bytes);
    assert_true(signer_sign(s, span_of(EXAMPLE_TEXT), made));
    assert_memory_equal(made, blob + 4, SIGNATURE_BYTES);
    signer_close(s);
}

static void touched_keys_are_refused(void **state)
{
    (void)state;
    public_key key;
    for (size_t i = 0; i < sizeof EXAMPLE_PUBLIC - 1; i++) {
        char text[sizeof EXAMPLE_PUBLIC];
        memcpy(text, EXAMPLE_PUBLIC, sizeof text);
        text[i] = text[i] == 'b' ? 'd' : 'b';
        assert_false(public_key_read(span_of(text), &key));
        assert_false(public_key_read((span){EXAMPLE_PUBLIC, i}, &key));
    }
    assert_false(public_key_read((span){NULL, 0}, &key));
}

static void private_files_are_judged(void **state)
{
    (void)state;
    failure f = {.text = ""};
    char wrong[sizeof EXAMPLE_PRIVATE];
    assert_null(signer_open(write_file("open", EXAMPLE_PRIVATE, 0644), &f));
    assert_int_equal(f.code, EXIT_KEYS);
    assert_non_null(strstr(f.text, "mode 0644"));
    memcpy(wrong, EXAMPLE_PRIVATE, sizeof wrong);
    wrong[40] = wrong[40] == 'A' ? 'B' : 'A';
    f = (failure){.text = ""};
    assert_null(signer_open(write_file("wrong", wrong, 0600), &f));
    assert_non_null(strstr(f.text, "no key that signs the audit"));
    assert_null(strstr(f.text, "AYEK")); /* the message repeats nothing of the file */
    f = (failure){.text = ""};
    assert_null(signer_open("/nowhere/at/all", &f));
    assert_int_equal(f.code, EXIT_KEYS);
}

static void new_keys_differ_and_are_never_written_over(void **state)
{
    (void)state;
    failure f = {.text = ""};
    char path[100];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/new", folder);
    assert_true(signer_create(path, "registry.test/audit", &f));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_false(signer_create(path, "registry.test/audit", &f));
    signer *one = signer_open(path, &f);
    assert_non_null(one);
    (void)snprintf(path, sizeof path, "%s/newer", folder);
    assert_true(signer_create(path, "registry.test/audit", &f));
    signer *two = signer_open(path, &f);
    assert_non_null(two);
    assert_memory_not_equal(signer_public(one)->bytes, signer_public(two)->bytes, 32);
    uint8_t signature[SIGNATURE_BYTES];
    assert_true(signer_sign(one, span_of("text"), signature));
    assert_true(public_key_verifies(signer_public(one), span_of("text"), signature));
    assert_false(public_key_verifies(signer_public(two), span_of("text"), signature));
    assert_false(signer_create(path, "two words", &f));
    assert_int_equal(f.code, EXIT_USAGE);
    signer_close(one);
    signer_close(two);
}

static void base64_has_one_text_a_value(void **state)
{
    (void)state;
    uint8_t bytes[4];
    char text[9];
    base64_write((const uint8_t *)"\xff\x00\x7f\x01", 4, text);
    assert_string_equal(text, "/wB/AQ==");
    assert_true(base64_read(span_of("/wB/AQ=="), bytes, 4));
    assert_false(base64_read(span_of("/wB/AR=="), bytes, 4)); /* bits left over */
    assert_false(base64_read(span_of("/wB/AQ="), bytes, 4));
    assert_false(base64_read(span_of("/wB/AQ"), bytes, 4));
    assert_false(base64_read(span_of(" wB/AQ=="), bytes, 4));
    assert_false(base64_read(span_of("/wB/AQ=="), bytes, 3));
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"example", "open", "wrong", "new", "newer"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[100];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(example_key_is_read_and_written),
        cmocka_unit_test(example_is_verified_and_signed_again),
        cmocka_unit_test(touched_keys_are_refused),
        cmocka_unit_test(private_files_are_judged),
        cmocka_unit_test(new_keys_differ_and_are_never_written_over),
        cmocka_unit_test(base64_has_one_text_a_value),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
