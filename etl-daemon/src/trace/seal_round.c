/*
 * seal_round.c - see seal_round.h. Entries are taken below the oldest running transaction of the very snapshot that
 * reads them: whatever is below has ended, so the order (transaction, number) never changes behind the last leaf.
 */
#include "trace/seal_round.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/stop_point.h"
#include "trace/leaf.h"
#include "trace/sealer_key.h"

static const char RUN_VERIFY[] = "run ekok verify-audit";

static bool read_newest(sealer *s, uint64_t *size, tree_hash *root, failure *f)
{
    checkpoint read;
    pg_rows *rows =
        pg_query(s->pg, "SELECT note, last_xact, last_id FROM audit.checkpoint ORDER BY size DESC LIMIT 1", 0,
                 NULL, f);
    *size = 0;
    if (!rows)
        return false;
    bool good = true;
    if (pg_rows_count(rows) == 1) {
        const char *note = pg_rows_get(rows, 0, 0);
        good = (strlen(note) < sizeof s->note && key_list_trusts(&s->keys, span_of(note), &read) &&
                trail_number(pg_rows_get(rows, 0, 1), &s->last.xact) &&
                trail_number(pg_rows_get(rows, 0, 2), &s->last.id)) ||
               fail(f, EXIT_EVIDENCE,
                    "the newest checkpoint in the database is not signed by a key of ours; %s", RUN_VERIFY);
        if (good) {
            (void)snprintf(s->note, sizeof s->note, "%s", note);
            *size = read.head.size;
            *root = read.head.root;
        }
    }
    pg_rows_free(rows);
    return good;
}

/* Is what the witness remembers the beginning of our tree? */
static bool agrees(sealer *s, tile_store *store, const char *folder, uint64_t *published, failure *f)
{
    checkpoint theirs;
    size_t signed_by;
    tree_hash root;
    const proof_store hashes = {tile_store_subtree, store, s->hasher};
    *published = 0;
    if (!witness_newest(folder, &s->keys, &theirs, &signed_by, f))
        return false;
    if (signed_by == s->keys.count)
        return true;
    if (theirs.head.size > s->edge.size)
        return fail(f, EXIT_EVIDENCE,
                    "witness %.200s remembers %" PRIu64 " entries, the database has sealed %" PRIu64
                    ": it was cut or restored to an older state; %s",
                    folder, theirs.head.size, s->edge.size, RUN_VERIFY);
    if (!proof_range(&hashes, 0, theirs.head.size, &root) ||
        memcmp(root.b, theirs.head.root.b, TREE_HASH_BYTES) != 0)
        return fail(f, EXIT_EVIDENCE, "witness %.200s remembers another tree than the database holds; %s",
                    folder, RUN_VERIFY);
    *published = theirs.head.size;
    return true;
}

static void publish(sealer *s)
{
    for (size_t i = 0; i < s->witnesses; i++) {
        failure f = {.text = ""};
        if (s->published[i] == s->edge.size)
            continue;
        if (witness_keep(s->witness[i], span_of(s->note), &f))
            s->published[i] = s->edge.size;
        else
            log_event(LOG_ERROR, NULL, "witness_failed", "problem=\"%s\"", f.text);
    }
}

/* Is the database's clock of transactions that under which the entries were written? */
static bool same_cluster(sealer *s, failure *f)
{
    char text[24];
    const char *param[] = {text};
    (void)snprintf(text, sizeof text, "%" PRIu64, s->last.xact);
    pg_rows *rows = pg_query(s->pg, "SELECT $1::xid8 < pg_snapshot_xmax(pg_current_snapshot())", 1, param, f);
    bool good =
        rows &&
        (strcmp(pg_rows_get(rows, 0, 0), "t") == 0 ||
         fail(f, EXIT_EVIDENCE,
              "the last sealed entry is of a transaction that this server has not reached: the database "
              "was loaded from a dump; see the runbook on a new trace"));
    pg_rows_free(rows);
    return good;
}

