/*
 * entry_scan.c - an index-only scan over a whole index, by PostgreSQL's own scan API.
 *
 * The order of the checks is that of the executor's index-only scan: entry first, visibility map second, heap
 * third; README.md says why that is safe. Pages read under the map alone are predicate-locked, so SERIALIZABLE
 * transactions stay serializable.
 */
#include "doubledip/entry_scan.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "access/visibilitymap.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

struct entry_scan {
    Relation table;
    Snapshot snapshot;
    ScanDirection direction;
    IndexScanDesc scan;
    IndexFetchTableData *fetch; /* for entry_scan_locate, beside the scan's own */
    TupleTableSlot *slot;
    Buffer map;
};

entry_scan *entry_scan_begin(const sweep_target *target)
{
    entry_scan *self = palloc0(sizeof *self);

    self->table = target->table;
    self->snapshot = GetActiveSnapshot();
    self->direction = target->ascending;
    self->scan = index_beginscan(target->table, target->index, self->snapshot, 0, 0);
    self->scan->xs_want_itup = true;
    index_rescan(self->scan, NULL, 0, NULL, 0);
    self->fetch = table_index_fetch_begin(target->table);
    self->slot = table_slot_create(target->table, NULL);
    self->map = InvalidBuffer;
    return self;
}

static bool row_is_visible(entry_scan *self, ItemPointer row)
{
    BlockNumber block = ItemPointerGetBlockNumber(row);
    bool found;

    if (VM_ALL_VISIBLE(self->table, block, &self->map)) {
        PredicateLockPage(self->table, block, self->snapshot);
        return true;
    }
    found = index_fetch_heap(self->scan, self->slot);
    ExecClearTuple(self->slot);
    return found;
}

bool entry_scan_next(entry_scan *self, sweep_entry *entry)
{
    ItemPointer row;

    while ((row = index_getnext_tid(self->scan, self->direction)) != NULL) {
        bool null = false;
        Datum value;

        CHECK_FOR_INTERRUPTS();
        value = index_getattr(self->scan->xs_itup, 1, self->scan->xs_itupdesc, &null);
        if (null)
            continue;
        entry->evidence.bits = (uint64)DatumGetInt64(value);
        entry->row = *row;
        if (row_is_visible(self, row))
            return true;
    }
    return false;
}

void entry_scan_locate(entry_scan *self, ItemPointer row)
{
    bool again = false;
    bool found = table_index_fetch_tuple(self->fetch, row, self->snapshot, self->slot, &again, NULL);

    ExecClearTuple(self->slot);
    if (!found)
        ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED),
                errmsg("index \"%s\" has an entry whose row is not in table \"%s\"",
                       RelationGetRelationName(self->scan->indexRelation),
                       RelationGetRelationName(self->table)),
                errhint("Check the index with amcheck, then rebuild it with REINDEX INDEX."));
}

void entry_scan_end(entry_scan *self)
{
    if (BufferIsValid(self->map))
        ReleaseBuffer(self->map);
    ExecDropSingleTupleTableSlot(self->slot);
    table_index_fetch_end(self->fetch);
    index_endscan(self->scan);
    pfree(self);
}
