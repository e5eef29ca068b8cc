/*
 * seal.c - the sealed form, tokens, content MACs and hashes, on the calling thread's own contexts.
 */
#include "secret/seal.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "secret/algorithm.h"
#include "secret/key_set.h"
#include "secret/worker.h"

enum { FORM = 1, HEAD = 5, SEALED_AT = HEAD + XAES_NONCE_BYTES };

_Static_assert(SEALED_AT + XAES_TAG_BYTES == SEAL_OVERHEAD, "the overhead that seal.h states");

static void write_key_id(uint8_t out[4], uint32_t id)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(id >> (24 - 8 * i));
}

typedef struct {
    uint8_t bytes[SEAL_PLACE_MAX];
    size_t size;
} place_data;

static bool place_add(place_data *data, const void *bytes, size_t count)
{
    if (count > sizeof data->bytes - data->size)
        return false;
    if (count)
        memcpy(data->bytes + data->size, bytes, count);
    data->size += count;
    return true;
}

/* "ekok cell" 0 table 0 column 0 key id, row id: only the last is of free form, so no two places read alike. */
static bool place_bytes(const seal_place *place, uint32_t key, place_data *out)
{
    uint8_t id[4];
    write_key_id(id, key);
    out->size = 0;
    return place_add(out, "ekok cell", sizeof "ekok cell") &&
           place_add(out, place->table, strlen(place->table) + 1) &&
           place_add(out, place->column, strlen(place->column) + 1) && place_add(out, id, sizeof id) &&
           place_add(out, place->row_id.p, place->row_id.n);
}

bool seal_value(const keyring *ring, const seal_place *place, span clear, buf *out)
{
    place_data about;
    const key_set *set = keyring_now(ring);
    const kept_key *key = key_find(set, KEY_DATA, 0);
    worker *w = worker_for(set);
    xaes *cipher = w ? worker_cipher(w, key) : NULL;
    if (!cipher || clear.n > INT_MAX - SEAL_OVERHEAD || !place_bytes(place, key->version, &about) ||
        !buf_reserve(out, clear.n + SEAL_OVERHEAD))
        return false;
    uint8_t *at = (uint8_t *)out->data + out->size;
    at[0] = FORM;
    write_key_id(at + 1, key->version);
    if (!nonce_take(w->nonces, at + HEAD) ||
        !xaes_seal(cipher, at + HEAD, (span){(char *)about.bytes, about.size}, clear, at + SEALED_AT))
        return false;
    out->size += clear.n + SEAL_OVERHEAD;
    return true;
}

uint32_t sealed_version(span sealed)
{
    uint32_t id = 0;
    if (sealed.n < SEAL_OVERHEAD || sealed.p[0] != FORM)
        return 0;
    for (int i = 1; i < HEAD; i++)
        id = id << 8 | (unsigned char)sealed.p[i];
    return id;
}

/* A version that is not known may be newer than our reading of the key file. */
static const kept_key *key_for(const keyring *ring, uint32_t version, const key_set **set)
{
    failure ignored; /* then the key is missing, and that is said */
    *set = keyring_now(ring);
    const kept_key *key = version ? key_find(*set, KEY_DATA, version) : NULL;
    if (key || version == 0 || !keyring_refresh(ring, &ignored))
        return key;
    *set = keyring_now(ring);
    return key_find(*set, KEY_DATA, version);
}

