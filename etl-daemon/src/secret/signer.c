/*
 * signer.c - see signer.h. The private key lives in OpenSSL's locked heap alone: guarded, left out of core dumps, wiped
 * when it is freed.
 */
#include "secret/signer.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

#include "secret/base64.h"
#include "secret/key_file.h"
#include "secret/seal.h"

enum { ALGORITHM = 1, SEED_BYTES = 32, FILE_ROOM = 512, LOCKED_HEAP = 1 << 16 };

static const char PRIVATE_PREFIX[] = "PRIVATE+KEY+";

struct signer {
    public_key public_half;
    EVP_PKEY *key;
};

/* The locked heap, once a process. */
static bool locked_heap(failure *f)
{
    if (CRYPTO_secure_malloc_initialized() == 1 || CRYPTO_secure_malloc_init(LOCKED_HEAP, 16) == 1)
        return true;
    return fail(
        f, EXIT_KEYS,
        "keys cannot be locked in memory; raise the limit on locked memory (LimitMEMLOCK, ulimit -l)");
}

static bool good_name(span name)
{
    bool good = name.n > 0 && name.n <= KEY_NAME_MAX;
    for (size_t i = 0; i < name.n && good; i++)
        good = isgraph((unsigned char)name.p[i]) && name.p[i] != '+';
    return good;
}

static bool set_hash(public_key *key)
{
    char text[KEY_NAME_MAX + 2 + sizeof key->bytes];
    uint8_t hash[SHA256_BYTES];
    size_t n = strlen(key->name);
    memcpy(text, key->name, n);
    text[n++] = '\n';
    text[n++] = ALGORITHM;
    memcpy(text + n, key->bytes, sizeof key->bytes);
    if (!sha256_of((span){text, n + sizeof key->bytes}, hash))
        return false;
    key->hash = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
    return true;
}

/* NAME+HASH+BASE64 into its parts; `bytes` are those behind the algorithm's number. */
static bool split(span text, public_key *out, uint32_t *hash, uint8_t bytes[SEED_BYTES])
{
    uint8_t coded[1 + SEED_BYTES];
    const char *plus = text.n ? memchr(text.p, '+', text.n) : NULL;
    size_t name = plus ? (size_t)(plus - text.p) : 0;
    *out = (public_key){.hash = 0};
    if (!plus || !good_name((span){text.p, name}) || text.n < name + 10 || text.p[name + 9] != '+')
        return false;
    *hash = 0;
    for (size_t i = name + 1; i < name + 9; i++) {
        int c = text.p[i];
        if (!isdigit(c) && (c < 'a' || c > 'f'))
            return false;
        *hash = *hash << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    bool good = base64_read((span){text.p + name + 10, text.n - name - 10}, coded, sizeof coded) &&
                coded[0] == ALGORITHM;
    if (good) {
        memcpy(out->name, text.p, name);
        memcpy(bytes, coded + 1, SEED_BYTES);
    }
    wipe(coded, sizeof coded);
    return good;
}

bool public_key_read(span text, public_key *out)
{
    uint32_t hash;
    uint8_t bytes[SEED_BYTES];
    if (!split(text, out, &hash, bytes))
        return false;
    memcpy(out->bytes, bytes, sizeof out->bytes);
    return set_hash(out) && out->hash == hash;
}

static int write_key(const char *prefix, const public_key *key, const uint8_t bytes[SEED_BYTES], char *out,
                     size_t room)
{
    uint8_t coded[1 + SEED_BYTES] = {ALGORITHM};
    char base64[48];
    memcpy(coded + 1, bytes, SEED_BYTES);
    base64_write(coded, sizeof coded, base64);
    int n = snprintf(out, room, "%s%s+%08x+%s", prefix, key->name, key->hash, base64);
    wipe(coded, sizeof coded);
    wipe(base64, sizeof base64);
    return n;
}

void public_key_write(const public_key *key, char out[PUBLIC_KEY_TEXT])
{
    (void)write_key("", key, key->bytes, out, PUBLIC_KEY_TEXT);
}

bool public_key_verifies(const public_key *key, span text, const uint8_t signature[SIGNATURE_BYTES])
{
    EVP_PKEY *checker = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, sizeof key->bytes);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good =
        checker && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, checker) == 1 &&
        EVP_DigestVerify(context, signature, SIGNATURE_BYTES, (const unsigned char *)text.p, text.n) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(checker);
    return good;
}

