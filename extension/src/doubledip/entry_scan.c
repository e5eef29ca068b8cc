/*
 * entry_scan.c - a range scan of an index that never looks at the table: dead rows come too, and are judged by
 * others. A lot may end within a key, and says nothing of pages; so no entry of it is ever judged by the
 * visibility map.
 */
#include "doubledip/entry_scan.h"

#include "access/genam.h"
#include "access/itup.h"
#include "access/relscan.h"
#include "miscadmin.h"
#include "utils/rel.h"

#include "compat.h"

enum { LOT = 1024 };

struct entry_scan {
    IndexScanDesc scan;
    ScanDirection direction;
    uint8 source;
    bool ended; /* a scan asked once more after its end would begin anew */
    ScanKeyData bound[EVIDENCE_RANGE];
    sweep_entry entry[LOT];
};

entry_scan *entry_scan_begin(const sweep_target *target, Snapshot snapshot, sweep_range range, uint8 source)
{
    entry_scan *self = palloc(sizeof *self);

    self->direction = target->ascending;
    self->source = source;
    self->ended = false;
    sweep_target_range(target, self->bound);
    self->bound[0].sk_argument = Int64GetDatum((int64)range.least.bits);
    self->bound[1].sk_argument = Int64GetDatum((int64)range.greatest.bits);
    self->scan = ekok_index_beginscan(target->table, target->index, snapshot, EVIDENCE_RANGE);
    self->scan->xs_want_itup = true;
    index_rescan(self->scan, self->bound, EVIDENCE_RANGE, NULL, 0);
    return self;
}

int entry_scan_read(entry_scan *self, const sweep_entry **entries)
{
    int count = 0;
    bool null = false;

    while (count < LOT && !self->ended) {
        CHECK_FOR_INTERRUPTS();
        ItemPointer row = index_getnext_tid(self->scan, self->direction);
        self->ended = row == NULL;
        if (self->ended)
            break;
        Datum value = index_getattr(self->scan->xs_itup, 1, self->scan->xs_itupdesc, &null);
        self->entry[count++] =
            (sweep_entry){{(uint64)DatumGetInt64(value)}, *row, self->source, ENTRY_UNJUDGED};
    }
    *entries = self->entry;
    return count;
}

void entry_scan_end(entry_scan *self)
{
    index_endscan(self->scan);
    pfree(self);
}
