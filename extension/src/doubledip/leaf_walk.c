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
#include "doubledip/leaf_scan.h"

struct leaf_walk {
    Relation index;
    bool keep_pins;
    bool pin_next;
    BlockNumber next;
    Buffer coming; /* `next`, pinned, or none */
    Buffer pinned; /* the page scanned last, or none */
    int64 pages;
    int ahead; /* blocks read ahead and not yet reached, about */
    int distance;
    BlockNumber asked; /* the last block that was considered for reading ahead */
    btree_children *children;
    PGAlignedBlock copy;
    leaf_scan scan;
};

leaf_walk *leaf_walk_begin(Relation index, const leaf_walk_wish *wish)
{
    leaf_walk *self = palloc(sizeof *self);

    self->index = index;
    self->keep_pins = wish->keep_pins;
    self->pin_next = wish->pin_next;
    self->coming = InvalidBuffer;
    self->pinned = InvalidBuffer;
    self->pages = 0;
    self->ahead = 0;
    self->distance = get_tablespace_io_concurrency(index->rd_rel->reltablespace);
    self->asked = InvalidBlockNumber;
    self->children = palloc(sizeof *self->children);
    self->scan.index = index;
    self->scan.range = wish->range;
    self->scan.fewest = wish->fewest;
    self->scan.source = wish->source;
    self->scan.nulls_first = index->rd_indoption[0] & INDOPTION_NULLS_FIRST;
    /* Not on a standby: there the mark of a dead entry may be ahead of our snapshot. */
    self->scan.heed_killed = !TransactionStartedDuringRecovery();
    self->scan.count = 0;
    self->scan.open = false;
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

/* Copies a page under its share lock: its lines, then its tuples; the hole between them holds nothing. */
static void copy_page(leaf_walk *self, Buffer buffer, BlockNumber block)
{
    char *copy = self->copy.data;

    btree_buffer_lock(self->index, buffer, block);
    Page page = BufferGetPage(buffer);
    LocationIndex lower = ((PageHeader)page)->pd_lower;
    LocationIndex upper = ((PageHeader)page)->pd_upper;
    memcpy(copy, page, lower);
    memcpy(copy + upper, (char *)page + upper, BLCKSZ - upper);
    LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
}

/* Has the processor fetch the page that comes next while the copy of this one is scanned. */
static void bring_next(leaf_walk *self)
{
    if (!self->pin_next || self->next == P_NONE)
        return;
    self->coming = ReadBuffer(self->index, self->next);
    const char *page = BufferGetPage(self->coming);
    for (int at = 0; at < BLCKSZ; at += PG_CACHE_LINE_SIZE / 2)
        __builtin_prefetch(page + at, 0, 2);
}

static Buffer pin_next(leaf_walk *self)
{
    Buffer buffer = self->coming;

    self->coming = InvalidBuffer;
    return BufferIsValid(buffer) ? buffer : ReadBuffer(self->index, self->next);
}

/* Reads the next leaf, all of it under one share lock; false when there is none. */
static bool read_leaf(leaf_walk *self)
{
    BlockNumber block = self->next;

    CHECK_FOR_INTERRUPTS();
    self->scan.count = 0;
    if (block == P_NONE)
        return false;
    read_ahead(self);
    Buffer buffer = pin_next(self);
    copy_page(self, buffer, block);
    BTPageOpaque opaque = BTPageGetOpaque(self->copy.data);

    if (!P_IGNORE(opaque) && !P_ISLEAF(opaque))
        ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED),
                errmsg("index \"%s\" links to block %u, which is no leaf",
                       RelationGetRelationName(self->index), block),
                errhint("Check the index with amcheck, then rebuild it with REINDEX INDEX."));
    self->next = opaque->btpo_next;
    self->ahead -= self->ahead > 0;
    self->pages++;
    bring_next(self);
    if (!P_IGNORE(opaque) && !leaf_scan_page(&self->scan, self->copy.data))
        self->next = P_NONE;
    if (self->scan.count > 0 && self->keep_pins)
        self->pinned = buffer;
    else
        ReleaseBuffer(buffer);
    return true;
}

static void unpin(Buffer *buffer)
{
    if (BufferIsValid(*buffer))
        ReleaseBuffer(*buffer);
    *buffer = InvalidBuffer;
}

int leaf_walk_read(leaf_walk *self, const sweep_entry **entries)
{
    unpin(&self->pinned);
    do {
        if (!read_leaf(self))
            return 0;
    } while (self->scan.count == 0);
    *entries = self->scan.entry;
    return self->scan.count;
}

bool leaf_walk_pinned(const leaf_walk *self)
{
    return BufferIsValid(self->pinned);
}

void leaf_walk_unpin(leaf_walk *self)
{
    unpin(&self->pinned);
    unpin(&self->coming);
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
