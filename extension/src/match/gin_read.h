/*
 * gin_read.h - which rows an index of gin_sound_ops holds under names that sound like one asked for. Reads the index's
 * pages itself, each key's names once, where PostgreSQL's GIN merges the rows of some hundred keys one by one. Promises
 * the rows that GIN would hand out for the same question, in the order of the table, no row twice. Refuses what no key
 * can answer, a threshold below EKOK_NAME_ASKED_LEAST: then the table is to be read.
 */
#ifndef EKOK_MATCH_GIN_READ_H
#define EKOK_MATCH_GIN_READ_H

#include "postgres.h"

#include "storage/block.h"
#include "storage/itemptr.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

/* Ascending. An item is a row, or with offset 0 all of a page, since single rows outgrew the memory; see below. */
typedef struct {
    uint64 *item;
    size_t n, room;
    bool whole_pages;
    size_t heard; /* names */
} ekok_rows;

static inline BlockNumber ekok_item_block(uint64 item)
{
    return (BlockNumber)(item >> 17);
}

static inline OffsetNumber ekok_item_offset(uint64 item)
{
    return (OffsetNumber)(item >> 1);
}

/* Whether the row's name is to be heard: not known to be alike, as the index does not hold it, or a whole page. */
static inline bool ekok_item_undecided(uint64 item)
{
    return (item & 1) != 0;
}

/*
 * Fills *out, whose items live in the current memory context, at most work_mem of them where pages suffice for that.
 * False when the whole table is to be read. asked: a text, detoasted.
 */
bool ekok_gin_read(Relation index, Snapshot snapshot, const text *asked, ekok_rows *out);

#endif
