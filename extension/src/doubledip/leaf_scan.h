/*
 * leaf_scan.h - which entries of a leaf page matter to a sweep: those of keys that may be held by enough programmes.
 *
 * Reads a page that nobody changes meanwhile, a copy; decides by the entries alone, living and dead, never by rows. A
 * key that this page holds whole and with too few programmes is passed over; one that may go on elsewhere is not.
 */
#ifndef EKOK_DOUBLEDIP_LEAF_SCAN_H
#define EKOK_DOUBLEDIP_LEAF_SCAN_H

#include "postgres.h"

#include "access/nbtree.h"
#include "storage/bufpage.h"
#include "utils/relcache.h"

#include "doubledip/entry.h"

typedef struct {
    /* What is looked for. */
    Relation index;
    sweep_range range;
    int fewest;   /* evidences that a key must have on a page that holds it whole; 1: all entries matter */
    uint8 source; /* goes into each entry */
    bool nulls_first;
    bool heed_killed; /* entries marked dead are passed over */
    /* What was found on the page scanned last. */
    int count;
    sweep_entry entry[MaxTIDsPerBTreePage];
    /* From page to page: the last key, when it may go on. */
    bool open;
    ekok_evidence last;
} leaf_scan;

/* Scans the next leaf in order, which is in use; false when all that follows is beyond the range. */
bool leaf_scan_page(leaf_scan *scan, Page page);

#endif
