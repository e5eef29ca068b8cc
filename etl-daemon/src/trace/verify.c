/*
 * verify.c - see verify.h. One pass over the trace serves all checkpoints: they are sorted by size, and the root is
 * asked for as the tree passes each.
 */
#include "trace/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "trace/erasure.h"
#include "trace/succession.h"
#include "trace/tile_store.h"

enum { PROGRESS_STEP = 65536, HEADS_FIRST = 1024 };

typedef struct {
    tree_head head;
    const char *where; /* who remembers it */
} known_head;

/* Sizes of the checkpoints that a key signed; last 0: none. */
typedef struct {
    uint64_t first, last;
    const char *where; /* who remembers the last */
} key_use;

typedef struct {
    const verify_request *request;
    key_list keys; /* those given, and those that follow from them */
    key_use use[KEYS_MAX];
    verify_result *result;
    known_head *head;
    size_t heads, room, next;
    const char *where;
    merkle_hasher *hasher;
    erasure_book *erasures;
    tree tree;
    uint64_t good; /* size of the last checkpoint that held */
    bool broken;   /* one did not: those above cannot hold either */
    uint64_t bad;  /* its size */
} verification;

void verify_found(verify_result *r, const char *format, ...)
{
    va_list values;
    if (r->findings < FINDINGS_MAX) {
        va_start(values, format);
        (void)vsnprintf(r->finding[r->findings], FINDING_TEXT, format, values);
        va_end(values);
    }
    r->findings++;
}

static bool add_head(verification *v, const tree_head *head, failure *f)
{
    if (v->heads == v->room) {
        size_t room = v->room ? v->room * 2 : HEADS_FIRST;
        known_head *more = realloc(v->head, room * sizeof *more);
        if (!more)
            return fail(f, EXIT_INTERNAL, "no memory for %zu checkpoints", room);
        v->head = more;
        v->room = room;
    }
    v->head[v->heads++] = (known_head){*head, v->where};
    return true;
}

static void note_use(verification *v, size_t key, uint64_t size)
{
    key_use *u = &v->use[key];
    if (u->last == 0 || size < u->first)
        u->first = size;
    if (size > u->last) {
        u->last = size;
        u->where = v->where;
    }
}

static bool take_head(verification *v, size_t key, const tree_head *head, failure *f)
{
    note_use(v, key, head->size);
    if (head->size <= v->keys.until[key])
        return add_head(v, head, f);
    v->result->uncounted++;
    return true;
}

/* A key signs nothing any more once the one that follows it has. */
static void judge_use(verification *v)
{
    for (size_t i = 0; i < v->keys.count; i++) {
        size_t next = v->keys.next[i];
        for (size_t step = 0; step < KEYS_MAX && next < v->keys.count && v->use[next].last == 0; step++)
            next = v->keys.next[next];
        if (next < v->keys.count && v->use[next].last > 0 && v->use[i].last > v->use[next].first)
            verify_found(v->result,
                         "%.120s: a checkpoint of %" PRIu64 " entries is signed by the key %08" PRIx32
                         ", which another had followed at %" PRIu64 ": forged with the old key",
                         v->use[i].where, v->use[i].last, v->keys.key[i].hash, v->use[next].first);
    }
}

static void on_forged_key(void *context, const char *what)
{
    verify_found(context, "%s", what);
}

static bool on_text(void *context, span text, failure *f)
{
    verification *v = context;
    checkpoint read;
    size_t key = key_list_signer(&v->keys, text, &read);
    if (key < v->keys.count)
        return take_head(v, key, &read.head, f);
    if (checkpoint_read(text, &read))
        verify_found(v->result,
                     "%.200s: a checkpoint of %" PRIu64
                     " entries is not signed by any of the keys given: forged, or a key is missing",
                     v->where, read.head.size);
    else
        v->result->cut++;
    return true;
}

static bool read_witnesses(verification *v, failure *f)
{
    for (size_t i = 0; i < v->request->witnesses; i++) {
        checkpoint newest;
        size_t key;
        failure why = {.text = ""};
        v->where = v->request->witness[i];
        if (!witness_walk(v->where, on_text, v, f))
            return false;
        if (!witness_newest(v->where, &v->keys, &newest, &key, &why))
            verify_found(v->result, "%s", why.text);
        else if (key < v->keys.count && !take_head(v, key, &newest.head, f))
            return false;
    }
    return v->heads > 0 || v->result->findings > 0 ||
           fail(f, EXIT_CONFIG, "no witness remembers a checkpoint: is the sealer at work?");
}

/* The database's own memory is held against the same keys; it is evidence only where it is signed. */
static bool read_database(verification *v, pg_session *pg, failure *f)
{
    pg_rows *rows = pg_query(pg, "SELECT note FROM audit.checkpoint ORDER BY size", 0, NULL, f);
    bool good = rows != NULL;
    v->where = "the database";
    for (int i = 0; good && i < pg_rows_count(rows); i++) {
        size_t cut = v->result->cut;
        good = on_text(v, span_of(pg_rows_get(rows, i, 0)), f);
        if (v->result->cut > cut)
            verify_found(v->result, "the database: a checkpoint's text is no checkpoint");
        v->result->cut = cut;
    }
    pg_rows_free(rows);
    return good;
}

