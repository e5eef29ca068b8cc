/*
 * tile_store.c - see tile_store.h.
 */
#include "trace/tile_store.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/hex.h"

const tree_hash *tile_store_read(tile_store *s, unsigned level, uint64_t number, failure *f)
{
    char place[2][24];
    const char *param[] = {place[0], place[1]};
    if (s->last[level].held && s->last[level].number == number)
        return s->last[level].hash;
    (void)snprintf(place[0], sizeof place[0], "%u", level);
    (void)snprintf(place[1], sizeof place[1], "%" PRIu64, number);
    pg_rows *rows =
        pg_query(s->pg, "SELECT hashes FROM audit.tile WHERE level = $1::smallint AND number = $2::bigint", 2,
                 param, f);
    s->last[level].held = rows && pg_rows_count(rows) == 1 &&
                          hex_read_bytea(pg_rows_get(rows, 0, 0), s->last[level].hash->b,
                                         sizeof s->last[level].hash) == sizeof s->last[level].hash;
    s->last[level].number = number;
    if (rows && !s->last[level].held)
        (void)fail(f, EXIT_DATABASE, "the audit's tile %" PRIu64 " of level %u is missing or cut", number,
                   level);
    pg_rows_free(rows);
    return s->last[level].held ? s->last[level].hash : NULL;
}

void tile_store_give(tile_store *s, uint64_t number, const char *hashes)
{
    s->last[0].number = number;
    s->last[0].held =
        hex_read_bytea(hashes, s->last[0].hash->b, sizeof s->last[0].hash) == sizeof s->last[0].hash;
}

/* A hash as it stands in a tile: of level 8 L, from the tile itself or from the edge. */
static bool tile_hash(tile_store *s, unsigned level, uint64_t number, tree_hash *out)
{
    failure f = {.text = ""};
    uint64_t in_tile = number % TILE_HASHES, which = number / TILE_HASHES;
    uint64_t full = s->edge->size >> (TILE_BITS * (level + 1));
    if (which == full && in_tile < s->edge->level[level].edge.size) {
        *out = s->edge->level[level].hash[in_tile];
        return true;
    }
    const tree_hash *hash = which < full ? tile_store_read(s, level, which, &f) : NULL;
    if (hash)
        *out = hash[in_tile];
    return hash != NULL;
}

bool tile_store_subtree(void *context, unsigned level, uint64_t number, tree_hash *out)
{
    tile_store *s = context;
    unsigned above = level % TILE_BITS;
    tree t = {.size = 0};
    if (level / TILE_BITS >= TILE_LEVELS)
        return false;
    for (uint64_t i = 0; i < (uint64_t)1 << above; i++) {
        tree_hash hash;
        if (!tile_hash(s, level / TILE_BITS, (number << above) + i, &hash) ||
            !tree_add(&t, s->hasher, 0, &hash))
            return false;
    }
    return tree_root(&t, s->hasher, out);
}

bool tile_store_first(tile_store *s, uint64_t number, trail_key *out, failure *f)
{
    char text[24];
    const char *param[] = {text};
    (void)snprintf(text, sizeof text, "%" PRIu64, number);
    pg_rows *rows =
        pg_query(s->pg, "SELECT first_xact, first_id FROM audit.tile WHERE level = 0 AND number = $1::bigint",
                 1, param, f);
    bool good = rows && pg_rows_count(rows) == 1 && trail_number(pg_rows_get(rows, 0, 0), &out->xact) &&
                trail_number(pg_rows_get(rows, 0, 1), &out->id);
    if (rows && !good)
        (void)fail(f, EXIT_DATABASE, "the audit's tile %" PRIu64 " of level 0 is missing", number);
    pg_rows_free(rows);
    return good;
}

typedef struct {
    tile_store *store;
    tiler *edge;
    const tree_hash *known; /* hashes of the last full tile, or NULL */
    uint64_t seen;
} restoring;