bool open_value(const keyring *ring, const seal_place *place, span sealed, opened_value *out, failure *f)
{
    place_data about;
    const key_set *set;
    if (sealed.n < SEAL_OVERHEAD || sealed.p[0] != FORM)
        return fail(f, EXIT_KEYS, "the value in %s.%s is not in sealed form 1", place->table, place->column);
    const kept_key *key = key_for(ring, sealed_version(sealed), &set);
    if (!key)
        return fail(f, EXIT_KEYS, "the value in %s.%s is sealed with a key that is not in the key file",
                    place->table, place->column);
    if (sealed.n - SEAL_OVERHEAD > out->room)
        return fail(f, EXIT_KEYS, "the value in %s.%s is longer than %zu bytes", place->table, place->column,
                    out->room);
    worker *w = worker_for(set);
    xaes *cipher = w ? worker_cipher(w, key) : NULL;
    if (!cipher || !place_bytes(place, key->version, &about))
        return fail(f, EXIT_KEYS, "the value in %s.%s cannot be opened: no memory, or its place is too long",
                    place->table, place->column);
    if (!xaes_open(cipher, (const uint8_t *)sealed.p + HEAD, (span){(char *)about.bytes, about.size},
                   (span){sealed.p + SEALED_AT, sealed.n - SEALED_AT}, out->bytes))
        return fail(f, EXIT_KEYS,
                    "the value in %s.%s does not open: it was changed, moved from another cell, or sealed "
                    "with another "
                    "key",
                    place->table, place->column);
    out->size = sealed.n - SEAL_OVERHEAD;
    return true;
}

/* The data key seals and does nothing else. */
static bool token_by(const key_set *set, key_purpose purpose, uint32_t version, span subject,
                     uint8_t out[TOKEN_BYTES])
{
    uint8_t full[SHA256_BYTES];
    size_t size = 0;
    worker *w = purpose == KEY_DATA ? NULL : worker_for(set);
    const kept_key *key = w ? key_find(set, purpose, version) : NULL;
    EVP_MAC_CTX *mac = key ? worker_mac(w, key, purpose) : NULL;
    bool made = mac && EVP_MAC_update(mac, (const uint8_t *)subject.p, subject.n) == 1 &&
                EVP_MAC_final(mac, full, &size, sizeof full) == 1 && size == sizeof full;
    if (made)
        memcpy(out, full, TOKEN_BYTES);
    wipe(full, sizeof full);
    return made;
}

bool make_token_of(const keyring *ring, key_purpose purpose, uint32_t version, span subject,
                   uint8_t out[TOKEN_BYTES])
{
    return token_by(keyring_now(ring), purpose, version, subject, out);
}

bool make_token(const keyring *ring, key_purpose purpose, span subject, uint8_t out[TOKEN_BYTES])
{
    return token_by(keyring_now(ring), purpose, 0, subject, out);
}

bool make_tokens(const keyring *ring, key_purpose purpose, span subject, token_pair *out)
{
    const key_set *set = keyring_now(ring);
    uint32_t next = key_set_next(set, purpose);
    out->has_next = next != 0;
    return token_by(set, purpose, 0, subject, out->token) &&
           (next == 0 || token_by(set, purpose, next, subject, out->next));
}

/* SHA-256 over the parts in order. */
static bool hash_parts(const span *part, size_t count, uint8_t out[SHA256_BYTES])
{
    worker *w = worker_get();
    if (!w || EVP_DigestInit_ex2(w->digest, algorithms_get()->sha256, NULL) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (EVP_DigestUpdate(w->digest, part[i].p, part[i].n) != 1)
            return false;
    return EVP_DigestFinal_ex(w->digest, out, NULL) == 1;
}

bool sha256_of(span bytes, uint8_t out[SHA256_BYTES])
{
    return hash_parts(&bytes, 1, out);
}

bool row_uuid(span source, span record_id, char out[37])
{
    static const char hex[] = "0123456789abcdef";
    uint8_t hash[SHA256_BYTES];
    const span part[] = {{"ekok row", sizeof "ekok row"}, source, {"", 1}, record_id};
    if (!hash_parts(part, sizeof part / sizeof *part, hash))
        return false;
    hash[6] = (uint8_t)((hash[6] & 0x0F) | 0x80); /* version 8: ours */
    hash[8] = (uint8_t)((hash[8] & 0x3F) | 0x80); /* RFC 9562 variant */
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = hex[hash[i] >> 4];
        *out++ = hex[hash[i] & 15];
    }
    *out = '\0';
    return true;
}

void wipe(void *bytes, size_t count)
{
    OPENSSL_cleanse(bytes, count);
}