bool sealer_begin(sealer *s, failure *f)
{
    uint64_t size;
    tree_hash signed_root, root;
    tile_store store = {.pg = s->pg, .hasher = s->hasher, .edge = &s->edge};
    s->edge = (tiler){.hasher = s->hasher};
    s->note[0] = '\0';
    s->last = (trail_key){0, 0};
    if (!trail_prepare(s->pg, f) || !sealer_key_trust(s, f) || !read_newest(s, &size, &signed_root, f) ||
        !same_cluster(s, f) || !tile_store_restore(&store, size, s->last, &s->edge, f))
        return false;
    if (size > 0 && (!tiler_root(&s->edge, &root) || memcmp(root.b, signed_root.b, TREE_HASH_BYTES) != 0))
        return fail(f, EXIT_EVIDENCE, "the trace under the last checkpoint is not what was signed; %s",
                    RUN_VERIFY);
    s->stretch = store.edge_stretch;
    for (size_t i = 0; i < s->witnesses; i++)
        if (!agrees(s, &store, s->witness[i], &s->published[i], f))
            return false;
    if (!sealer_key_admit(s, f))
        return false;
    if (size > 0)
        publish(s);
    return true;
}

typedef struct {
    sealer *s;
    buf tiles; /* COPY text of the tiles that became full */
    trail_stretch stretch;
    trail_key last;
    uint64_t taken;
} round_work;

static bool on_tile(void *context, const tile *full, failure *f)
{
    round_work *w = context;
    const trail_stretch *of = &w->stretch;
    char since[LEAF_TIME_TEXT], until[LEAF_TIME_TEXT];
    (void)leaf_time(of->since, since);
    (void)leaf_time(of->until, until);
    bool good = buf_printf(&w->tiles, "%u\t%" PRIu64 "\t\\\\x", full->level, full->number) &&
                buf_add_hex(&w->tiles, full->hash, (size_t)TILE_HASHES * TREE_HASH_BYTES) &&
                (full->level == 0
                     ? buf_printf(&w->tiles,
                                  "\t%" PRIu64 "\t%" PRIu64 "\t[%" PRIu64 ",%" PRIu64 "]\t[\"%s\",\"%s\"]\n",
                                  of->first.xact, of->first.id, of->lowest, of->highest, since, until)
                     : buf_add_text(&w->tiles, "\t\\N\t\\N\t\\N\t\\N\n"));
    return good || fail(f, EXIT_INTERNAL, "no memory for the audit's tiles");
}

static bool on_entry(void *context, const trail_entry *entry, failure *f)
{
    round_work *w = context;
    tree_hash hash;
    if (!merkle_leaf(w->s->hasher, entry->leaf, &hash))
        return fail(f, EXIT_INTERNAL, "an audit entry cannot be hashed");
    if (!trail_stretch_add(&w->stretch, entry, w->s->edge.size % TILE_HASHES == 0))
        return fail(f, EXIT_EVIDENCE, "audit entry %" PRIu64 " has no time", entry->key.id);
    w->last = entry->key;
    w->taken++;
    return tiler_add(&w->s->edge, &hash, f);
}

static bool read_limit(sealer *s, uint64_t *below, failure *f)
{
    pg_rows *rows = pg_query(s->pg, "SELECT pg_snapshot_xmin(pg_current_snapshot())", 0, NULL, f);
    bool good = rows && (trail_number(pg_rows_get(rows, 0, 0), below) ||
                         fail(f, EXIT_DATABASE, "the server's oldest transaction cannot be read"));
    pg_rows_free(rows);
    return good;
}

static bool add_checkpoint(sealer *s, const round_work *w, failure *f)
{
    tree_head head = {.size = s->edge.size};
    uint8_t signature[SIGNATURE_BYTES];
    char number[3][24], root[2 * TREE_HASH_BYTES + 3], sign[2 * SIGNATURE_BYTES + 3];
    buf hex;
    const char *param[] = {number[0], root, sign, s->note, number[1], number[2]};
    if (!tiler_root(&s->edge, &head.root) || !checkpoint_sign(&head, s->signer, s->note) ||
        !note_signature(span_of(s->note), signer_public(s->signer), signature))
        return fail(f, EXIT_KEYS, "a checkpoint cannot be signed");
    buf_init(&hex, 1024);
    bool good =
        buf_add_hex(&hex, head.root.b, TREE_HASH_BYTES) && buf_add_hex(&hex, signature, SIGNATURE_BYTES);
    if (good) {
        (void)snprintf(root, sizeof root, "\\x%.64s", hex.data);
        (void)snprintf(sign, sizeof sign, "\\x%.128s", hex.data + 2 * TREE_HASH_BYTES);
    }
    buf_free(&hex);
    (void)snprintf(number[0], sizeof number[0], "%" PRIu64, head.size);
    (void)snprintf(number[1], sizeof number[1], "%" PRIu64, w->last.xact);
    (void)snprintf(number[2], sizeof number[2], "%" PRIu64, w->last.id);
    if (!good)
        return fail(f, EXIT_INTERNAL, "no memory for a checkpoint");
    return pg_run(s->pg,
                  "INSERT INTO audit.checkpoint (size, root, signature, note, last_xact, last_id) "
                  "VALUES ($1::bigint, $2::bytea, $3::bytea, $4, $5::xid8, $6::bigint)",
                  6, param, f);
}

