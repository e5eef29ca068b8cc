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
#include "trace/tile_store.h"

static const char HEADER[] = "c2sp.org/tlog-proof@v1\n";

enum { HASH_TEXT = 48 };

typedef struct {
    trail_key key;
    uint64_t index, place;
    buf *line;
    bool found;
} wanted;

static bool on_entry(void *context, const trail_entry *entry, failure *f)
{
    wanted *w = context;
    if (entry->key.xact == w->key.xact && entry->key.id == w->key.id) {
        w->found = true;
        w->index = w->place;
        if (!buf_add(w->line, entry->line.p, entry->line.n))
            return fail(f, EXIT_INTERNAL, "the entry is larger than can be shown");
    }
    w->place++;
    return true;
}

static bool find_entry(pg_session *pg, uint64_t id, trail_key *out, failure *f)
{
    char text[24];
    const char *param[] = {text};
    (void)snprintf(text, sizeof text, "%" PRIu64, id);
    pg_rows *rows = pg_query(pg, "SELECT xact FROM audit.entry WHERE id = $1::bigint", 1, param, f);
    out->id = id;
    bool good = rows && ((pg_rows_count(rows) == 1 && trail_number(pg_rows_get(rows, 0, 0), &out->xact)) ||
                         fail(f, EXIT_USAGE, "the audit has no entry of this number"));
    pg_rows_free(rows);
    return good;
}

/* The leaf's place: counted from the first entry of its tile, or from that of the unfinished one. */
static bool place_entry(pg_session *pg, tile_store *store, wanted *w, failure *f)
{
    char xact[24], id[24];
    const char *param[] = {xact, id};
    (void)snprintf(xact, sizeof xact, "%" PRIu64, w->key.xact);
    (void)snprintf(id, sizeof id, "%" PRIu64, w->key.id);
    pg_rows *rows =
        pg_query(pg,
                 "SELECT number FROM audit.tile WHERE level = 0 AND (first_xact, first_id) <= ($1::xid8, "
                 "$2::bigint) ORDER BY first_xact DESC, first_id DESC LIMIT 1",
                 2, param, f);
    uint64_t number = 0;
    trail_part part = {.upto = w->key};
    bool good = rows != NULL;
    if (good && pg_rows_count(rows) == 1)
        good =
            trail_number(pg_rows_get(rows, 0, 0), &number) && tile_store_first(store, number, &part.after, f);
    if (good && part.after.id > 0)
        part.after.id--;
    pg_rows_free(rows);
    w->place = number * TILE_HASHES;
    return good && trail_read(pg, &part, on_entry, w, f) &&
           (w->found || fail(f, EXIT_EVIDENCE, "the entry went while it was looked for"));
}

typedef struct {
    char note[CHECKPOINT_TEXT];
    checkpoint head;
    trail_key last;
} newest;

static bool read_newest(pg_session *pg, newest *out, failure *f)
{
    pg_rows *rows = pg_query(
        pg, "SELECT note, last_xact, last_id FROM audit.checkpoint ORDER BY size DESC LIMIT 1", 0, NULL, f);
    bool good = rows && pg_rows_count(rows) == 1;
    if (good) {
        int n = snprintf(out->note, sizeof out->note, "%s", pg_rows_get(rows, 0, 0));
        good = n < CHECKPOINT_TEXT && checkpoint_read(span_of(out->note), &out->head) &&
               trail_number(pg_rows_get(rows, 0, 1), &out->last.xact) &&
               trail_number(pg_rows_get(rows, 0, 2), &out->last.id);
    }
    if (rows && !good)
        (void)fail(f, EXIT_EVIDENCE, "the audit has no checkpoint yet: is the sealer at work?");
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

static bool prove(pg_session *pg, uint64_t id, char proof_text[PROOF_TEXT], buf *line, failure *f)
{
    newest head;
    wanted w = {.line = line};
    proof p;
    tiler *edge = calloc(1, sizeof *edge);
    tile_store store = {.pg = pg, .hasher = merkle_hasher_new(), .edge = edge};
    const proof_store hashes = {tile_store_subtree, &store, store.hasher};
    bool good = edge && store.hasher;
    if (good)
        edge->hasher = store.hasher;
    good = good && read_newest(pg, &head, f) && find_entry(pg, id, &w.key, f) &&
           tile_store_restore(&store, head.head.head.size, head.last, edge, f) &&
           place_entry(pg, &store, &w, f);
    if (good && w.index >= head.head.head.size)
        good = fail(f, EXIT_EVIDENCE, "the entry is not sealed yet; try again in a moment");
    good = good && proof_of_inclusion(&hashes, w.index, head.head.head.size, &p) &&
           write_proof(&p, w.index, head.note, proof_text);
    merkle_hasher_free(store.hasher);
    free(edge);
    return good ||
           (f->text[0] ? false
                       : fail(f, EXIT_EVIDENCE, "the proof cannot be made: hashes of the tree are missing"));
}

bool prove_entry(pg_session *pg, uint64_t id, char proof_text[PROOF_TEXT], buf *line, failure *f)
{
    return trail_prepare(pg, f) &&
           pg_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, NULL, f) &&
           prove(pg, id, proof_text, line, f) && pg_run(pg, "COMMIT", 0, NULL, f);
}

static bool take_line(span *text, span *line)
{
    const char *end = text->n ? memchr(text->p, '\n', text->n) : NULL;
    if (!end)
        return false;
    *line = (span){text->p, (size_t)(end - text->p)};
    *text = (span){end + 1, text->n - line->n - 1};
    return true;
}

static bool read_proof(span *text, uint64_t *index, proof *p)
{
    span line;
    char number[24];
    p->count = 0;
    if (text->n < sizeof HEADER || memcmp(text->p, HEADER, sizeof HEADER - 1) != 0)
        return false;
    *text = (span){text->p + sizeof HEADER - 1, text->n - sizeof HEADER + 1};
    if (!take_line(text, &line) || line.n < 7 || line.n > 26 || memcmp(line.p, "index ", 6) != 0)
        return false;
    (void)snprintf(number, sizeof number, "%.*s", (int)line.n - 6, line.p + 6);
    if (!trail_number(number, index))
        return false;
    while (take_line(text, &line) && line.n > 0)
        if (p->count == PROOF_MAX || !base64_read(line, p->hash[p->count++].b, TREE_HASH_BYTES))
            return false;
    return text->n > 0;
}

bool proof_text_holds(span proof_text, span line, const key_list *keys, checkpoint *out, failure *f)
{
    uint64_t index;
    proof p;
    tree_hash leaf;
    if (!read_proof(&proof_text, &index, &p))
        return fail(f, EXIT_EVIDENCE, "the proof is not of the form c2sp.org/tlog-proof@v1");
    if (!key_list_trusts(keys, proof_text, out))
        return fail(f, EXIT_EVIDENCE, "the proof's checkpoint is not signed by any of the keys given");
    merkle_hasher *h = merkle_hasher_new();
    bool good = h && merkle_leaf(h, line, &leaf) && proof_includes(h, &p, &out->head, index, &leaf);
    merkle_hasher_free(h);
    return good || fail(f, EXIT_EVIDENCE,
                        "the entry is not in the tree that was signed: it was changed, or the proof is of "
                        "another entry");
}
