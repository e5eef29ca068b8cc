/*
 * btree_page.h - reading the pages of a btree whose first column is evidence, in ascending order: the descent to the
 * first leaf of a range, the children of an inner page, the first column of a tuple.
 *
 * One page is pinned and share-locked at a time; none when a function returns but where it says so.
 */
#ifndef EKOK_DOUBLEDIP_BTREE_PAGE_H
#define EKOK_DOUBLEDIP_BTREE_PAGE_H

#include "postgres.h"

#include "access/nbtree.h"
#include "storage/bufmgr.h"
#include "utils/relcache.h"

#include "evidence.h"

/* Children of one page just above the leaves, in order; for prefetching only, as they grow old at once. */
typedef struct {
    int count;
    int at;            /* the next to look at */
    BlockNumber right; /* the page to the right at that level, or P_NONE */
    BlockNumber child[MaxIndexTuplesPerPage];
} btree_children;

/* Share-locks a page that is pinned; an error when it is no page of a btree. */
void btree_buffer_lock(Relation index, Buffer buffer, BlockNumber block);
/* The same, and pins it first. */
Buffer btree_page_lock(Relation index, BlockNumber block);

/* Sets *null or returns the evidence. `tuple` is not a pointer into a posting list. */
static inline ekok_evidence btree_tuple_evidence(IndexTuple tuple, bool *null)
{
    const char *first = (const char *)tuple + IndexInfoFindDataOffset(tuple->t_info);

    *null = IndexTupleHasNulls(tuple) && att_isnull(0, (bits8 *)((char *)tuple + sizeof(IndexTupleData)));
    if (*null)
        return (ekok_evidence){0};
    return *(const ekok_evidence *)first;
}

/*
 * The leaf that holds the first entry >= least, or one to its left; P_NONE when the index is empty. Fills
 * `children` with the leaf's siblings from it onwards, none where the root is the only page.
 */
BlockNumber btree_find_leaf(Relation index, ekok_evidence least, btree_children *children);

/* Goes on to the next page of parents; false at the end. */
bool btree_more_children(Relation index, btree_children *children);

#endif
