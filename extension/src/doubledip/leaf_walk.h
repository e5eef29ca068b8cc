/*
 * leaf_walk.h - the entries of an evidence index in rising order, read from its leaf pages without a scan.
 *
 * For a btree in ascending order. Gives entries as they stand in the index, dead rows among them; passes over
 * NULLs. One page at a time is locked, shared, for as long as it takes to read it. What makes that safe is in
 * README.md.
 */
#ifndef EKOK_DOUBLEDIP_LEAF_WALK_H
#define EKOK_DOUBLEDIP_LEAF_WALK_H

#include "postgres.h"

#include "utils/relcache.h"

#include "doubledip/entry.h"

typedef struct leaf_walk leaf_walk;

typedef struct {
    sweep_range range;
    /*
     * Keys that a single page holds whole and with fewer different evidences than this are passed over; 1 for
     * none.
     */
    int fewest;
    uint8 source; /* goes into each entry */
    /* Keep each page pinned until the next is read, so that the visibility map may be believed. */
    bool keep_pins;
    /* Pin the page that comes next as well, so that it is fetched from memory meanwhile; for few indexes at a time. */
    bool pin_next;
} leaf_walk_wish;

/* The caller holds a lock on the index, and a registered snapshot until the walk ends. */
leaf_walk *leaf_walk_begin(Relation index, const leaf_walk_wish *wish);
/* The next entries, never none but at the end; they are good until the next call. Checks for interrupts. */
int leaf_walk_read(leaf_walk *walk, const sweep_entry **entries);
/* Is the page that the last entries came from still pinned? */
bool leaf_walk_pinned(const leaf_walk *walk);
void leaf_walk_unpin(leaf_walk *walk);
int64 leaf_walk_pages(const leaf_walk *walk);
void leaf_walk_end(leaf_walk *walk);

#endif
