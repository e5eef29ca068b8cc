/*
 * gin_read.c - see gin_read.h. Reads as access/gin/ginget.c does: the pending list first, page locked before page,
 * and then the tree of entries, so that what moves from one to the other in between is met at least once. Posting
 * trees are read when the page of their entry is unlocked again: GIN never takes an entry or the root of its tree
 * away.
 */
#include "gin_read.h"

#include "access/gin_private.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"

#include "gin.h"
#include "heard.h"
#include "setting.h"

#define ST_SORT          sort_items
#define ST_ELEMENT_TYPE  uint64
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_SCOPE         static
#define ST_DEFINE
#include "lib/sort_template.h"

enum { ROWS_FIRST = 1024, NAMES_FIRST = 1024 /* powers of two */, NAME_BYTES = 160 /* of memory, at most */ };

/* The entries whose names were heard, by name; NULL: a free place. */
typedef struct {
    const bytea **place;
    size_t n, room, most; /* so many at most: what is met beyond is heard again */
} heard_names;

typedef struct {
    BlockNumber root;
    bool undecided;
} posting_tree;

typedef struct {
    Relation index;
    Snapshot snapshot;
    GinState state;
    ekok_gin_search search;
    uint32_t key[EKOK_NAME_ASKED_MAX];
    size_t keys;
    posting_tree *tree; /* of the key that is being read */
    size_t trees, trees_room;
    heard_names names; /* in the tree of entries: under its other keys a name has the same rows */
    size_t rows_most;
    ekok_rows *rows;
} reader;

