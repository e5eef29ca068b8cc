/* tiler.c - see tiler.h. The edge of level L is that of the whole tree from height 8 L to 8 L + 7. */
#include "trace/tiler.h"

static bool broken(failure *f)
{
    return fail(f, EXIT_INTERNAL, "the tree of the audit cannot be hashed further");
}

/* A full tile leaves its level; its root is the next hash of the level above. */
static bool finish(tiler *t, unsigned level, tree_hash *root, failure *f)
{
    const tile full = {level, (t->size >> (TILE_BITS * (level + 1))) - 1, t->level[level].hash};
    if (!tree_root(&t->level[level].edge, t->hasher, root))
        return broken(f);
    t->level[level].edge.size = 0;
    return !t->on_tile || t->on_tile(t->context, &full, f);
}

static bool put(tiler *t, unsigned level, const tree_hash *hash)
{
    tree *edge = &t->level[level].edge;
    if (edge->size >= TILE_HASHES)
        return false;
    t->level[level].hash[edge->size] = *hash;
    return tree_add(edge, t->hasher, 0, hash);
}

bool tiler_add(tiler *t, const tree_hash *leaf, failure *f)
{
    tree_hash hash = *leaf;
    t->size++;
    for (unsigned level = 0; level < TILE_LEVELS && put(t, level, &hash); level++) {
        if (t->level[level].edge.size < TILE_HASHES)
            return true;
        if (!finish(t, level, &hash, f))
            return false;
    }
    return broken(f);
}

bool tiler_restore(tiler *t, unsigned level, const tree_hash *hash)
{
    t->size += (uint64_t)1 << (TILE_BITS * level);
    return put(t, level, hash);
}

bool tiler_root(const tiler *t, tree_hash *out)
{
    bool begun = false;
    if (t->size == 0)
        return merkle_empty(t->hasher, out);
    for (unsigned at = 0; at < TILE_LEVELS * TILE_BITS; at++) {
        const tree *edge = &t->level[at / TILE_BITS].edge;
        if (!(edge->size >> (at % TILE_BITS) & 1))
            continue;
        if (!begun)
            *out = edge->edge[at % TILE_BITS];
        else if (!merkle_node(t->hasher, &edge->edge[at % TILE_BITS], out, out))
            return false;
        begun = true;
    }
    return begun;
}

bool tile_root(merkle_hasher *h, const tree_hash hash[TILE_HASHES], tree_hash *out)
{
    tree whole = {.size = 0};
    for (size_t i = 0; i < TILE_HASHES; i++)
        if (!tree_add(&whole, h, 0, &hash[i]))
            return false;
    return tree_root(&whole, h, out);
}
