/*
 * prove.c - inclusion proofs as text (after C2SP tlog-proof), made with the database and checked without it.
 *
 *   c2sp.org/tlog-proof@v1
 *   index 42
 *   <base64 of a hash>          any number of them, from the leaf up
 *
 *   <a signed checkpoint>
 */
#include "trace/prove.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "secret/base64.h"
#include "trace/images.h"
#include "trace/tile_store.h"

static const char HEADER[] = "c2sp.org/tlog-proof@v1\n";

enum { HASH_TEXT = 48 };

struct prover {
    pg_session *pg;
    tile_store store;
    tiler edge;
    char note[CHECKPOINT_TEXT];
    tree_head head;
};

static bool read_newest(prover *p, failure *f)
{
    checkpoint read;
    pg_rows *rows =
        pg_query(p->pg, "SELECT note FROM audit.checkpoint ORDER BY size DESC LIMIT 1", 0, NULL, f);
    bool good = rows && pg_rows_count(rows) == 1;
    if (good) {
        int n = snprintf(p->note, sizeof p->note, "%s", pg_rows_get(rows, 0, 0));
        good = n < CHECKPOINT_TEXT && checkpoint_read(span_of(p->note), &read);
        p->head = read.head;
    }
    if (rows && !good)
        (void)fail(f, EXIT_EVIDENCE, "the audit has no checkpoint yet: is the sealer at work?");
    pg_rows_free(rows);
    return good;
}

/*
 * Planned once a session: that takes longer than the look-up. An entry lies in a tile whose numbers hold its own, or
 * behind the last full tile; its place there says which leaf it is, and hashes of the tile are needed next. How many
 * tiles hold a number grows with the transactions that wrote at once, not with the trace.
 */
static const char FIND[] =
    "PREPARE ekok_entry (bigint, bigint) AS SELECT %s, t.number * 256 + p.place AS leaf, "
    "CASE WHEN p.place < 256 THEN t.hashes END AS hashes FROM (SELECT number, first_xact, first_id, hashes, "
    "lower(times) AS since, upper(times) AS until FROM audit.tile WHERE level = 0 AND ids @> $1 UNION ALL "
    "SELECT number, first_xact, first_id, hashes, lower(times), 'infinity' FROM audit.tile WHERE level = 0 "
    "AND number = $2) t CROSS JOIN LATERAL "
    "(SELECT o.*, row_number() OVER (ORDER BY o.xact, o.id) - 1 AS place FROM (SELECT b.xact, b.id, b.at "
    "FROM audit.entry b WHERE (b.xact, b.id) >= (t.first_xact, t.first_id) AND b.at >= t.since "
    "AND b.at <= t.until ORDER BY b.xact, b.id LIMIT 511) o) p JOIN audit.entry e "
    "ON e.xact = p.xact AND e.id = p.id AND e.at = p.at WHERE p.id = $1 LIMIT 1";

/* Wherever it lies, sealed or not: goes through an index that grows with the trace. */
static const char SEARCH[] =
    "PREPARE ekok_any_entry (bigint) AS WITH e AS (SELECT %s FROM audit.entry e WHERE id = $1) "
    "SELECT e.*, coalesce(t.number, 0) * 256 + (SELECT count(*) FROM audit.entry b "
    "WHERE (b.xact, b.id) >= (coalesce(t.first_xact, '0'), coalesce(t.first_id, 0)) "
    "AND (b.xact, b.id) < (e.xact, e.id)) AS leaf, NULL AS hashes FROM e LEFT JOIN LATERAL (SELECT number, "
    "first_xact, first_id FROM audit.tile WHERE level = 0 AND (first_xact, first_id) <= (e.xact, e.id) "
    "ORDER BY first_xact DESC, first_id DESC LIMIT 1) t ON true";

static bool prepare(pg_session *pg, failure *f)
{
    char find[1600], search[1200];
    (void)snprintf(find, sizeof find, FIND, trail_columns);
    (void)snprintf(search, sizeof search, SEARCH, trail_columns);
    return pg_run(pg, "SET plan_cache_mode = force_generic_plan", 0, NULL, f) &&
           pg_run(pg, "SET enable_seqscan = off", 0, NULL, f) && pg_run(pg, find, 0, NULL, f) &&
           pg_run(pg, search, 0, NULL, f);
}

prover *prover_open(pg_session *pg, failure *f)
{
    prover *p = calloc(1, sizeof *p);
    merkle_hasher *h = merkle_hasher_new();
    if (!p || !h) {
        free(p);
        merkle_hasher_free(h);
        (void)fail(f, EXIT_INTERNAL, "no memory for a proof");
        return NULL;
    }
    p->pg = pg;
    p->edge.hasher = h;
    p->store = (tile_store){.pg = pg, .hasher = h, .edge = &p->edge};
    if (trail_prepare(pg, f) && prepare(pg, f) &&
        pg_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, NULL, f) && read_newest(p, f) &&
        tile_store_load_edge(&p->store, p->head.size, &p->edge, f))
        return p;
    prover_close(p);
    return NULL;
}

void prover_close(prover *p)
{
    failure ignored;
    if (!p)
        return;
    (void)!pg_run(p->pg, "ROLLBACK", 0, NULL, &ignored);
    merkle_hasher_free(p->edge.hasher);
    free(p);
}

/* EXECUTE takes no parameters: the numbers are ours. */
static pg_rows *look_up(prover *p, uint64_t id, failure *f)
{
    char sql[80];
    (void)snprintf(sql, sizeof sql, "EXECUTE ekok_entry (%" PRIu64 ", %" PRIu64 ")", id,
                   p->head.size / TILE_HASHES - (p->head.size >= TILE_HASHES));
    pg_rows *rows = pg_query(p->pg, sql, 0, NULL, f);
    if (!rows || pg_rows_count(rows) > 0)
        return rows;
    pg_rows_free(rows);
    (void)snprintf(sql, sizeof sql, "EXECUTE ekok_any_entry (%" PRIu64 ")", id);
    return pg_query(p->pg, sql, 0, NULL, f);
}

