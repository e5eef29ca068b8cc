/*
 * range.c - see range.h. An ordinary index scan with two bounds; the programme is read from the index entry.
 */
#include "rule/range.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

static RegProcedure comparison(Relation index, StrategyNumber strategy)
{
    Oid type = index->rd_opcintype[0];

    return get_opcode(get_opfamily_member(index->rd_opfamily[0], type, type, strategy));
}

range_scan range_begin(Relation table, Relation index)
{
    range_scan range = {.scan = index_beginscan(table, index, GetActiveSnapshot(), 2, 0),
                        .slot = table_slot_create(table, NULL)};

    range.scan->xs_want_itup = true;
    ScanKeyInit(&range.bound[0], 1, BTGreaterEqualStrategyNumber,
                comparison(index, BTGreaterEqualStrategyNumber), (Datum)0);
    ScanKeyInit(&range.bound[1], 1, BTLessEqualStrategyNumber, comparison(index, BTLessEqualStrategyNumber),
                (Datum)0);
    return range;
}

void range_seek(range_scan *range, ekok_evidence evidence)
{
    uint64 low = evidence.bits & ~(uint64)EKOK_EVIDENCE_PROGRAMME_MAX;

    range->bound[0].sk_argument = Int64GetDatum((int64)low);
    range->bound[1].sk_argument = Int64GetDatum((int64)(low | EKOK_EVIDENCE_PROGRAMME_MAX));
    index_rescan(range->scan, range->bound, 2, NULL, 0);
}

int range_next(range_scan *range, int but)
{
    while (index_getnext_tid(range->scan, ForwardScanDirection) != NULL) {
        bool null;
        Datum value = index_getattr(range->scan->xs_itup, 1, range->scan->xs_itupdesc, &null);
        int programme = (int)(DatumGetInt64(value) & EKOK_EVIDENCE_PROGRAMME_MAX);

        CHECK_FOR_INTERRUPTS();
        if (programme == but || !index_fetch_heap(range->scan, range->slot))
            continue;
        ExecClearTuple(range->slot);
        return programme;
    }
    return -1;
}

void range_end(range_scan *range)
{
    index_endscan(range->scan);
    ExecDropSingleTupleTableSlot(range->slot);
}
