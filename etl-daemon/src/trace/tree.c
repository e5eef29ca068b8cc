/* tree.c - see tree.h. */
#include "trace/tree.h"

bool tree_add(tree *t, merkle_hasher *h, unsigned level, const tree_hash *hash)
{
    tree_hash sum = *hash;
    uint64_t width = (uint64_t)1 << level;
    if (level >= TREE_LEVELS || (t->size & (width - 1)) != 0)
        return false;
    unsigned at = level;
    for (; t->size >> at & 1; at++)
        if (!merkle_node(h, &t->edge[at], &sum, &sum))
            return false;
    t->edge[at] = sum;
    t->size += width;
    return true;
}

bool tree_root(const tree *t, merkle_hasher *h, tree_hash *out)
{
    bool begun = false;
    if (t->size == 0)
        return merkle_empty(h, out);
    for (unsigned at = 0; at < TREE_LEVELS; at++) {
        if (!(t->size >> at & 1))
            continue;
        if (!begun)
            *out = t->edge[at];
        else if (!merkle_node(h, &t->edge[at], out, out))
            return false;
        begun = true;
    }
    return true;
}
