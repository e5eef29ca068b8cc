/*
 * proof.c - see proof.h. Recursion goes down one level of the tree a step: at most 63 deep.
 */
#include "trace/proof.h"

/* The largest power of two below count; count > 1. */
static uint64_t left_width(uint64_t count)
{
    uint64_t width = 1;
    while (width < count - width)
        width <<= 1;
    return width;
}

static unsigned level_of(uint64_t width)
{
    return (unsigned)__builtin_ctzll(width);
}

bool proof_range(const proof_store *s, uint64_t first, uint64_t count, tree_hash *out)
{
    tree_hash right;
    if (count == 0)
        return merkle_empty(s->hasher, out);
    if ((count & (count - 1)) == 0)
        return first % count == 0 && s->subtree(s->context, level_of(count), first / count, out);
    uint64_t width = left_width(count);
    return proof_range(s, first, width, out) && proof_range(s, first + width, count - width, &right) &&
           merkle_node(s->hasher, out, &right, out);
}

static bool append_range(const proof_store *s, uint64_t first, uint64_t count, proof *out)
{
    return out->count < PROOF_MAX && proof_range(s, first, count, &out->hash[out->count]) && ++out->count > 0;
}

/* PATH of RFC 9162 2.1.3.1: leaf counts from `first`. */
static bool append_path(const proof_store *s, uint64_t leaf, tree_head at, uint64_t first, proof *out)
{
    if (at.size == 1)
        return true;
    uint64_t width = left_width(at.size), rest = at.size - width;
    if (leaf < width)
        return append_path(s, leaf, (tree_head){.size = width}, first, out) &&
               append_range(s, first + width, rest, out);
    return append_path(s, leaf - width, (tree_head){.size = rest}, first + width, out) &&
           append_range(s, first, width, out);
}

bool proof_of_inclusion(const proof_store *s, uint64_t leaf, uint64_t size, proof *out)
{
    out->count = 0;
    return leaf < size && append_path(s, leaf, (tree_head){.size = size}, 0, out);
}

typedef struct {
    uint64_t first, count, before;
    bool whole; /* the smaller tree is known to who checks: its own root is left out */
} sub_proof;

/* SUBPROOF of RFC 9162 2.1.4.1. */
static bool append_sub_proof(const proof_store *s, sub_proof p, proof *out)
{
    if (p.before == p.count)
        return p.whole || append_range(s, p.first, p.count, out);
    uint64_t width = left_width(p.count), rest = p.count - width;
    if (p.before <= width)
        return append_sub_proof(s, (sub_proof){p.first, width, p.before, p.whole}, out) &&
               append_range(s, p.first + width, rest, out);
    return append_sub_proof(s, (sub_proof){p.first + width, rest, p.before - width, false}, out) &&
           append_range(s, p.first, width, out);
}

bool proof_of_consistency(const proof_store *s, uint64_t before, uint64_t size, proof *out)
{
    out->count = 0;
    return before > 0 && before <= size && append_sub_proof(s, (sub_proof){0, size, before, true}, out);
}

static bool same(const tree_hash *a, const tree_hash *b)
{
    return memcmp(a->b, b->b, TREE_HASH_BYTES) == 0;
}

bool proof_includes(merkle_hasher *h, const proof *p, const tree_head *head, uint64_t leaf,
                    const tree_hash *leaf_hash)
{
    uint64_t node = leaf, last = head->size - 1;
    tree_hash sum = *leaf_hash;
    if (leaf >= head->size)
        return false;
    for (size_t i = 0; i < p->count; i++) {
        if (last == 0)
            return false;
        if ((node & 1) || node == last) {
            if (!merkle_node(h, &p->hash[i], &sum, &sum))
                return false;
            for (; !(node & 1) && node != 0; node >>= 1)
                last >>= 1;
        } else if (!merkle_node(h, &sum, &p->hash[i], &sum)) {
            return false;
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && same(&sum, &head->root);
}

/* Walks up from the last leaf of the smaller tree, hashing both roots from the same path. */
static bool climb(merkle_hasher *h, const tree_hash *path, size_t count, tree_head *before, tree_head *after)
{
    uint64_t node = before->size - 1, last = after->size - 1;
    for (; node & 1; node >>= 1)
        last >>= 1;
    before->root = after->root = path[0];
    for (size_t i = 1; i < count; i++) {
        if (last == 0)
            return false;
        if ((node & 1) || node == last) {
            if (!merkle_node(h, &path[i], &before->root, &before->root) ||
                !merkle_node(h, &path[i], &after->root, &after->root))
                return false;
            for (; !(node & 1) && node != 0; node >>= 1)
                last >>= 1;
        } else if (!merkle_node(h, &after->root, &path[i], &after->root)) {
            return false;
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0;
}

bool proof_extends(merkle_hasher *h, const proof *p, const tree_head *before, const tree_head *after)
{
    tree_hash path[PROOF_MAX + 1];
    size_t count = 0;
    tree_head first = *before, second = *after;
    if (before->size == 0 || before->size > after->size)
        return false;
    if (before->size == after->size)
        return p->count == 0 && same(&before->root, &after->root);
    if ((before->size & (before->size - 1)) == 0)
        path[count++] = before->root;
    memcpy(path + count, p->hash, p->count * sizeof *path);
    count += p->count;
    return count > 0 && climb(h, path, count, &first, &second) && same(&first.root, &before->root) &&
           same(&second.root, &after->root);
}
