/*
 * record_store.h - all records of one de-duplication, in memory, each in some 40 bytes beside its names and evidence.
 *
 * Records stand in the order of a hash of what they hold, id included, not in that of the table: whatever is done over
 * them afterwards does not depend on how they arrived.
 */
#ifndef EKOK_LINKAGE_RECORD_STORE_H
#define EKOK_LINKAGE_RECORD_STORE_H

#include "postgres.h"

#include "storage/itemptr.h"

#include "blocking.h"
#include "linkage/columns.h"
#include "linkage/memory.h"
#include "linkage/name_store.h"
#include "match.h"

enum { LINK_PROGRAMMES = 1024 };

typedef struct {
    uint64 order; /* hash of the content */
    name_ref name[2], father, mother;
    name_id place_text;
    uint32 place; /* code filled to eight digits, 0: none */
    uint32 held;  /* first of its evidence */
    uint32 id;    /* offset of its id in the pool of ids; PG_UINT32_MAX: none */
    ekok_birth birth;
    ItemPointerData row;
    uint8 place_level, sex, helds;
} link_record;

typedef struct {
    link_memory *memory;
    name_store names;
    link_record *record;
    ekok_held *held;
    char *ids; /* NUL-terminated, one after the other */
    uint32 count, room, held_count, held_room, id_bytes, id_room;
    uint64 *programme; /* hashes of those met, LINK_PROGRAMMES at most; later ones count as not known */
    uint16 programmes;
} record_store;

/*
 * Reads what the query yields under the caller's rights and snapshot; an error from four thousand million
 * records on.
 */
void record_store_load(record_store *store, link_memory *memory, const link_columns *columns);

#endif