/* Every level, also the empty ones: a tile that became full leaves its level empty. */
static bool store_edge(sealer *s, failure *f)
{
    bool good = true;
    for (unsigned level = 0; good && level < TILE_LEVELS; level++) {
        char number[8];
        buf hex;
        const char *param[] = {number, NULL};
        buf_init(&hex, (size_t)4 * TILE_HASHES * TREE_HASH_BYTES);
        (void)snprintf(number, sizeof number, "%u", level);
        good =
            (buf_add_text(&hex, "\\x") &&
             buf_add_hex(&hex, s->edge.level[level].hash, s->edge.level[level].edge.size * TREE_HASH_BYTES) &&
             buf_add_char(&hex, '\0')) ||
            fail(f, EXIT_INTERNAL, "no memory for the audit's edge");
        param[1] = hex.data;
        good = good && pg_run(s->pg,
                              "INSERT INTO audit.edge (level, hashes) VALUES ($1::smallint, $2::bytea) "
                              "ON CONFLICT (level) DO UPDATE SET hashes = excluded.hashes "
                              "WHERE edge.hashes <> excluded.hashes",
                              2, param, f);
        buf_free(&hex);
    }
    return good;
}

/* With the first checkpoint of a key that follows another. */
static bool begin_key(sealer *s, failure *f)
{
    char text[PUBLIC_KEY_TEXT], size[24];
    const char *param[] = {text, size};
    public_key_write(signer_public(s->signer), text);
    (void)snprintf(size, sizeof size, "%" PRIu64, s->edge.size);
    return !s->fresh || pg_run(s->pg, "SELECT keyring.begin_signer($1, $2::bigint)", 2, param, f);
}

static bool store_round(sealer *s, round_work *w, failure *f)
{
    if (w->taken == 0)
        return true;
    if (w->tiles.size > 0 &&
        (!pg_copy_begin(
             s->pg, "COPY audit.tile (level, number, hashes, first_xact, first_id, ids, times) FROM STDIN",
             f) ||
         !pg_copy_send(s->pg, buf_span(&w->tiles), f) || !pg_copy_end(s->pg, f)))
        return false;
    return store_edge(s, f) && add_checkpoint(s, w, f) && begin_key(s, f);
}

static bool seal_in_transaction(sealer *s, round_work *w, failure *f)
{
    trail_part part = {.after = s->last, .most = SEAL_MOST};
    if (!pg_run(s->pg, "BEGIN ISOLATION LEVEL REPEATABLE READ", 0, NULL, f) ||
        !read_limit(s, &part.below, f) || !trail_read(s->pg, &part, on_entry, w, f) || !store_round(s, w, f))
        return false;
    stop_point("audit_hashed");
    return pg_run(s->pg, "COMMIT", 0, NULL, f);
}

bool sealer_round(sealer *s, uint64_t *sealed, failure *f)
{
    round_work w = {.s = s, .stretch = s->stretch};
    *sealed = 0;
    buf_init(&w.tiles, (size_t)32 << 20);
    s->edge.on_tile = on_tile;
    s->edge.context = &w;
    bool good = seal_in_transaction(s, &w, f);
    buf_free(&w.tiles);
    s->stretch = w.stretch;
    if (!good)
        return false;
    stop_point("audit_sealed");
    s->began = w.taken > 0 && s->fresh;
    if (w.taken > 0) {
        s->last = w.last;
        s->fresh = false;
    }
    *sealed = w.taken;
    publish(s);
    return true;
}
