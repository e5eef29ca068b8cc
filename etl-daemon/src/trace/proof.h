/*
 * proof.h - that a leaf is in a tree (inclusion), and that a tree is the beginning of a larger one (consistency):
 * made from the hashes of perfect subtrees, and checked from hashes alone, after RFC 9162, 2.1.3 and 2.1.4.
 */
#ifndef ETL_TRACE_PROOF_H
#define ETL_TRACE_PROOF_H

#include "secret/merkle_hash.h"

enum { PROOF_MAX = 128 };

typedef struct {
    tree_hash hash[PROOF_MAX];
    size_t count;
} proof;

/* Where hashes come from: of the perfect subtree of 2^level leaves, the `number`th of its level; false: none. */
typedef struct {
    bool (*subtree)(void *context, unsigned level, uint64_t number, tree_hash *out);
    void *context;
    merkle_hasher *hasher;
} proof_store;

/* Hash of the leaves from `first` on, `count` of them, where first is a multiple of the power of two at or above. */
MUST_CHECK bool proof_range(const proof_store *s, uint64_t first, uint64_t count, tree_hash *out);

/* False when leaf is not below size, or a hash is not to be had. */
MUST_CHECK bool proof_of_inclusion(const proof_store *s, uint64_t leaf, uint64_t size, proof *out);
/* 0 < before <= size */
MUST_CHECK bool proof_of_consistency(const proof_store *s, uint64_t before, uint64_t size, proof *out);

typedef struct {
    uint64_t size;
    tree_hash root;
} tree_head;

MUST_CHECK bool proof_includes(merkle_hasher *h, const proof *p, const tree_head *head, uint64_t leaf,
                               const tree_hash *leaf_hash);
MUST_CHECK bool proof_extends(merkle_hasher *h, const proof *p, const tree_head *before,
                              const tree_head *after);

#endif