static int by_key(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* In order, each row once: as decided, where one of its names decided. */
static void settle(ekok_rows *rows)
{
    size_t kept = 0;

    sort_items(rows->item, rows->n);
    for (size_t i = 0; i < rows->n; i++) {
        if (kept == 0 || rows->item[kept - 1] >> 1 != rows->item[i] >> 1)
            rows->item[kept++] = rows->item[i];
    }
    rows->n = kept;
}

static uint64 page_of(uint64 item)
{
    return (item >> 17 << 17) | 1;
}

/* Makes room for at least one more: by leaving out rows met twice, then by keeping pages, then by memory. */
static void make_room(reader *r)
{
    ekok_rows *rows = r->rows;

    if (rows->room >= r->rows_most) {
        settle(rows);
        if (rows->n > r->rows_most / 2 && !rows->whole_pages) {
            rows->whole_pages = true;
            for (size_t i = 0; i < rows->n; i++)
                rows->item[i] = page_of(rows->item[i]);
            settle(rows);
        }
        if (rows->n <= rows->room / 2)
            return;
    }
    rows->room *= 2;
    rows->item = repalloc_huge(rows->item, rows->room * sizeof *rows->item);
}

static void add_rows(reader *r, const ItemPointerData *row, int n, bool undecided)
{
    for (int i = 0; i < n; i++) {
        uint64 item = (uint64)ItemPointerGetBlockNumber(&row[i]) << 17 |
                      (uint64)ItemPointerGetOffsetNumber(&row[i]) << 1 | undecided;

        if (r->rows->n == r->rows->room)
            make_room(r);
        r->rows->item[r->rows->n++] = r->rows->whole_pages ? page_of(item) : item;
    }
}

static const bytea *entry_of_tuple(reader *r, IndexTuple tuple)
{
    GinNullCategory category;
    Datum entry = gintuple_get_key(&r->state, tuple, &category);

    return category == GIN_CAT_NORM_KEY ? (const bytea *)DatumGetPointer(entry) : NULL;
}

static uint32_t key_of(const bytea *entry)
{
    uint32 first;

    memcpy(&first, VARDATA_ANY(entry), sizeof first);
    return pg_ntoh32(first);
}

static const bytea **place_of(const heard_names *names, const bytea *entry)
{
    const char *name = VARDATA_ANY(entry) + sizeof(uint32);
    size_t n = VARSIZE_ANY_EXHDR(entry) - sizeof(uint32);

    for (size_t at = hash_bytes((const unsigned char *)name, (int)n);; at++) {
        const bytea **place = &names->place[at & (names->room - 1)];

        if (*place == NULL || (VARSIZE_ANY_EXHDR(*place) == n + sizeof(uint32) &&
                               memcmp(VARDATA_ANY(*place) + sizeof(uint32), name, n) == 0))
            return place;
    }
}

static void widen_names(heard_names *names)
{
    heard_names wider = {palloc0(2 * names->room * sizeof *wider.place), names->n, 2 * names->room,
                         names->most};

    for (size_t i = 0; i < names->room; i++) {
        if (names->place[i] != NULL)
            *place_of(&wider, names->place[i]) = names->place[i];
    }
    pfree(names->place);
    *names = wider;
}

/* Whether an entry's name is met for the first time; of an entry without a name always. */
static bool is_new(heard_names *names, const bytea *entry)
{
    const bytea **place;
    bytea *copy;

    if (VARSIZE_ANY_EXHDR(entry) == sizeof(uint32))
        return true;
    place = place_of(names, entry);
    if (*place != NULL)
        return false;
    if (names->n >= names->most)
        return true;
    copy = palloc(VARSIZE_ANY(entry));
    memcpy(copy, entry, VARSIZE_ANY(entry));
    *place = copy;
    if (++names->n > names->room / 2)
        widen_names(names);
    return true;
}

/* Of a page of rows that were not yet moved to the tree. */
static void read_pending_page(reader *r, Page page)
{
    for (OffsetNumber at = FirstOffsetNumber; at <= PageGetMaxOffsetNumber(page); at++) {
        IndexTuple tuple = (IndexTuple)PageGetItem(page, PageGetItemId(page, at));
        const bytea *entry = entry_of_tuple(r, tuple);

        if (entry == NULL)
            continue;
        uint32_t key = key_of(entry);
        if (bsearch(&key, r->key, r->keys, sizeof *r->key, by_key) == NULL)
            continue;
        ekok_gin_verdict verdict = ekok_gin_hear(&r->search, entry);
        r->rows->heard++;
        if (verdict != EKOK_GIN_OTHER)
            add_rows(r, &tuple->t_tid, 1, verdict == EKOK_GIN_UNDECIDED);
    }
}

static void read_pending(reader *r)
{
    Buffer meta = ReadBuffer(r->index, GIN_METAPAGE_BLKNO), buffer;
    BlockNumber next;

    LockBuffer(meta, GIN_SHARE);
    next = GinPageGetMeta(BufferGetPage(meta))->head;
    for (buffer = meta; next != InvalidBlockNumber;) {
        Buffer following = ReadBuffer(r->index, next);

        LockBuffer(following, GIN_SHARE);
        UnlockReleaseBuffer(buffer);
        buffer = following;
        read_pending_page(r, BufferGetPage(buffer));
        next = GinPageGetOpaque(BufferGetPage(buffer))->rightlink;
    }
    UnlockReleaseBuffer(buffer);
}

static void read_tree(reader *r, const posting_tree *tree)
{
    GinBtreeData btree;
    GinBtreeStack *stack = ginScanBeginPostingTree(&btree, r->index, tree->root, r->snapshot);
    Buffer buffer = stack->buffer;
    ItemPointerData first;

    IncrBufferRefCount(buffer); /* the stack lets go of its own */
    freeGinBtreeStack(stack);
    ItemPointerSetMin(&first);
    for (;;) {
        Page page = BufferGetPage(buffer);

        if (!GinPageIsDeleted(page)) {
            int n = 0;
            ItemPointer row = GinDataLeafPageGetItems(page, &n, first);

            add_rows(r, row, n, tree->undecided);
            if (row != NULL)
                pfree(row);
        }
        if (GinPageRightMost(page))
            break;
        buffer = ginStepRight(buffer, r->index, GIN_SHARE);
    }
    UnlockReleaseBuffer(buffer);
}

static void remember_tree(reader *r, posting_tree tree)
{
    if (r->trees == r->trees_room) {
        r->trees_room = r->trees_room == 0 ? 16 : 2 * r->trees_room;
        r->tree = r->tree == NULL ? palloc(r->trees_room * sizeof *r->tree)
                                  : repalloc(r->tree, r->trees_room * sizeof *r->tree);
    }
    r->tree[r->trees++] = tree;
}

/* One name under the key; false past them. */
static bool read_entry(reader *r, uint32_t key, IndexTuple tuple)
{
    const bytea *entry = entry_of_tuple(r, tuple);
    ekok_gin_verdict verdict;

    if (entry == NULL || key_of(entry) != key)
        return false;
    if (!is_new(&r->names, entry))
        return true;
    verdict = ekok_gin_hear(&r->search, entry);
    r->rows->heard++;
    if (verdict == EKOK_GIN_OTHER)
        return true;
    if (GinIsPostingTree(tuple)) {
        remember_tree(r, (posting_tree){GinGetPostingTree(tuple), verdict == EKOK_GIN_UNDECIDED});
    } else {
        int n = 0;
        ItemPointer row = ginReadTuple(&r->state, FirstOffsetNumber, tuple, &n);

        add_rows(r, row, n, verdict == EKOK_GIN_UNDECIDED);
        if (row != NULL)
            pfree(row);
    }
    return true;
}

static void read_key(reader *r, uint32_t key)
{
    bytea *from = (bytea *)DatumGetPointer(ekok_gin_entry(key, NULL, 0));
    GinBtreeData btree;
    GinBtreeStack *stack;

    ginPrepareEntryScan(&btree, FirstOffsetNumber, PointerGetDatum(from), GIN_CAT_NORM_KEY, &r->state);
    stack = ginFindLeafPage(&btree, true, false, r->snapshot);
    btree.findItem(&btree, stack);
    for (;;) {
        Page page = BufferGetPage(stack->buffer);

        if (stack->off > PageGetMaxOffsetNumber(page)) {
            if (GinPageRightMost(page))
                break;
            stack->buffer = ginStepRight(stack->buffer, r->index, GIN_SHARE);
            stack->off = FirstOffsetNumber;
        } else if (read_entry(r, key, (IndexTuple)PageGetItem(page, PageGetItemId(page, stack->off)))) {
            stack->off++;
        } else {
            break;
        }
    }
    LockBuffer(stack->buffer, GIN_UNLOCK);
    freeGinBtreeStack(stack);
    pfree(from);
    for (size_t i = 0; i < r->trees; i++)
        read_tree(r, &r->tree[i]);
    r->trees = 0;
}

bool ekok_gin_read(Relation index, Snapshot snapshot, const text *asked, ekok_rows *out)
{
    reader *r = palloc0(sizeof *r);
    ekok_span given = {VARDATA_ANY(asked), VARSIZE_ANY_EXHDR(asked)};

    *out = (ekok_rows){.room = ROWS_FIRST};
    r->rows = out;
    r->rows_most = Max((size_t)work_mem * 1024 / sizeof *out->item, ROWS_FIRST);
    if (given.n > EKOK_NAME_BYTES_MAX || !ekok_heard_parse(given, &r->search.asked))
        return true; /* no name: like nothing */
    if (ekok_sound_threshold < EKOK_NAME_ASKED_LEAST)
        return false;
    ekok_gin_begin(&r->search);
    r->keys = ekok_name_keys_asked(&r->search.asked, r->search.threshold, r->key);
    qsort(r->key, r->keys, sizeof *r->key, by_key);
    r->index = index;
    r->snapshot = snapshot;
    out->item = palloc(out->room * sizeof *out->item);
    r->names = (heard_names){palloc0(NAMES_FIRST * sizeof *r->names.place), 0, NAMES_FIRST,
                             Max((size_t)work_mem * 1024 / NAME_BYTES, NAMES_FIRST / 4)};
    initGinState(&r->state, index);
    PredicateLockRelation(index, snapshot);
    read_pending(r);
    for (size_t i = 0; i < r->keys; i++) {
        CHECK_FOR_INTERRUPTS();
        read_key(r, r->key[i]);
    }
    settle(out);
    return true;
}