/* The entries of the last full tile are compared with it, those behind go into the edge. */
static bool on_entry(void *context, const trail_entry *entry, failure *f)
{
    restoring *r = context;
    tree_hash hash;
    bool in_known = r->known && r->seen++ < TILE_HASHES;
    if (!merkle_leaf(r->edge->hasher, entry->leaf, &hash))
        return fail(f, EXIT_INTERNAL, "an audit entry cannot be hashed");
    if (in_known)
        return memcmp(hash.b, r->known[r->seen - 1].b, TREE_HASH_BYTES) == 0 ||
               fail(f, EXIT_EVIDENCE,
                    "audit entry %" PRIu64 " is not the one that was sealed; run ekok verify-audit",
                    entry->key.id);
    if (!trail_stretch_add(&r->store->edge_stretch, entry, r->edge->size % TILE_HASHES == 0))
        return fail(f, EXIT_EVIDENCE, "audit entry %" PRIu64 " has no time; run ekok verify-audit",
                    entry->key.id);
    return tiler_restore(r->edge, 0, &hash) ||
           fail(f, EXIT_EVIDENCE,
                "the trace holds entries among those that were sealed; run ekok verify-audit");
}

static bool restore_leaves(tile_store *s, uint64_t size, trail_key last, tiler *edge, failure *f)
{
    uint64_t full = size / TILE_HASHES;
    trail_part part = {.upto = last};
    tree_hash known[TILE_HASHES];
    restoring r = {.store = s, .edge = edge};
    if (full > 0) {
        const tree_hash *hash = tile_store_read(s, 0, full - 1, f);
        if (!hash || !tile_store_first(s, full - 1, &part.after, f))
            return false;
        memcpy(known, hash, sizeof known);
        r.known = known;
        part.after.id--; /* from the tile's first entry on, and it */
    }
    return trail_read(s->pg, &part, on_entry, &r, f);
}

bool tile_store_restore(tile_store *s, uint64_t size, trail_key last, tiler *edge, failure *f)
{
    for (unsigned level = TILE_LEVELS - 1; level > 0; level--) {
        uint64_t end = size >> (TILE_BITS * level);
        for (uint64_t at = end / TILE_HASHES * TILE_HASHES; at < end; at++) {
            tree_hash root;
            const tree_hash *hash = tile_store_read(s, level - 1, at, f);
            if (!hash)
                return false;
            if (!tile_root(s->hasher, hash, &root) || !tiler_restore(edge, level, &root))
                return fail(f, EXIT_INTERNAL, "the tree of the audit cannot be read back");
        }
    }
    if (size > 0 && !restore_leaves(s, size, last, edge, f))
        return false;
    return edge->size == size || fail(f, EXIT_EVIDENCE,
                                      "the trace holds %" PRIu64 " of the %" PRIu64
                                      " entries that were sealed; run ekok verify-audit",
                                      edge->size, size);
}

/* A level that cannot be read counts as empty: the size of the whole tells. */
static bool load_level(tiler *edge, unsigned level, const char *text)
{
    tree_hash hash[TILE_HASHES];
    size_t count = hex_read_bytea(text, (uint8_t *)hash, sizeof hash) / TREE_HASH_BYTES;
    bool good = count < TILE_HASHES;
    for (size_t i = 0; good && i < count; i++)
        good = tiler_restore(edge, level, &hash[i]);
    return good;
}

bool tile_store_load_edge(tile_store *s, uint64_t size, tiler *edge, failure *f)
{
    pg_rows *rows = pg_query(s->pg, "SELECT hashes FROM audit.edge ORDER BY level DESC", 0, NULL, f);
    bool good = rows && pg_rows_count(rows) == TILE_LEVELS;
    for (unsigned level = TILE_LEVELS; good && level-- > 0;)
        good = load_level(edge, level, pg_rows_get(rows, (int)(TILE_LEVELS - 1 - level), 0));
    good = good && edge->size == size;
    if (rows && !good)
        (void)fail(f, EXIT_EVIDENCE, "the audit's edge is not that of its newest checkpoint");
    pg_rows_free(rows);
    return good;
}
