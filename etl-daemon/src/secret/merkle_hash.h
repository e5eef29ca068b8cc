/*
 * merkle_hash.h - the two hashes of an RFC 9162 tree (SHA-256): of a leaf and of a node over two hashes. The prefixes
 * 0x00 and 0x01 keep a leaf from ever being taken for a node. And what stands in a leaf for an entry's images: a
 * commitment, of which nothing can be guessed once its salt is destroyed; the server's twin is
 * extension/src/audit/commitment.h.
 */
#ifndef ETL_SECRET_MERKLE_HASH_H
#define ETL_SECRET_MERKLE_HASH_H

#include <stdint.h>

#include "base/span.h"

enum { TREE_HASH_BYTES = 32, SALT_BYTES = 16 };

typedef struct {
    uint8_t b[TREE_HASH_BYTES];
} tree_hash;

/* The images of an entry: the row before and after, as the server keeps them; p is NULL where there is none. */
typedef struct {
    uint8_t salt[SALT_BYTES];
    span old, after;
} salted_images;

typedef struct merkle_hasher merkle_hasher;

merkle_hasher *merkle_hasher_new(void); /* NULL without memory; for one thread at a time */
void merkle_hasher_free(merkle_hasher *h);

MUST_CHECK bool merkle_leaf(merkle_hasher *h, span data, tree_hash *out);
MUST_CHECK bool merkle_node(merkle_hasher *h, const tree_hash *left, const tree_hash *right, tree_hash *out);
MUST_CHECK bool merkle_empty(merkle_hasher *h, tree_hash *out); /* the root of a tree without leaves */
MUST_CHECK bool merkle_commitment(merkle_hasher *h, const salted_images *images, tree_hash *out);

#endif
