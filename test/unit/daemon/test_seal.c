/*
 * test_seal.c - XAES-256-GCM against the vectors of C2SP (c2sp.org/XAES-256-GCM, the accumulated ones included), and
 * what a sealed cell refuses. Tokens, hashes and uuids against values made with Python's hmac, hashlib and uuid.
 */
#include "secret/seal.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "secret/xaes.h"

static keyring *ring, *other_ring;

static const seal_place CELL = {
    "registry.enrolment", "nid_sealed", {"ed391576-5146-854f-b689-00176ac8cc6d", 36}};

/* Fixed keys: purpose i has 32 counting bytes from 16 * i + first. */
static keyring *make_ring(int first)
{
    char path[] = "/tmp/ekok-test-seal-XXXXXX";
    failure f;
    int fd = mkstemp(path);
    dprintf(fd, "ekok-keys 1\n");
    for (int i = 0; i < KEY_PURPOSES; i++) {
        dprintf(fd, "%s 1 ", key_purpose_name((key_purpose)i));
        for (int k = 0; k < KEY_BYTES; k++)
            dprintf(fd, "%02x", (16 * i + k + first) & 255);
        dprintf(fd, "\n");
    }
    close(fd);
    keyring *made = keyring_open(path, &f);
    unlink(path);
    return made;
}

static int open_rings(void **state)
{
    (void)state;
    ring = make_ring(0);
    other_ring = make_ring(1);
    return !ring || !other_ring;
}

static int close_rings(void **state)
{
    (void)state;
    keyring_close(ring);
    keyring_close(other_ring);
    return 0;
}