static int by_size(const void *a, const void *b)
{
    const known_head *x = a, *y = b;
    return x->head.size < y->head.size ? -1 : x->head.size > y->head.size;
}

/* All checkpoints of the tree's present size. */
static bool judge_heads(verification *v)
{
    tree_hash root;
    bool holds = false;
    if (v->next == v->heads || v->head[v->next].head.size != v->tree.size)
        return true;
    if (!tree_root(&v->tree, v->hasher, &root))
        return false;
    for (; v->next < v->heads && v->head[v->next].head.size == v->tree.size; v->next++) {
        const known_head *h = &v->head[v->next];
        if (memcmp(h->head.root.b, root.b, TREE_HASH_BYTES) == 0) {
            v->good = v->broken ? v->good : v->tree.size;
            holds = true;
        } else if (!v->broken) {
            verify_found(v->result,
                         "the first %" PRIu64
                         " entries are not those that were signed (%.200s); up to %" PRIu64
                         " they are: an entry was changed, removed or put in between",
                         v->tree.size, h->where, v->good);
            v->broken = true;
            v->bad = v->tree.size;
        }
    }
    v->result->checkpoints += holds;
    return true;
}

static bool on_entry(void *context, const trail_entry *entry, failure *f)
{
    verification *v = context;
    tree_hash hash;
    if (!merkle_leaf(v->hasher, entry->leaf, &hash) || !tree_add(&v->tree, v->hasher, 0, &hash) ||
        !judge_heads(v))
        return fail(f, EXIT_INTERNAL, "an audit entry cannot be hashed");
    if (!erasure_add(v->erasures, entry, v->result, f))
        return false;
    if (v->request->balance && !balance_add(v->request->balance, entry->value, f))
        return false;
    if (v->request->progress && v->tree.size % PROGRESS_STEP == 0)
        v->request->progress(v->request->context, v->tree.size, v->result->newest.size);
    return true;
}

typedef struct {
    verification *v;
    const tree_hash *known;
    uint64_t at;
    bool told;
} search;

static bool on_suspect(void *context, const trail_entry *entry, failure *f)
{
    search *s = context;
    tree_hash hash;
    if (!merkle_leaf(s->v->hasher, entry->leaf, &hash))
        return fail(f, EXIT_INTERNAL, "an audit entry cannot be hashed");
    if (!s->told && memcmp(hash.b, s->known[s->at % TILE_HASHES].b, TREE_HASH_BYTES) != 0) {
        verify_found(s->v->result,
                     "by the hashes that the database keeps, the first difference is at place %" PRIu64
                     ", now held by entry %" PRIu64,
                     s->at, entry->key.id);
        s->told = true;
    }
    s->at++;
    return true;
}

/* Tells where the first difference lies, as far as full tiles reach. Nothing here makes a finding go away. */
static void locate(verification *v, pg_session *pg)
{
    tile_store store = {.pg = pg, .hasher = v->hasher};
    failure f = {.text = ""};
    search s = {.v = v};
    for (uint64_t number = v->good / TILE_HASHES; number < v->bad / TILE_HASHES && !s.told; number++) {
        trail_part part = {.most = TILE_HASHES};
        s.known = tile_store_read(&store, 0, number, &f);
        s.at = number * TILE_HASHES;
        if (!s.known || !tile_store_first(&store, number, &part.after, &f))
            return;
        part.after.id--;
        if (!trail_read(pg, &part, on_suspect, &s, &f))
            return;
    }
}

static void judge_end(verification *v)
{
    v->result->entries = v->tree.size;
    v->result->sealed = v->good;
    if (v->next == v->heads)
        return;
    const known_head *last = &v->head[v->heads - 1];
    verify_found(v->result,
                 "the trace holds %" PRIu64 " entries, %.200s remembers %" PRIu64
                 ": its end was cut off, or the database was restored to an older state",
                 v->tree.size, last->where, last->head.size);
}

bool verify_trail(pg_session *pg, const verify_request *request, verify_result *out, failure *f)
{
    const trail_part all = {.images = true};
    verification v = {
        .request = request, .keys = request->keys, .result = out, .hasher = merkle_hasher_new()};
    *out = (verify_result){.entries = 0};
    v.erasures = v.hasher ? erasure_book_new(v.hasher) : NULL;
    bool good = v.erasures || fail(f, EXIT_INTERNAL, "no memory to verify with");
    good = good && succession_follow(pg, &v.keys, on_forged_key, out, f) &&
           succession_limits(pg, &v.keys, on_forged_key, out, f) && read_witnesses(&v, f) &&
           read_database(&v, pg, f);
    judge_use(&v);
    if (good && v.heads > 0) {
        qsort(v.head, v.heads, sizeof *v.head, by_size);
        out->newest = v.head[v.heads - 1].head;
    }
    good = good && (judge_heads(&v) || fail(f, EXIT_INTERNAL, "no memory to verify with")) &&
           trail_read(pg, &all, on_entry, &v, f) && erasure_close(v.erasures, pg, out, f);
    if (good) {
        judge_end(&v);
        if (v.broken)
            locate(&v, pg);
    }
    free(v.head);
    erasure_book_free(v.erasures);
    merkle_hasher_free(v.hasher);
    return good;
}
