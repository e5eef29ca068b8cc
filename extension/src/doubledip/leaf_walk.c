/*
 * leaf_walk.c - follows the chain of leaf pages, takes the entries of each and its link to the right under one
 * share lock.
 *
 * The link is read together with the entries: they only ever move right, so what a later split moves was read
 * already, and nothing is met twice. Where leaves lie scattered, the blocks that come next are known from their
 * parents and are read ahead; those lists are hints and decide nothing.
 */
#include "doubledip/leaf_walk.h"

#include "access/nbtree.h"
#include "access/xact.h"
#include "catalog/pg_index.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/spccache.h"

#include "doubledip/btree_page.h"

struct leaf_walk {
    Relation index;
    leaf_walk_wish wish;
    BlockNumber next;
    bool nulls_first;
    bool heed_killed; /* not on a standby: there the mark of a dead entry may be ahead of our snapshot */
    Buffer pinned;
    int64 pages;
    int ahead; /* blocks read ahead and not yet reached, about */
    int distance;
    BlockNumber asked; /* the last block that was considered for reading ahead */
    btree_children *children;
    int count;
    sweep_entry entry[MaxTIDsPerBTreePage];
    Page page; /* while it is locked */
};

leaf_walk *leaf_walk_begin(Relation index, const leaf_walk_wish *wish)
{
    leaf_walk *self = palloc(sizeof *self);

    self->index = index;
    self->wish = *wish;
    self->nulls_first = index->rd_indoption[0] & INDOPTION_NULLS_FIRST;
    self->heed_killed = !TransactionStartedDuringRecovery();
    self->pinned = InvalidBuffer;
    self->pages = 0;
    self->ahead = 0;
    self->distance = get_tablespace_io_concurrency(index->rd_rel->reltablespace);
    self->asked = InvalidBlockNumber;
    self->children = palloc(sizeof *self->children);
    self->count = 0;
    self->next = btree_find_leaf(index, wish->range.least, self->children);
    return self;
}

/*
 * Has the system read ahead, as far as the tablespace's effective_io_concurrency says; runs of blocks it finds
 * itself.
 */
static void read_ahead(leaf_walk *self)
{
    btree_children *children = self->children;

    while (self->ahead < self->distance) {
        if (children->at == children->count) {
            if (!btree_more_children(self->index, children))
                return;
            continue;
        }
        BlockNumber block = children->child[children->at++];
        if (self->asked == InvalidBlockNumber || block != self->asked + 1)
            PrefetchBuffer(self->index, MAIN_FORKNUM, block);
        self->asked = block;
        self->ahead++;
    }
}

static void take(leaf_walk *self, IndexTuple tuple, ekok_evidence evidence)
{
    int rows = BTreeTupleIsPosting(tuple) ? BTreeTupleGetNPosting(tuple) : 1;
    ItemPointer row = BTreeTupleIsPosting(tuple) ? BTreeTupleGetPosting(tuple) : &tuple->t_tid;

    if (self->count + rows > (int)lengthof(self->entry))
        ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED),
                errmsg("a page of index \"%s\" holds more entries than fit",
                       RelationGetRelationName(self->index)),
                errhint("Check the index with amcheck, then rebuild it with REINDEX INDEX."));
    for (int i = 0; i < rows; i++)
        self->entry[self->count++] = (sweep_entry){evidence, row[i], self->wish.source, ENTRY_UNJUDGED};
}

/* Tuples of one key, one after the other on the page. */
typedef struct {
    OffsetNumber first;
    OffsetNumber last;
    ekok_evidence evidence; /* of the last */
    int different;          /* evidences, so programmes; 0 before the first tuple */
    bool whole;             /* something stands before it on the page, so its key begins here */
} key_run;

static bool same_key(ekok_evidence a, ekok_evidence b)
{
    return (a.bits ^ b.bits) >> EKOK_EVIDENCE_PROGRAMME_BITS == 0;
}

