/*
 * merkle_hash.c - see merkle_hash.h. Several hashes an entry, of two to a dozen blocks each: a call through EVP costs
 * as much as two blocks, so SHA-256 is called by its own name. OpenSSL 3 calls that old-fashioned, and keeps it.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "secret/merkle_hash.h"

#include <openssl/sha.h>
#include <stdlib.h>

struct merkle_hasher {
    SHA256_CTX state;
};

merkle_hasher *merkle_hasher_new(void)
{
    return calloc(1, sizeof(merkle_hasher));
}

void merkle_hasher_free(merkle_hasher *h)
{
    free(h);
}

static bool begin(merkle_hasher *h)
{
    return SHA256_Init(&h->state) == 1;
}

static bool add(merkle_hasher *h, const void *bytes, size_t count)
{
    return SHA256_Update(&h->state, bytes, count) == 1;
}

static bool end(merkle_hasher *h, tree_hash *out)
{
    return SHA256_Final(out->b, &h->state) == 1;
}

bool merkle_leaf(merkle_hasher *h, span data, tree_hash *out)
{
    return begin(h) && add(h, "\x00", 1) && (data.n == 0 || add(h, data.p, data.n)) && end(h, out);
}

bool merkle_node(merkle_hasher *h, const tree_hash *left, const tree_hash *right, tree_hash *out)
{
    uint8_t pair[1 + 2 * TREE_HASH_BYTES] = {1};
    memcpy(pair + 1, left->b, TREE_HASH_BYTES);
    memcpy(pair + 1 + TREE_HASH_BYTES, right->b, TREE_HASH_BYTES);
    return begin(h) && add(h, pair, sizeof pair) && end(h, out);
}

bool merkle_empty(merkle_hasher *h, tree_hash *out)
{
    return begin(h) && end(h, out);
}

/* A byte that tells whether there is an image; if so its length, 8 bytes, high first, and its bytes. */
static bool add_image(merkle_hasher *h, span image)
{
    uint8_t head[1 + sizeof(uint64_t)] = {image.p != NULL};
    for (size_t i = 0; i < sizeof(uint64_t); i++)
        head[1 + i] = (uint8_t)((uint64_t)image.n >> (8 * (sizeof(uint64_t) - 1 - i)));
    return add(h, head, image.p ? sizeof head : 1) && (image.n == 0 || add(h, image.p, image.n));
}

bool merkle_commitment(merkle_hasher *h, const salted_images *images, tree_hash *out)
{
    static const char domain[] = "ekok audit images\n";
    return begin(h) && add(h, domain, sizeof domain - 1) && add(h, images->salt, sizeof images->salt) &&
           add_image(h, images->old) && add_image(h, images->after) && end(h, out);
}
