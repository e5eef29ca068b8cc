/*
 * test_spdci.c - answers of an SP-DCI registry: records, totals, rejections; and signatures: what a pinned key opens,
 * and that nothing else opens.
 */
#include "decode/decode.h"
#include "decode/spdci.h"
#include "secret/jws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#define MESSAGE(header, search) "{\"header\":{" header "},\"message\":{\"search_response\":[{" search "}]}}"
#define DATA(records)           "\"reference_id\":\"1\",\"status\":\"succ\",\"data\":{\"reg_records\":" records "}"
#define TOTAL                   ",\"pagination\":{\"page_size\":2,\"page_number\":1,\"total_count\":\"31\"}"

static int records;

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    (void)context;
    records += damaged->count == 0 && raw_find(record, span_of("person.name")) != NULL;
    return true;
}

/* The total, "-" where there is none, or what is wrong. */
static void expect(const char *page, const char *want)
{
    const decode_options options = {.format = FORMAT_SPDCI, .row_bytes = 4096, .on_record = on_record};
    failure f = {.text = "-"};
    span total = {"-", 1};
    decoder *d = decoder_new(&options);
    records = 0;
    assert_non_null(d);
    if (decoder_feed(d, span_of(page), &f) && decoder_finish(d, &f))
        (void)decoder_envelope(d, 0, &total);
    else
        total = span_of(f.text);
    assert_int_equal(total.n, strlen(want));
    assert_memory_equal(total.p, want, total.n);
    decoder_free(d);
}

static void reads_records(void **state)
{
    (void)state;
    expect(MESSAGE("\"status\":\"succ\"",
                   DATA("[{\"person\":{\"name\":\"a\"}},{\"person\":{\"name\":\"b\"}}]") TOTAL),
           "31");
    assert_int_equal(records, 2);
    expect(MESSAGE("\"status\":\"rcvd\"", DATA("[]")), "-");
}

/* An envelope value, "-" where there is none. */
static void expect_said(const char *page, int i, const char *want)
{
    const decode_options options = {.format = FORMAT_SPDCI, .row_bytes = 4096, .on_record = on_record};
    failure f = {.text = ""};
    span value = {"-", 1};
    decoder *d = decoder_new(&options);
    records = 0;
    assert_non_null(d);
    if (!decoder_feed(d, span_of(page), &f) || !decoder_finish(d, &f))
        fail_msg("%s", f.text);
    (void)decoder_envelope(d, i, &value);
    assert_int_equal(value.n, strlen(want));
    assert_memory_equal(value.p, want, value.n);
    decoder_free(d);
}

static void tells_what_a_message_says_of_itself(void **state)
{
    (void)state;
    static const char page[] =
        "{\"header\":{\"message_ts\":\"2027-01-01T00:00:00Z\",\"sender_id\":\"SR\",\"receiver_id\":\"us\"},"
        "\"message\":{\"transaction_id\":\"t\",\"search_response\":[{"
        "\"status_reason_code\":\"string\"," DATA("[]") ",\"pagination\":{\"page_number\":\"7\"}}]}}";
    expect_said(page, SPDCI_TIME, "2027-01-01T00:00:00Z");
    expect_said(page, SPDCI_SENDER, "SR");
    expect_said(page, SPDCI_RECEIVER, "us");
    expect_said(page, SPDCI_TRANSACTION, "t");
    expect_said(page, SPDCI_REFERENCE, "1");
    expect_said(page, SPDCI_PAGE, "7");
    expect_said(page, SPDCI_REASON, "-"); /* the samples fill it in though nothing is rejected */
    expect_said(MESSAGE("\"status\":\"succ\"",
                        "\"status\":\"rjct\",\"status_reason_code\":\"rjct.pagination.invalid\""),
                SPDCI_REASON, "rjct.pagination.invalid"); /* no loss: it can be the end of a listing */
    assert_int_equal(records, 0);
}

static void tells_why_there_is_no_answer(void **state)
{
    (void)state;
    expect(MESSAGE("\"status\":\"rjct\",\"status_reason_code\":\"rjct.message_ts.invalid\"", ""),
           "page broken at byte 0: the registry rejects the search: rjct.message_ts.invalid; is this "
           "machine's clock right?");
    expect(MESSAGE("\"status\":\"succ\"", "\"status\":\"rjct\",\"status_reason_code\":\"rjct.sort.invalid\""),
           "page broken at byte 0: the registry rejects the search: rjct.sort.invalid");
    expect(MESSAGE("\"status\":\"rjct\",\"status_reason_code\":\"rjct.1990\"", ""),
           "page broken at byte 0: the registry rejects the search, with a reason code that SP-DCI does not "
           "list");
    expect(MESSAGE("", "\"status\":\"pdng\""),
           "page broken at byte 0: the registry has not answered the search yet (status pdng or rcvd)");
    expect(MESSAGE("\"is_msg_encrypted\":true", DATA("[]")),
           "page broken at byte 0: the message is encrypted (header.is_msg_encrypted): ask the registry for "
           "clear "
           "messages over TLS");
    expect(MESSAGE("", DATA("[]") "},{\"reference_id\":\"2\""),
           "page broken at byte 0: the message answers more than one search: one is read");
    expect(MESSAGE("", DATA("{}")),
           "page broken at byte 101: what stands at the path of the records is not an array");
}

