/*
 * merkle_hash.c - see merkle_hash.h. One digest context a hasher: making one costs more than a node.
 */
#include "secret/merkle_hash.h"

#include <stdlib.h>

#include "secret/algorithm.h"

struct merkle_hasher {
    EVP_MD_CTX *context;
    const EVP_MD *sha256;
};

merkle_hasher *merkle_hasher_new(void)
{
    const algorithms *all = algorithms_get();
    merkle_hasher *h = calloc(1, sizeof *h);
    if (h && all) {
        h->sha256 = all->sha256;
        h->context = EVP_MD_CTX_new();
    }
    if (h && h->context)
        return h;
    merkle_hasher_free(h);
    return NULL;
}

void merkle_hasher_free(merkle_hasher *h)
{
    if (!h)
        return;
    EVP_MD_CTX_free(h->context);
    free(h);
}

static bool begin(merkle_hasher *h)
{
    return EVP_DigestInit_ex2(h->context, h->sha256, NULL) == 1;
}

static bool add(merkle_hasher *h, const void *bytes, size_t count)
{
    return EVP_DigestUpdate(h->context, bytes, count) == 1;
}

static bool end(merkle_hasher *h, tree_hash *out)
{
    return EVP_DigestFinal_ex(h->context, out->b, NULL) == 1;
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
