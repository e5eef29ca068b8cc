/*
 * proof.c - see proof.h. Refuses a key id that JSON would have to escape.
 */
#include "secret/proof.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"

enum { DIGEST = 32, RSA_BITS_LEAST = 2048, SIGNATURE_MAX = 1024, HEADER_MAX = 256, SIGNED_MAX = 12288 };

struct proof_key {
    EVP_PKEY *key;
    bool rsa;
};

bool proof_digest(span bytes, char out[PROOF_HEX])
{
    unsigned char digest[DIGEST];
    if (EVP_Digest(bytes.p, bytes.n, digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    hex_write(digest, DIGEST, out);
    return true;
}

bool proof_hmac(span key, span message, char out[PROOF_HEX])
{
    unsigned char digest[DIGEST];
    unsigned size = sizeof digest;
    if (!HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)message.p, message.n, digest, &size))
        return false;
    hex_write(digest, DIGEST, out);
    return true;
}

proof_key *proof_key_read(span pem, const char *name, failure *f)
{
    BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);
    proof_key *key = calloc(1, sizeof *key);
    if (in && key)
        key->key = PEM_read_bio_PrivateKey(in, NULL, NULL, (void *)(uintptr_t) "");
    BIO_free(in);
    if (key && key->key)
        key->rsa = EVP_PKEY_is_a(key->key, "RSA") == 1;
    if (key && key->key &&
        (key->rsa ? EVP_PKEY_get_bits(key->key) >= RSA_BITS_LEAST : EVP_PKEY_is_a(key->key, "ED25519") == 1))
        return key;
    proof_key_free(key);
    (void)fail(f, EXIT_CONFIG, "secret %.64s: is no private key in PEM, RSA of 2048 bits or more or Ed25519",
               name);
    return NULL;
}

void proof_key_free(proof_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->key);
    free(key);
}

/* Base64url without padding. */
static bool add_encoded(buf *out, span bytes)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        bits = (bits << 8 | (unsigned char)bytes.p[i]) & 0xFFFFU;
        for (held += 8; held >= 6; held -= 6)
            if (!buf_add_char(out, digit[bits >> (held - 6) & 63U]))
                return false;
    }
    return held == 0 || buf_add_char(out, digit[bits << (6 - held) & 63U]);
}

static bool sign(const proof_key *key, span message, unsigned char *out, size_t *size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context &&
                EVP_DigestSignInit(context, NULL, key->rsa ? EVP_sha256() : NULL, NULL, key->key) == 1 &&
                EVP_DigestSign(context, out, size, (const unsigned char *)message.p, message.n) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

static bool plain(const char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7E || *text == '"' || *text == '\\')
            return false;
    return true;
}

bool proof_token(const proof_key *key, const char *key_id, span payload, buf *out)
{
    char header[HEADER_MAX];
    unsigned char signature[SIGNATURE_MAX];
    size_t size = sizeof signature, start = out->size;
    int n = snprintf(header, sizeof header, "{\"alg\":\"%s\",\"kid\":\"%s\"}", key->rsa ? "RS256" : "EdDSA",
                     key_id);
    bool good = n > 0 && n < HEADER_MAX && plain(key_id) && add_encoded(out, span_of(header)) &&
                buf_add_char(out, '.') && add_encoded(out, payload) &&
                sign(key, (span){out->data + start, out->size - start}, signature, &size) &&
                buf_add_char(out, '.') && add_encoded(out, (span){(const char *)signature, size});
    if (!good)
        out->size = start;
    return good;
}

bool proof_jws(const proof_key *key, const char *key_id, span payload, char out[PROOF_JWS])
{
    buf text;
    buf_init(&text, SIGNED_MAX);
    bool good = proof_token(key, key_id, payload, &text) && buf_add_char(&text, '\0');
    const char *first = good ? strchr(text.data, '.') : NULL, *last = good ? strrchr(text.data, '.') : NULL;
    int n = good ? snprintf(out, PROOF_JWS, "%.*s.%s", (int)(first - text.data), text.data, last) : 0;
    buf_free(&text);
    return n > 0 && n < PROOF_JWS;
}
