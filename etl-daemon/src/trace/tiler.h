/*
 * tiler.h - grows the tree of the audit in tiles of 256 hashes (after C2SP tlog-tiles): a full tile is handed over
 * once, the hashes of the unfinished ones stay in memory, 8 KiB a level.
 */
#ifndef ETL_TRACE_TILER_H
#define ETL_TRACE_TILER_H

#include "base/failure.h"
#include "trace/tree.h"

enum { TILE_LEVELS = 7, TILE_BITS = 8, TILE_HASHES = 1 << TILE_BITS };

typedef struct {
    unsigned level;
    uint64_t number;
    const tree_hash *hash; /* TILE_HASHES of them */
} tile;

typedef struct {
    bool (*on_tile)(void *context, const tile *full, failure *f); /* NULL: full tiles are dropped */
    void *context;
    merkle_hasher *hasher;
    uint64_t size; /* leaves */
    struct {
        tree edge; /* over the hashes of this level's unfinished tile */
        tree_hash hash[TILE_HASHES];
    } level[TILE_LEVELS];
} tiler;

MUST_CHECK bool tiler_add(tiler *t, const tree_hash *leaf, failure *f);
MUST_CHECK bool tiler_root(const tiler *t, tree_hash *out);

/* Puts one hash into a level's unfinished tile while a tree is read back, from the highest level down to 0. */
MUST_CHECK bool tiler_restore(tiler *t, unsigned level, const tree_hash *hash);

/* The root over a full tile. */
MUST_CHECK bool tile_root(merkle_hasher *h, const tree_hash hash[TILE_HASHES], tree_hash *out);

#endif