/* The entry's line and which leaf it is. */
static bool find_entry(prover *p, uint64_t id, uint64_t *leaf, buf *line, failure *f)
{
    pg_rows *rows = look_up(p, id, f);
    bool good =
        rows && (pg_rows_count(rows) == 1 || fail(f, EXIT_USAGE, "the audit has no entry of this number"));
    good = good && ((trail_number(pg_rows_get(rows, 0, TRAIL_FIELDS), leaf) && trail_line(rows, 0, line)) ||
                    fail(f, EXIT_INTERNAL, "the entry is larger than can be shown"));
    const char *hashes = good ? pg_rows_get(rows, 0, TRAIL_FIELDS + 1) : NULL;
    if (hashes)
        tile_store_give(&p->store, *leaf / TILE_HASHES, hashes);
    pg_rows_free(rows);
    return good;
}

static bool write_proof(const proof *p, uint64_t index, const char *note, char out[PROOF_TEXT])
{
    int n = snprintf(out, PROOF_TEXT, "%sindex %" PRIu64 "\n", HEADER, index);
    for (size_t i = 0; i < p->count; i++) {
        char base64[HASH_TEXT];
        base64_write(p->hash[i].b, TREE_HASH_BYTES, base64);
        n += snprintf(out + n, PROOF_TEXT - (size_t)n, "%s\n", base64);
    }
    n += snprintf(out + n, PROOF_TEXT - (size_t)n, "\n%s", note);
    return n < PROOF_TEXT;
}

bool prover_prove(prover *p, uint64_t id, char proof_text[PROOF_TEXT], buf *line, failure *f)
{
    const proof_store hashes = {tile_store_subtree, &p->store, p->edge.hasher};
    uint64_t leaf = 0;
    proof path;
    if (!find_entry(p, id, &leaf, line, f))
        return false;
    if (leaf >= p->head.size)
        return fail(f, EXIT_EVIDENCE, "the entry is not sealed yet; try again in a moment");
    return (proof_of_inclusion(&hashes, leaf, p->head.size, &path) &&
            write_proof(&path, leaf, p->note, proof_text)) ||
           fail(f, EXIT_EVIDENCE, "the proof cannot be made: hashes of the tree are missing");
}

bool proof_parts(span line, buf *room, span *leaf, span *images)
{
    span field[TRAIL_FIELDS];
    if (!trail_split(line, field) || !trail_leaf(line, field, room, leaf))
        return false;
    const char *tail = field[TRAIL_SALT].p;
    bool shown = !trail_is_null(field[TRAIL_SALT]);
    *images = shown ? (span){tail, (size_t)(line.p + line.n - tail)} : (span){NULL, 0};
    return true;
}

bool proof_images_hold(span leaf, span images, failure *f)
{
    buf line;
    span field[TRAIL_FIELDS];
    images_state state = IMAGES_DIFFER;
    span value[TRAIL_FIELDS];
    trail_room room;
    merkle_hasher *h = merkle_hasher_new();
    buf_init(&line, leaf.n + images.n + 1);
    trail_room_init(&room);
    bool good = h && buf_add(&line, leaf.p, leaf.n) && buf_add_char(&line, '\t') &&
                buf_add(&line, images.p, images.n) && trail_split(buf_span(&line), field) &&
                trail_images(field, &room, value) && images_judge(h, value, &state) && state == IMAGES_FIT;
    trail_room_free(&room);
    buf_free(&line);
    merkle_hasher_free(h);
    return good || fail(f, EXIT_EVIDENCE, "the images are not those that the entry was sealed with");
}

static bool read_proof(span *text, uint64_t *index, proof *p)
{
    span line;
    char number[24];
    p->count = 0;
    if (text->n < sizeof HEADER || memcmp(text->p, HEADER, sizeof HEADER - 1) != 0)
        return false;
    *text = (span){text->p + sizeof HEADER - 1, text->n - sizeof HEADER + 1};
    if (!span_take_line(text, &line) || line.n < 7 || line.n > 26 || memcmp(line.p, "index ", 6) != 0)
        return false;
    (void)snprintf(number, sizeof number, "%.*s", (int)line.n - 6, line.p + 6);
    if (!trail_number(number, index))
        return false;
    while (span_take_line(text, &line) && line.n > 0)
        if (p->count == PROOF_MAX || !base64_read(line, p->hash[p->count++].b, TREE_HASH_BYTES))
            return false;
    return text->n > 0;
}

bool proof_text_holds(span proof_text, span leaf_line, const key_list *keys, checkpoint *out, failure *f)
{
    uint64_t index;
    proof p;
    tree_hash leaf;
    if (!read_proof(&proof_text, &index, &p))
        return fail(f, EXIT_EVIDENCE, "the proof is not of the form c2sp.org/tlog-proof@v1");
    if (!key_list_trusts(keys, proof_text, out))
        return fail(f, EXIT_EVIDENCE, "the proof's checkpoint is not signed by any of the keys given");
    merkle_hasher *h = merkle_hasher_new();
    bool good = h && merkle_leaf(h, leaf_line, &leaf) && proof_includes(h, &p, &out->head, index, &leaf);
    merkle_hasher_free(h);
    return good || fail(f, EXIT_EVIDENCE,
                        "the entry is not in the tree that was signed: it was changed, or the proof is of "
                        "another entry");
}