static bool take_seed(signer *s, const uint8_t seed[SEED_BYTES])
{
    size_t size = sizeof s->public_half.bytes;
    s->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SEED_BYTES);
    return s->key && EVP_PKEY_get_raw_public_key(s->key, s->public_half.bytes, &size) == 1 &&
           size == sizeof s->public_half.bytes && set_hash(&s->public_half);
}

static bool parse(signer *s, span text)
{
    size_t prefix = sizeof PRIVATE_PREFIX - 1;
    uint32_t hash;
    uint8_t seed[SEED_BYTES];
    if (text.n > 0 && text.p[text.n - 1] == '\n')
        text.n--;
    bool good = text.n > prefix && memcmp(text.p, PRIVATE_PREFIX, prefix) == 0 &&
                split((span){text.p + prefix, text.n - prefix}, &s->public_half, &hash, seed) &&
                take_seed(s, seed) && s->public_half.hash == hash;
    wipe(seed, sizeof seed);
    return good;
}

signer *signer_open(const char *path, failure *f)
{
    size_t size = 0;
    if (!locked_heap(f))
        return NULL;
    char *text = OPENSSL_secure_zalloc(FILE_ROOM);
    signer *s = calloc(1, sizeof *s);
    bool good = text && s && key_file_read(path, text, FILE_ROOM, &size, f);
    if (good && !parse(s, (span){text, size}))
        good = fail(f, EXIT_KEYS,
                    "key file %s: is no key that signs the audit; ekok keys init-audit makes one", path);
    OPENSSL_secure_clear_free(text, FILE_ROOM);
    if (good)
        return s;
    if (!f->text[0])
        (void)fail(f, EXIT_KEYS, "no locked memory for a key");
    signer_close(s);
    return NULL;
}

void signer_close(signer *s)
{
    if (!s)
        return;
    EVP_PKEY_free(s->key);
    free(s);
}

const public_key *signer_public(const signer *s)
{
    return &s->public_half;
}

bool signer_sign(const signer *s, span text, uint8_t out[SIGNATURE_BYTES])
{
    size_t size = SIGNATURE_BYTES;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestSignInit(context, NULL, NULL, NULL, s->key) == 1 &&
                EVP_DigestSign(context, out, &size, (const unsigned char *)text.p, text.n) == 1 &&
                size == SIGNATURE_BYTES;
    EVP_MD_CTX_free(context);
    return good;
}

bool signer_create(const char *path, const char *name, failure *f)
{
    signer s = {.key = NULL};
    if (!good_name(span_of(name)))
        return fail(f, EXIT_USAGE,
                    "the name of an audit key is 1 to %d printable characters without blank and plus sign",
                    KEY_NAME_MAX);
    if (!locked_heap(f))
        return false;
    uint8_t *seed = OPENSSL_secure_zalloc(SEED_BYTES);
    char *text = OPENSSL_secure_zalloc(FILE_ROOM);
    (void)snprintf(s.public_half.name, sizeof s.public_half.name, "%s", name);
    bool good = seed && text && RAND_priv_bytes(seed, SEED_BYTES) == 1 && take_seed(&s, seed);
    if (good) {
        int n = write_key(PRIVATE_PREFIX, &s.public_half, seed, text, FILE_ROOM - 1);
        text[n++] = '\n';
        good = key_file_create(path, (span){text, (size_t)n}, f);
    } else {
        (void)fail(f, EXIT_KEYS, "OpenSSL gives no new key");
    }
    EVP_PKEY_free(s.key);
    OPENSSL_secure_clear_free(seed, SEED_BYTES);
    OPENSSL_secure_clear_free(text, FILE_ROOM);
    return good;
}
