/*
 * leaf_walk.c - follows the chain of leaf pages, copies each under a share lock, takes its entries from the copy.
 *
 * The link to the right is that of the copy: entries only ever move right, so what a later split moves was in the copy
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
    bool
        heed_killed; /* an entry marked dead is dead to our snapshot; not on a standby, where the mark came with a page */
    Buffer pinned;
    int64 pages;
    int ahead; /* blocks read ahead and not yet reached, about */
    int distance;
    BlockNumber asked; /* the last block that was considered for reading ahead */
    btree_children *children;
    int count;
    sweep_entry entry[MaxTIDsPerBTreePage];
    PGAlignedBlock copy;
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

/* Has the system read ahead, as far as the tablespace's effective_io_concurrency says; runs of blocks it finds itself. */
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

/* Copies the next leaf that is in use; false when there is none. */
static bool copy_leaf(leaf_walk *self)
{
    while (self->next != P_NONE) {
        BlockNumber block = self->next;
        CHECK_FOR_INTERRUPTS();
        read_ahead(self);
        Buffer buffer = btree_page_lock(self->index, block);
        Page page = BufferGetPage(buffer);
        BTPageOpaque opaque = BTPageGetOpaque(page);
        bool used = !P_IGNORE(opaque);

        if (used && !P_ISLEAF(opaque))
            ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED),
                    errmsg("index \"%s\" links to block %u, which is no leaf",
                           RelationGetRelationName(self->index), block),
                    errhint("Check the index with amcheck, then rebuild it with REINDEX INDEX."));
        self->next = opaque->btpo_next;
        self->ahead -= self->ahead > 0;
        self->pages++;
        if (used)
            memcpy(self->copy.data, page, BLCKSZ);
        LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
        if (used && self->wish.keep_pins)
            self->pinned = buffer;
        else
            ReleaseBuffer(buffer);
        if (used)
            return true;
    }
    return false;
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

/* A run of entries of one key on the copied page. */
typedef struct {
    uint64 key;
    ekok_evidence last;
    int first;     /* in entry[] */
    int different; /* evidences, so programmes */
} key_run;

/* Forgets the run just ended when it is the whole of its key and too small to matter. */
static void end_run(leaf_walk *self, const key_run *run, bool whole)
{
    if (whole && run->different < self->wish.fewest)
        self->count = run->first;
}

static bool take_evidence(leaf_walk *self, IndexTuple tuple, ekok_evidence evidence, key_run *run)
{
    uint64 key = ekok_evidence_key(evidence);

    if (evidence.bits < self->wish.range.least.bits)
        return true;
    if (evidence.bits > self->wish.range.greatest.bits)
        return false;
    if (run->different == 0 || key != run->key) {
        end_run(self, run, run->first > 0);
        *run = (key_run){.key = key, .last = evidence, .first = self->count, .different = 1};
    } else if (evidence.bits != run->last.bits) {
        run->last = evidence;
        run->different++;
    }
    take(self, tuple, evidence);
    return true;
}

/* Takes the entries of the copied page; false when what follows is beyond the range. */
static bool take_entries(leaf_walk *self)
{
    Page page = self->copy.data;
    OffsetNumber last = PageGetMaxOffsetNumber(page);
    key_run run = {0};

    self->count = 0;
    for (OffsetNumber n = P_FIRSTDATAKEY(BTPageGetOpaque(page)); n <= last; n++) {
        ItemId item = PageGetItemId(page, n);
        IndexTuple tuple = (IndexTuple)PageGetItem(page, item);
        bool null = false;

        if (ItemIdIsDead(item) && self->heed_killed)
            continue;
        ekok_evidence evidence = btree_tuple_evidence(tuple, &null);
        if (null && self->nulls_first)
            continue;
        if (null || !take_evidence(self, tuple, evidence, &run))
            return false;
    }
    return true;
}

int leaf_walk_read(leaf_walk *self, const sweep_entry **entries)
{
    do {
        leaf_walk_unpin(self);
        self->count = 0;
        if (!copy_leaf(self))
            return 0;
        if (!take_entries(self))
            self->next = P_NONE;
    } while (self->count == 0);
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
