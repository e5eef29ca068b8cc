/* jws.c - see jws.h. */
#include "secret/jws.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { RSA_BITS_LEAST = 2048, SIGNATURE_MAX = 1024, HEADER_MAX = 4096 };

struct jws_key {
    EVP_PKEY *key;
    bool rsa;
};

static bool usable(const EVP_PKEY *key, bool *rsa)
{
    *rsa = EVP_PKEY_is_a(key, "RSA") == 1;
    return *rsa ? EVP_PKEY_get_bits(key) >= RSA_BITS_LEAST : EVP_PKEY_is_a(key, "ED25519") == 1;
}

jws_key *jws_key_read(const char *path, failure *f)
{
    FILE *in = fopen(path, "re");
    EVP_PKEY *read = in ? PEM_read_PUBKEY(in, NULL, NULL, NULL) : NULL;
    jws_key *key = calloc(1, sizeof *key);

    if (in != NULL) {
        (void)fclose(in);
    }
    if (read == NULL || key == NULL || !usable(read, &key->rsa)) {
        EVP_PKEY_free(read);
        free(key);
        (void)fail(f, EXIT_CONFIG,
                   "%.300s: is no public key in PEM, RSA of 2048 bits or more or Ed25519; see source.signer",
                   path);
        return NULL;
    }
    key->key = read;
    return key;
}

void jws_key_free(jws_key *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->key);
        free(key);
    }
}

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Appends what base64url text stands for; false when it is not such text, or its last bits are not zero. */
static bool decode(span text, buf *out)
{
    uint32_t bits = 0;
    unsigned held = 0;

    if (text.n % 4 == 1 || !buf_reserve(out, text.n / 4 * 3 + 3)) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        int digit = digit_of(text.p[i]);
        if (digit < 0) {
            return false;
        }
        bits = (bits << 6 | (uint32_t)digit) & 0xFFFFU;
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (!buf_add_char(out, (char)(bits >> held & 0xFFU))) {
                return false;
            }
        }
    }
    return (bits & ((1U << held) - 1U)) == 0;
}

static bool verify(const jws_key *key, span signed_part, span signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL &&
                EVP_DigestVerifyInit(context, NULL, key->rsa ? EVP_sha256() : NULL, NULL, key->key) == 1 &&
                EVP_DigestVerify(context, (const unsigned char *)signature.p, signature.n,
                                 (const unsigned char *)signed_part.p, signed_part.n) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

/* Is the protected header readable, and does it ask for nothing that we do not know? */
static bool plain_header(span text)
{
    buf header;
    buf_init(&header, HEADER_MAX);
    bool good = decode(text, &header) && header.size > 0 &&
                memmem(header.data, header.size, "\"crit\"", 6) == NULL &&
                memchr(header.data, '\\', header.size) == NULL;
    buf_free(&header);
    return good;
}

static bool split(span token, span part[3])
{
    for (int i = 0; i < 3; i++) {
        const char *dot = token.n > 0 ? memchr(token.p, '.', token.n) : NULL;
        if ((dot == NULL) != (i == 2)) {
            return false;
        }
        part[i] = (span){token.p, dot != NULL ? (size_t)(dot - token.p) : token.n};
        size_t past = part[i].n + (dot != NULL ? 1 : 0);
        token = (span){token.p + past, token.n - past};
    }
    return part[0].n > 0 && part[1].n > 0 && part[2].n > 0;
}

bool jws_open(const jws_key *key, span token, buf *out, failure *f)
{
    span part[3];
    size_t before = out->size;
    buf signature;
    buf_init(&signature, SIGNATURE_MAX);
    bool good = split(token, part) && plain_header(part[0]) && decode(part[2], &signature) &&
                verify(key, (span){token.p, part[0].n + 1 + part[1].n}, buf_span(&signature));
    buf_free(&signature);
    if (!good) {
        return fail(f, EXIT_PARTIAL, "the message's signature is missing or not that of source.signer");
    }
    if (!decode(part[1], out)) {
        out->size = before;
        return fail(f, EXIT_PARTIAL, "the signed message is not base64url, or larger than page_bytes");
    }
    return true;
}