static IndexTuple tuple_at(leaf_walk *self, OffsetNumber n, bool *dead)
{
    ItemId item = PageGetItemId(self->page, n);

    *dead = ItemIdIsDead(item) && self->heed_killed;
    return (IndexTuple)PageGetItem(self->page, item);
}

static void take_run(leaf_walk *self, const key_run *run)
{
    bool dead = false;
    bool null = false;

    for (OffsetNumber n = run->first; n <= run->last; n++) {
        IndexTuple tuple = tuple_at(self, n, &dead);
        if (!dead)
            take(self, tuple, btree_tuple_evidence(tuple, &null));
    }
}

/* Adds tuple n to the run, or begins another with it and takes the one that ended, if it matters. */
static inline void follow_run(leaf_walk *self, key_run *run, OffsetNumber n, ekok_evidence evidence)
{
    if (run->different > 0 && same_key(evidence, run->evidence)) {
        run->different += evidence.bits != run->evidence.bits;
        run->evidence = evidence;
        run->last = n;
        return;
    }
    if (run->different > 0 && (!run->whole || run->different >= self->wish.fewest))
        take_run(self, run);
    *run = (key_run){n, n, evidence, 1, run->different > 0};
}

/*
 * Takes the entries of the page that matter: the first and the last key, which may go on elsewhere, and those of
 * enough programmes. False when what follows is beyond the range.
 */
static bool take_entries(leaf_walk *self)
{
    OffsetNumber end = PageGetMaxOffsetNumber(self->page);
    key_run run = {0};
    bool more = true;

    for (OffsetNumber n = P_FIRSTDATAKEY(BTPageGetOpaque(self->page)); n <= end; n++) {
        bool dead = false;
        bool null = false;
        IndexTuple tuple = tuple_at(self, n, &dead);

        if (dead)
            continue;
        ekok_evidence evidence = btree_tuple_evidence(tuple, &null);
        if (null && self->nulls_first)
            continue;
        more = !null && evidence.bits <= self->wish.range.greatest.bits;
        if (!more)
            break;
        if (evidence.bits >= self->wish.range.least.bits)
            follow_run(self, &run, n, evidence);
    }
    if (run.different > 0)
        take_run(self, &run);
    return more;
}

/* Reads the next leaf that is in use, all of it under one share lock; false when there is none. */
static bool read_leaf(leaf_walk *self)
{
    BlockNumber block = self->next;

    CHECK_FOR_INTERRUPTS();
    if (block == P_NONE)
        return false;
    read_ahead(self);
    Buffer buffer = btree_page_lock(self->index, block);
    self->page = BufferGetPage(buffer);
    BTPageOpaque opaque = BTPageGetOpaque(self->page);

    if (!P_IGNORE(opaque) && !P_ISLEAF(opaque))
        ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED),
                errmsg("index \"%s\" links to block %u, which is no leaf",
                       RelationGetRelationName(self->index), block),
                errhint("Check the index with amcheck, then rebuild it with REINDEX INDEX."));
    self->next = opaque->btpo_next;
    self->ahead -= self->ahead > 0;
    self->pages++;
    if (!P_IGNORE(opaque) && !take_entries(self))
        self->next = P_NONE;
    LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
    if (self->count > 0 && self->wish.keep_pins)
        self->pinned = buffer;
    else
        ReleaseBuffer(buffer);
    return true;
}

int leaf_walk_read(leaf_walk *self, const sweep_entry **entries)
{
    leaf_walk_unpin(self);
    self->count = 0;
    while (self->count == 0) {
        if (!read_leaf(self))
            return 0;
    }
    *entries = self->entry;
    return self->count;
}

bool leaf_walk_pinned(const leaf_walk *self)
{
    return BufferIsValid(self->pinned);
}

void leaf_walk_unpin(leaf_walk *self)
{
    if (BufferIsValid(self->pinned))
        ReleaseBuffer(self->pinned);
    self->pinned = InvalidBuffer;
}

int64 leaf_walk_pages(const leaf_walk *self)
{
    return self->pages;
}

void leaf_walk_end(leaf_walk *self)
{
    leaf_walk_unpin(self);
    pfree(self->children);
    pfree(self);
}
