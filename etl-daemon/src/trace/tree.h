/*
 * tree.h - an RFC 9162 Merkle tree that only grows: it keeps the hashes of its right edge, so that a leaf costs one
 * hash and, on average, one node, and memory stays the same however large the tree is.
 */
#ifndef ETL_TRACE_TREE_H
#define ETL_TRACE_TREE_H

#include "secret/merkle_hash.h"

enum { TREE_LEVELS = 63 };

typedef struct {
    uint64_t size;
    tree_hash edge
        [TREE_LEVELS]; /* edge[h]: root of the perfect subtree of 2^h leaves, where bit h of size is set */
} tree;

/* Adds a subtree of 2^level leaves behind all that stand; size must be a multiple of 2^level. */
MUST_CHECK bool tree_add(tree *t, merkle_hasher *h, unsigned level, const tree_hash *hash);

MUST_CHECK bool tree_root(const tree *t, merkle_hasher *h, tree_hash *out);

#endif
