/*
 * btree_page.c - the descent of Lehman and Yao: no lock is held while the next page is read, and a page that has been
 * split or emptied meanwhile is left by its link to the right. Writes nothing, repairs nothing.
 *
 * Pages are not given out anew before every snapshot older than their deletion is gone, and the caller holds one:
 * a link that was read may lead to a deleted page, never to a page of another use.
 */
#include "doubledip/btree_page.h"

#include "access/itup.h"
#include "catalog/pg_index.h"
#include "miscadmin.h"
#include "utils/rel.h"

static void refuse_page(Relation index, BlockNumber block) pg_attribute_noreturn();

static void refuse_page(Relation index, BlockNumber block)
{
    ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED),
            errmsg("index \"%s\" has an unexpected page at block %u", RelationGetRelationName(index), block),
            errhint("Check the index with amcheck, then rebuild it with REINDEX INDEX."));
}

void btree_buffer_lock(Relation index, Buffer buffer, BlockNumber block)
{
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    PageHeader page = (PageHeader)BufferGetPage(buffer);
    if (PageIsNew(page) || PageGetSpecialSize(page) != MAXALIGN(sizeof(BTPageOpaqueData)) ||
        page->pd_lower < SizeOfPageHeaderData || page->pd_lower > page->pd_upper || page->pd_upper > BLCKSZ)
        refuse_page(index, block);
}

Buffer btree_page_lock(Relation index, BlockNumber block)
{
    Buffer buffer = ReadBuffer(index, block);

    btree_buffer_lock(index, buffer, block);
    return buffer;
}

/*
 * Does all that the pivot tuple separates off to its left lie below `least`? A cut-off or missing column is
 * below all.
 */
static bool pivot_below(Relation index, IndexTuple pivot, ekok_evidence least)
{
    bool null = false;
    ekok_evidence evidence;

    if (BTreeTupleGetNAtts(pivot, index) == 0)
        return true;
    evidence = btree_tuple_evidence(pivot, &null);
    if (null)
        return index->rd_indoption[0] & INDOPTION_NULLS_FIRST;
    return evidence.bits < least.bits;
}

/* Does the page end before `least`, so that the search goes on to its right? */
static bool ends_below(Relation index, Page page, ekok_evidence least)
{
    BTPageOpaque opaque = BTPageGetOpaque(page);

    if (P_RIGHTMOST(opaque))
        return false;
    return P_IGNORE(opaque) ||
           pivot_below(index, (IndexTuple)PageGetItem(page, PageGetItemId(page, P_HIKEY)), least);
}

/* The item of an inner page below which the first entry >= least is found. The first item is below everything. */
static OffsetNumber child_for(Relation index, Page page, ekok_evidence least)
{
    OffsetNumber low = P_FIRSTDATAKEY(BTPageGetOpaque(page));
    OffsetNumber high = PageGetMaxOffsetNumber(page);

    while (low < high) {
        OffsetNumber middle = (OffsetNumber)(low + (high - low + 1) / 2);
        if (pivot_below(index, (IndexTuple)PageGetItem(page, PageGetItemId(page, middle)), least))
            low = middle;
        else
            high = (OffsetNumber)(middle - 1);
    }
    return low;
}

static void list_children(Page page, OffsetNumber from, btree_children *children)
{
    OffsetNumber last = PageGetMaxOffsetNumber(page);

    children->count = 0;
    children->at = 0;
    children->right = BTPageGetOpaque(page)->btpo_next;
    for (OffsetNumber n = from; n <= last && children->count < (int)lengthof(children->child); n++)
        children->child[children->count++] =
            BTreeTupleGetDownLink((IndexTuple)PageGetItem(page, PageGetItemId(page, n)));
}

static BlockNumber root_of(Relation index)
{
    Buffer buffer = btree_page_lock(index, BTREE_METAPAGE);
    BTMetaPageData *meta = BTPageGetMeta(BufferGetPage(buffer));
    BlockNumber root = meta->btm_fastroot;

    if (meta->btm_magic != BTREE_MAGIC || meta->btm_version < BTREE_MIN_VERSION ||
        meta->btm_version > BTREE_VERSION)
        refuse_page(index, BTREE_METAPAGE);
    UnlockReleaseBuffer(buffer);
    return root;
}

BlockNumber btree_find_leaf(Relation index, ekok_evidence least, btree_children *children)
{
    BlockNumber block = root_of(index);

    children->count = 0;
    children->at = 0;
    children->right = P_NONE;
    while (block != P_NONE) {
        CHECK_FOR_INTERRUPTS();
        Buffer buffer = btree_page_lock(index, block);
        Page page = BufferGetPage(buffer);
        BTPageOpaque opaque = BTPageGetOpaque(page);
        BlockNumber here = block;

        if (P_ISMETA(opaque) || (P_IGNORE(opaque) && P_RIGHTMOST(opaque)))
            refuse_page(index, block);
        if (ends_below(index, page, least)) {
            block = opaque->btpo_next;
        } else if (!P_ISLEAF(opaque)) {
            OffsetNumber item = child_for(index, page, least);
            if (item > PageGetMaxOffsetNumber(page))
                refuse_page(index, block);
            block = BTreeTupleGetDownLink((IndexTuple)PageGetItem(page, PageGetItemId(page, item)));
            if (opaque->btpo_level == 1)
                list_children(page, item, children);
        }
        bool leaf = block == here;
        UnlockReleaseBuffer(buffer);
        if (leaf)
            return block;
    }
    return P_NONE;
}

bool btree_more_children(Relation index, btree_children *children)
{
    Buffer buffer;
    Page page;

    if (children->right == P_NONE)
        return false;
    buffer = btree_page_lock(index, children->right);
    page = BufferGetPage(buffer);
    if (P_IGNORE(BTPageGetOpaque(page))) {
        children->count = 0;
        children->at = 0;
        children->right = BTPageGetOpaque(page)->btpo_next;
    } else {
        list_children(page, P_FIRSTDATAKEY(BTPageGetOpaque(page)), children);
    }
    UnlockReleaseBuffer(buffer);
    return true;
}
