/*
 * test_proof.c - digests and HMACs against published values, a detached JWS against our own reader, secret files.
 */
#include "secret/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "secret/jws.h"
#include "secret/secret_file.h"

/* The Ed25519 key of RFC 8037, appendix A, as PKCS #8 and SubjectPublicKeyInfo. */
static const char PRIVATE[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                              "-----END PRIVATE KEY-----\n";
static const char PUBLIC[] = "-----BEGIN PUBLIC KEY-----\n"
                             "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                             "-----END PUBLIC KEY-----\n";

static void makes_published_values(void **state)
{
    (void)state;
    char hex[PROOF_HEX];
    assert_true(proof_digest(span_of(""), hex));
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_true(
        proof_hmac(span_of("Jefe"), span_of("what do ya want for nothing?"), hex)); /* RFC 4231, 4.3 */
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void signs_what_our_reader_verifies(void **state)
{
    (void)state;
    char path[] = "/tmp/ekok-test-proof-XXXXXX", token[PROOF_JWS], whole[PROOF_JWS + 32];
    int fd = mkstemp(path);
    failure f;
    buf payload;
    assert_true(fd >= 0 && write(fd, PUBLIC, sizeof PUBLIC - 1) == (ssize_t)sizeof PUBLIC - 1);
    assert_int_equal(close(fd), 0);
    proof_key *key = proof_key_read(span_of(PRIVATE), "signing", &f);
    jws_key *reader = jws_key_read(path, &f);
    assert_true(key && reader);
    assert_true(proof_jws(key, "ekok-1", span_of("GET\n/a"), token));
    char *dots = strstr(token, "..");
    assert_non_null(dots);
    (void)snprintf(whole, sizeof whole, "%.*s.R0VUCi9h.%s", (int)(dots - token), token, dots + 2);
    buf_init(&payload, 100);
    assert_true(jws_open(reader, span_of(whole), &payload, &f));
    assert_true(span_equals(buf_span(&payload), "GET\n/a"));
    buf message; /* the same with its payload in it, behind what stands there */
    buf_init(&message, sizeof whole);
    assert_true(buf_add_text(&message, "x") && proof_token(key, "ekok-1", span_of("GET\n/a"), &message));
    assert_true(span_equals((span){message.data + 1, message.size - 1}, whole));
    assert_false(proof_token(key, "a\"b", span_of("x"), &message));
    assert_int_equal(message.size, strlen(whole) + 1);
    buf_free(&message);
    whole[strlen(whole) - 3] ^= 1;
    assert_false(jws_open(reader, span_of(whole), &payload, &f));
    assert_false(proof_jws(key, "a\"b", span_of("x"), token));
    buf_free(&payload);
    proof_key_free(key);
    jws_key_free(reader);
    (void)unlink(path);
    assert_null(proof_key_read(span_of(PUBLIC), "signing", &f));
    assert_string_equal(f.text,
                        "secret signing: is no private key in PEM, RSA of 2048 bits or more or Ed25519");
}

static void reads_secrets_of_ours_alone(void **state)
{
    (void)state;
    char directory[] = "/tmp/ekok-test-secret-XXXXXX", path[80];
    failure f;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/api-key", directory);
    FILE *out = fopen(path, "w");
    assert_true(out && fputs("s3cret value\r\n\n", out) >= 0 && fclose(out) == 0);
    assert_int_equal(chmod(path, 0600), 0);
    secret_file *s = secret_file_read(directory, "api-key", &f);
    assert_non_null(s);
    assert_string_equal(secret_file_text(s), "s3cret value");
    secret_file_free(s);
    assert_int_equal(chmod(path, 0604), 0);
    assert_null(secret_file_read(directory, "api-key", &f));
    assert_non_null(
        strstr(f.text, "api-key: others could read it; it must be yours, with mode 0600 or 0400"));
    assert_null(secret_file_read(directory, "../api-key", &f));
    assert_string_equal(f.text, "a secret's name is made of a-z, 0-9, '_' and '-'");
    assert_null(secret_file_read(directory, "none", &f));
    assert_non_null(
        strstr(f.text, "none: No such file or directory; a secret that a definition names is a file here"));
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_null(secret_file_read(directory, "api-key", &f));
    assert_non_null(strstr(f.text, "api-key: is empty, or no text"));
    (void)unlink(path);
    (void)rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(makes_published_values),
                                       cmocka_unit_test(signs_what_our_reader_verifies),
                                       cmocka_unit_test(reads_secrets_of_ours_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