static void finds_the_signature(void **state)
{
    (void)state;
    span found;
    assert_true(spdci_signature(span_of("{\"a\":{\"signature\":\"x\"},\"signature\" : \"a.b.c\"}"), &found));
    assert_true(span_equals(found, "a.b.c"));
    static const char *const none[] = {"{}",
                                       "{\"signature\":1}",
                                       "{\"a\":[\"signature\"]}",
                                       "{\"signature\":\"a\\u002e\"}",
                                       "{\"signature\":\"a\",\"signature\":\"b\"}",
                                       "{\"signature\":\"a",
                                       "[\"signature\":\"\\"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(spdci_signature(span_of(none[i]), &found));
}

static void add_encoded(char *out, const unsigned char *bytes, size_t count)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t n = strlen(out);
    for (size_t i = 0; i < count; i += 3) {
        unsigned bits = (unsigned)bytes[i] << 16 | (i + 1 < count ? (unsigned)bytes[i + 1] << 8 : 0) |
                        (i + 2 < count ? bytes[i + 2] : 0);
        for (size_t k = 0; k < (count - i > 2 ? 4 : count - i + 1); k++)
            out[n++] = digit[bits >> (18 - 6 * k) & 63];
    }
    out[n] = '\0';
}

static void sign(EVP_PKEY *key, const char *header, const char *payload, char out[4096])
{
    unsigned char signature[512];
    size_t size = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    out[0] = '\0';
    add_encoded(out, (const unsigned char *)header, strlen(header));
    strcat(out, ".");
    add_encoded(out, (const unsigned char *)payload, strlen(payload));
    const EVP_MD *digest = EVP_PKEY_is_a(key, "RSA") ? EVP_sha256() : NULL;
    assert_int_equal(EVP_DigestSignInit(context, NULL, digest, NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &size, (unsigned char *)out, strlen(out)), 1);
    EVP_MD_CTX_free(context);
    strcat(out, ".");
    add_encoded(out, signature, size);
}

static jws_key *public_of(EVP_PKEY *key)
{
    char path[] = "/tmp/ekok-test-jws-XXXXXX";
    int fd = mkstemp(path);
    FILE *out = fdopen(fd, "w");
    failure f;
    assert_non_null(out);
    assert_int_equal(PEM_write_PUBKEY(out, key), 1);
    fclose(out);
    jws_key *read = jws_key_read(path, &f);
    unlink(path);
    return read;
}

static bool opens(const jws_key *key, const char *token, const char *want)
{
    buf out;
    failure f;
    buf_init(&out, 1000);
    bool good = jws_open(key, span_of(token), &out, &f);
    assert_true(good ? span_equals(buf_span(&out), want) : out.size == 0 && f.code == EXIT_PARTIAL);
    buf_free(&out);
    return good;
}

static void opens_what_its_key_signed(void **state)
{
    (void)state;
    static const char payload[] = "{\"message\":\"যা স্বাক্ষরিত\"}";
    EVP_PKEY *pair[] = {EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
                        EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)};
    for (int i = 0; i < 2; i++) {
        char token[4096], changed[4096];
        jws_key *key = public_of(pair[i]), *other = public_of(pair[1 - i]);
        assert_non_null(key);
        sign(pair[i], "{\"alg\":\"whatever\",\"kid\":\"1\"}", payload, token);
        assert_true(opens(key, token, payload));
        assert_false(opens(other, token, payload));
        for (size_t at = 0; token[at] != '\0'; at += 7) {
            strcpy(changed, token);
            changed[at] = changed[at] == 'A' ? 'B' : 'A';
            assert_false(opens(key, changed, payload));
        }
        strcat(token, "A");
        assert_false(opens(key, token, payload));
        sign(pair[i], "{\"alg\":\"EdDSA\",\"crit\":[\"b64\"],\"b64\":false}", payload, token);
        assert_false(opens(key, token, payload));
        assert_false(opens(key, "", "") || opens(key, "..", "") || opens(key, "e30.e30.", "") ||
                     opens(key, "e30..AAAA", ""));
        jws_key_free(key);
        jws_key_free(other);
    }
    EVP_PKEY *small = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    assert_null(public_of(small));
    EVP_PKEY_free(small);
    EVP_PKEY_free(pair[0]);
    EVP_PKEY_free(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_records),
        cmocka_unit_test(tells_what_a_message_says_of_itself),
        cmocka_unit_test(tells_why_there_is_no_answer),
        cmocka_unit_test(finds_the_signature),
        cmocka_unit_test(opens_what_its_key_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