static void check_hex(const void *bytes, size_t size, const char *want)
{
    char text[200];
    for (size_t i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", ((const uint8_t *)bytes)[i]);
    assert_string_equal(text, want);
}

static void agrees_with_c2sp(void **state)
{
    (void)state;
    static const struct {
        uint8_t key;
        const char *k1, *derived, *aad, *sealed;
    } vector[] = {{1, "e531954aca063d5b8d9c47a47d4cc6f0",
                   "c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b", "",
                   "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
                  {3, "23810ec50edb99f374409466ed1f4b7b",
                   "e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8",
                   "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"}};
    const uint8_t *nonce = (const uint8_t *)"ABCDEFGHIJKLMNOPQRSTUVWX";
    xaes x;
    assert_true(xaes_init(&x));
    for (size_t i = 0; i < 2; i++) {
        uint8_t key[XAES_KEY_BYTES], derived[XAES_KEY_BYTES], sealed[28], clear[12];
        memset(key, vector[i].key, sizeof key);
        assert_true(xaes_set_key(&x, key));
        check_hex(x.k1, sizeof x.k1, vector[i].k1);
        assert_true(xaes_derive(&x, nonce, derived));
        check_hex(derived, sizeof derived, vector[i].derived);
        assert_true(xaes_seal(&x, nonce, span_of(vector[i].aad), span_of("XAES-256-GCM"), sealed));
        check_hex(sealed, sizeof sealed, vector[i].sealed);
        assert_true(xaes_open(&x, nonce, span_of(vector[i].aad), (span){(char *)sealed, 28}, clear));
        assert_memory_equal(clear, "XAES-256-GCM", 12);
    }
    xaes_free(&x);
}

/* SHAKE-128 of nothing gives key, nonce, length-prefixed text and data, 10 000 times; all that is sealed is hashed. */
static void agrees_with_c2sp_10000_times(void **state)
{
    (void)state;
    enum { ROUNDS = 10000, STREAM = ROUNDS * (32 + 24 + 256 + 256) };
    uint8_t *stream = malloc(STREAM), hash[32], sealed[255 + 16], clear[255];
    EVP_MD *shake = EVP_MD_fetch(NULL, "SHAKE128", NULL);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    xaes x;
    assert_true(xaes_init(&x));
    assert_int_equal(EVP_DigestInit_ex2(digest, shake, NULL), 1);
    assert_int_equal(EVP_DigestFinalXOF(digest, stream, STREAM), 1);
    assert_int_equal(EVP_DigestInit_ex2(digest, shake, NULL), 1);
    const uint8_t *at = stream;
    for (int i = 0; i < ROUNDS; i++) {
        const uint8_t *key = at, *nonce = at + 32;
        span text = {(const char *)at + 57, at[56]};
        span aad = {text.p + text.n + 1, (uint8_t)text.p[text.n]};
        at = (const uint8_t *)aad.p + aad.n;
        assert_true(xaes_set_key(&x, key) && xaes_seal(&x, nonce, aad, text, sealed));
        assert_true(xaes_open(&x, nonce, aad, (span){(char *)sealed, text.n + 16}, clear));
        assert_memory_equal(clear, text.p, text.n);
        assert_int_equal(EVP_DigestUpdate(digest, sealed, text.n + 16), 1);
    }
    assert_int_equal(EVP_DigestFinalXOF(digest, hash, sizeof hash), 1);
    check_hex(hash, sizeof hash, "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
    xaes_free(&x);
    EVP_MD_CTX_free(digest);
    EVP_MD_free(shake);
    free(stream);
}

/* Seals `text` for CELL into a fresh buffer. */
static buf sealed_text(const char *text)
{
    buf b;
    buf_init(&b, 4096);
    assert_true(seal_value(ring, &CELL, span_of(text), &b));
    return b;
}

static bool opens(const keyring *with, const seal_place *place, span sealed)
{
    uint8_t out[1000];
    opened_value value = {out, sizeof out, 12345};
    failure f = {EXIT_DONE, ""};
    bool opened = open_value(with, place, sealed, &value, &f);
    if (!opened) {
        assert_int_equal(f.code, EXIT_KEYS);
        assert_int_equal(value.size, 12345);
    }
    return opened;
}

static void opens_what_it_sealed(void **state)
{
    (void)state;
    char text[301];
    uint8_t out[301];
    failure f;
    for (size_t n = 0; n <= 300; n++) {
        opened_value value = {out, n, 0};
        buf b;
        memset(text, 'a' + (int)(n % 26), n);
        buf_init(&b, 1000);
        assert_true(buf_add_text(&b, "kept"));
        assert_true(seal_value(ring, &CELL, (span){text, n}, &b));
        assert_int_equal(b.size, 4 + n + SEAL_OVERHEAD);
        assert_memory_equal(b.data, "kept\x01\0\0\0\x01", 9); /* appended; form 1, key id 1 */
        assert_true(open_value(ring, &CELL, (span){b.data + 4, b.size - 4}, &value, &f));
        assert_int_equal(value.size, n);
        assert_memory_equal(out, text, n);
        buf_free(&b);
    }
}

static void never_seals_alike(void **state)
{
    (void)state;
    buf a = sealed_text("19901234567890123"), b = sealed_text("19901234567890123");
    assert_memory_not_equal(a.data + 5, b.data + 5, XAES_NONCE_BYTES);
    assert_memory_not_equal(a.data + 29, b.data + 29, 17);
    buf_free(&a);
    buf_free(&b);
}

static void a_moved_cell_does_not_open(void **state)
{
    (void)state;
    static const seal_place moved[] = {
        {"registry.enrolment", "brn_sealed", {"ed391576-5146-854f-b689-00176ac8cc6d", 36}},
        {"registry.person", "nid_sealed", {"ed391576-5146-854f-b689-00176ac8cc6d", 36}},
        {"registry.enrolment", "nid_sealed", {"ed391576-5146-854f-b689-00176ac8cc6e", 36}},
        {"registry.enrolment", "nid_sealed", {"ed391576-5146-854f-b689-00176ac8cc6d", 35}},
        {"registry.enrolment", "nid_sealed", {"", 0}},
        {"registry.enrolmentn", "id_sealed", {"ed391576-5146-854f-b689-00176ac8cc6d", 36}},
        {"", "registry.enrolmentnid_sealed", {"ed391576-5146-854f-b689-00176ac8cc6d", 36}}};
    buf b = sealed_text("19901234567890123");
    assert_true(opens(ring, &CELL, buf_span(&b)));
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
        if (opens(ring, &moved[i], buf_span(&b)))
            fail_msg("opened at place %zu", i);
    buf_free(&b);
}

static void a_changed_bit_is_refused_everywhere(void **state)
{
    (void)state;
    buf b = sealed_text("19901234567890123");
    for (size_t i = 0; i < b.size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            b.data[i] = (char)(b.data[i] ^ (1 << bit));
            if (opens(ring, &CELL, buf_span(&b)))
                fail_msg("opened with bit %d of byte %zu changed", bit, i);
            b.data[i] = (char)(b.data[i] ^ (1 << bit));
        }
    }
    assert_true(opens(ring, &CELL, buf_span(&b)));
    buf_free(&b);
}

static void a_cut_or_lengthened_value_is_refused(void **state)
{
    (void)state;
    buf b = sealed_text("19901234567890123");
    for (size_t n = 0; n < b.size; n++) {
        assert_false(opens(ring, &CELL, (span){b.data, n}));
        assert_false(opens(ring, &CELL, (span){b.data + b.size - n, n}));
    }
    size_t size = b.size;
    assert_true(buf_add_char(&b, '\0'));
    assert_false(opens(ring, &CELL, buf_span(&b)));
    assert_true(opens(ring, &CELL, (span){b.data, size}));
    buf_free(&b);
}

static void another_key_does_not_open(void **state)
{
    (void)state;
    buf b = sealed_text("19901234567890123");
    assert_false(opens(other_ring, &CELL, buf_span(&b)));
    assert_true(opens(ring, &CELL, buf_span(&b)));
    buf_free(&b);
}

static void says_why_without_the_value(void **state)
{
    (void)state;
    uint8_t out[17];
    opened_value value = {out, 16, 0};
    failure f;
    buf b = sealed_text("19901234567890123");
    assert_false(open_value(ring, &CELL, buf_span(&b), &value, &f));
    assert_string_equal(f.text, "the value in registry.enrolment.nid_sealed is longer than 16 bytes");
    value.room = 17;
    assert_true(open_value(ring, &CELL, buf_span(&b), &value, &f));
    b.data[40] ^= 1;
    assert_false(open_value(ring, &CELL, buf_span(&b), &value, &f));
    assert_string_equal(
        f.text, "the value in registry.enrolment.nid_sealed does not open: it was changed, moved from "
                "another cell, or sealed with another key");
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(out[i], 0); /* nothing half-opened is left */
    b.data[4] = 2;
    assert_false(open_value(ring, &CELL, buf_span(&b), &value, &f));
    assert_string_equal(f.text,
                        "the value in registry.enrolment.nid_sealed is sealed with a key that is not in the "
                        "key file");
    assert_false(open_value(ring, &CELL, span_of("19901234567890123"), &value, &f));
    assert_string_equal(f.text, "the value in registry.enrolment.nid_sealed is not in sealed form 1");
    buf_free(&b);
}

static void keeps_the_ceilings(void **state)
{
    (void)state;
    char id[300];
    buf b;
    memset(id, 'i', sizeof id);
    seal_place far = {"t", "c", {id, 238}};
    buf_init(&b, SEAL_OVERHEAD + 3);
    assert_false(seal_value(ring, &CELL, span_of("four"), &b));
    assert_int_equal(b.size, 0);
    assert_true(seal_value(ring, &CELL, span_of("tri"), &b));
    buf_clear(&b);
    assert_true(seal_value(ring, &far, span_of("x"), &b)); /* 1 + 1 + 238 */
    buf_clear(&b);
    far.row_id.n = 239;
    assert_false(seal_value(ring, &far, span_of("x"), &b));
    assert_int_equal(b.size, 0);
    buf_free(&b);
}

static void makes_tokens(void **state)
{
    (void)state;
    static const struct {
        key_purpose purpose;
        const char *subject, *token;
    } table[] = {{KEY_TOKEN_NID, "13:1234567890123", "276dcdf62825f1f4412b21b5bb799537"},
                 {KEY_TOKEN_BRN, "13:1234567890123", "33091c30912f9c4e92be58cfeb010153"},
                 {KEY_TOKEN_NID, "", "c6551863a07016a8492dbf95c2fe8904"},
                 {KEY_TOKEN_MOBILE, "13:1234567890123", "f8eec5c35105b0b1647a7d5f3215e8ed"},
                 {KEY_TOKEN_WALLET, "13:1234567890123", "61944043c5ed64b06104e7430a2e1491"},
                 {KEY_TOKEN_ACCOUNT, "", "09944efe2efece24ddfa34e5aed60304"},
                 {KEY_ROW, "13:1234567890123", "b625a31275241ef63e6703f630c2b7b8"},
                 {KEY_TOKEN_NID, "13:1234567890123", "276dcdf62825f1f4412b21b5bb799537"}};
    for (int round = 0; round < 2; round++) {
        uint8_t token[TOKEN_BYTES], foreign[TOKEN_BYTES];
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            assert_true(make_token(ring, table[i].purpose, span_of(table[i].subject), token));
            check_hex(token, sizeof token, table[i].token);
            assert_true(make_token(other_ring, table[i].purpose, span_of(table[i].subject), foreign));
            assert_memory_not_equal(token, foreign, sizeof token); /* the thread's contexts change keys */
        }
        assert_false(make_token(ring, KEY_DATA, span_of("x"), token));
    }
}

static void a_closed_ring_leaves_no_key_in_use(void **state)
{
    (void)state;
    uint8_t first[TOKEN_BYTES], second[TOKEN_BYTES];
    for (int i = 0; i < 2; i++) { /* likely the same address twice, with other keys */
        keyring *brief = make_ring(40 + i);
        assert_non_null(brief);
        assert_true(make_token(brief, KEY_TOKEN_NID, span_of("x"), i ? second : first));
        keyring_close(brief);
    }
    assert_memory_not_equal(first, second, TOKEN_BYTES);
}

static void hashes(void **state)
{
    (void)state;
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    uint8_t hash[SHA256_BYTES];
    for (int again = 0; again < 2; again++) { /* nothing is left over from the hash before */
        assert_true(sha256_of(span_of("abc"), hash));
        check_hex(hash, sizeof hash, abc);
    }
    assert_true(sha256_of((span){NULL, 0}, hash));
    check_hex(hash, sizeof hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_true(sha256_of(span_of("abc"), hash));
    check_hex(hash, sizeof hash, abc);
}

static void names_rows(void **state)
{
    (void)state;
    char id[37], other[37];
    assert_true(row_uuid(span_of("dss"), span_of("DSS-12345"), id));
    assert_string_equal(id, "ed391576-5146-854f-b689-00176ac8cc6d");
    assert_true(row_uuid(span_of("dss"), span_of("DSS-12346"), other));
    assert_string_not_equal(id, other);
    assert_true(row_uuid(span_of("ds"), span_of("sDSS-12345"), other));
    assert_string_not_equal(id, other);
}

static void wipes(void **state)
{
    (void)state;
    char text[8] = "secrets";
    wipe(text + 1, 6);
    assert_memory_equal(text, "s\0\0\0\0\0\0", 8);
}

/* Seals, opens and makes tokens; returns its argument when all was right. */
static void *work(void *argument)
{
    uint8_t out[100], first[TOKEN_BYTES], again[TOKEN_BYTES];
    opened_value value = {out, sizeof out, 0};
    failure f;
    buf b;
    buf_init(&b, 200);
    bool right = make_token(ring, KEY_TOKEN_NID, span_of(argument), first);
    for (int i = 0; i < 2000 && right; i++) {
        buf_clear(&b);
        right = seal_value(i % 3 ? ring : other_ring, &CELL, span_of(argument), &b) &&
                open_value(i % 3 ? ring : other_ring, &CELL, buf_span(&b), &value, &f) &&
                value.size == strlen(argument) && memcmp(out, argument, value.size) == 0 &&
                make_token(ring, KEY_TOKEN_NID, span_of(argument), again) &&
                mac_equal(first, again, TOKEN_BYTES);
    }
    buf_free(&b);
    return right ? argument : NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    pthread_t thread[4];
    char text[4][20] = {"1990123456789012", "8801712345678", "x", "BKASH:8801812345678"};
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, work, text[i]), 0);
    for (int i = 0; i < 4; i++) {
        void *answer;
        pthread_join(thread[i], &answer);
        assert_ptr_equal(answer, text[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_c2sp),
                                       cmocka_unit_test(agrees_with_c2sp_10000_times),
                                       cmocka_unit_test(opens_what_it_sealed),
                                       cmocka_unit_test(never_seals_alike),
                                       cmocka_unit_test(a_moved_cell_does_not_open),
                                       cmocka_unit_test(a_changed_bit_is_refused_everywhere),
                                       cmocka_unit_test(a_cut_or_lengthened_value_is_refused),
                                       cmocka_unit_test(another_key_does_not_open),
                                       cmocka_unit_test(says_why_without_the_value),
                                       cmocka_unit_test(keeps_the_ceilings),
                                       cmocka_unit_test(makes_tokens),
                                       cmocka_unit_test(a_closed_ring_leaves_no_key_in_use),
                                       cmocka_unit_test(hashes),
                                       cmocka_unit_test(names_rows),
                                       cmocka_unit_test(wipes),
                                       cmocka_unit_test(threads_do_not_disturb_each_other)};
    return cmocka_run_group_tests(tests, open_rings, close_rings);
}
