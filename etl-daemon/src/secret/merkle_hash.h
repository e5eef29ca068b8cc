/*
 * merkle_hash.h - the two hashes of an RFC 9162 tree (SHA-256): of a leaf and of a node over two hashes. The prefixes
 * 0x00 and 0x01 keep a leaf from ever being taken for a node.
 */
#ifndef ETL_SECRET_MERKLE_HASH_H
#define ETL_SECRET_MERKLE_HASH_H

#include <stdint.h>

#include "base/span.h"

enum { TREE_HASH_BYTES = 32 };

typedef struct {
    uint8_t b[TREE_HASH_BYTES];
} tree_hash;

typedef struct merkle_hasher merkle_hasher;

merkle_hasher *merkle_hasher_new(void); /* NULL without memory or algorithm; for one thread at a time */
void merkle_hasher_free(merkle_hasher *h);

MUST_CHECK bool merkle_leaf(merkle_hasher *h, span data, tree_hash *out);
MUST_CHECK bool merkle_node(merkle_hasher *h, const tree_hash *left, const tree_hash *right, tree_hash *out);
MUST_CHECK bool merkle_empty(merkle_hasher *h, tree_hash *out); /* the root of a tree without leaves */

#endif
