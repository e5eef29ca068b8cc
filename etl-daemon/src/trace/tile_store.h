/*
 * tile_store.h - the hashes of the audit's tree as the database keeps them: reads full tiles, answers for any perfect
 * subtree, and rebuilds the unfinished edge of a tree of a known size. What it reads is believed by nobody before a
 * root made from it equals a signed one.
 */
#ifndef ETL_TRACE_TILE_STORE_H
#define ETL_TRACE_TILE_STORE_H

#include "trace/proof.h"
#include "trace/tiler.h"
#include "trace/trail.h"

typedef struct {
    pg_session *pg;
    merkle_hasher *hasher;
    const tiler *edge;          /* answers for tiles that are not full */
    trail_stretch edge_stretch; /* set by tile_store_restore: entries of the unfinished tile of level 0 */
    struct {
        uint64_t number;
        bool held;
        tree_hash hash[TILE_HASHES];
    } last[TILE_LEVELS]; /* the tile of each level that was read last */
} tile_store;

/* The hashes of a full tile; NULL with f set when the database has it not. Lasts until the next call for
 * its level. */
const tree_hash *tile_store_read(tile_store *s, unsigned level, uint64_t number, failure *f);

/* The hashes of a full tile of level 0 that were read with something else; what is no tile is passed over. */
void tile_store_give(tile_store *s, uint64_t number, const char *hashes);

/* For proof_store: context is the tile_store. */
MUST_CHECK bool tile_store_subtree(void *context, unsigned level, uint64_t number, tree_hash *out);

/* Fills `edge` (empty, with its hasher) so that it stands after `size` leaves, of which `last` is the last one. */
MUST_CHECK bool tile_store_restore(tile_store *s, uint64_t size, trail_key last, tiler *edge, failure *f);

/* The same from the database's own copy: quick, for proofs of the newest checkpoint; checked by the proof alone. */
MUST_CHECK bool tile_store_load_edge(tile_store *s, uint64_t size, tiler *edge, failure *f);

/* The first entry of a full tile of level 0; false with f set when there is no such tile. */
MUST_CHECK bool tile_store_first(tile_store *s, uint64_t number, trail_key *out, failure *f);

#endif
