/*
 * holders.c - looks up one key at a time in an evidence index, by PostgreSQL's own scan API; and the SQL function
 * ekok.holders(index, keys), which does so with the caller's rights.
 *
 * Every row is fetched from the table, so its TID is the row's own and not the root of its HOT chain, and a
 * SERIALIZABLE transaction locks what it read, as with any index scan.
 */
#include "doubledip/holders.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "compat.h"

PG_FUNCTION_INFO_V1(holders);

enum { KEYS_MAX = 1 << 20 };

struct ekok_holders {
    sweep_target target;
    bool opened; /* the target is ours to close */
    Snapshot snapshot;
    IndexScanDesc scan;
    TupleTableSlot *slot;
    ScanKeyData range[EVIDENCE_RANGE]; /* >= the least evidence of the key, <= the greatest */
};

ekok_holders *ekok_holders_over(const sweep_target *target, Snapshot snapshot)
{
    ekok_holders *self = palloc0(sizeof *self);

    self->target = *target;
    self->snapshot = RegisterSnapshot(snapshot);
    sweep_target_range(target, self->range);
    self->slot = table_slot_create(target->table, NULL);
    self->scan = ekok_index_beginscan(target->table, target->index, self->snapshot, EVIDENCE_RANGE);
    self->scan->xs_want_itup = true;
    ekok_holders_seek(self, (ekok_evidence){0});
    return self;
}

ekok_holders *ekok_holders_open(Oid index, Oid schema, Snapshot snapshot)
{
    sweep_target target = sweep_target_open_unchecked(index, schema);
    ekok_holders *self = ekok_holders_over(&target, snapshot);

    self->opened = true;
    return self;
}

void ekok_holders_seek(ekok_holders *self, ekok_evidence evidence)
{
    self->range[0].sk_argument = Int64GetDatum((int64)ekok_evidence_first(evidence).bits);
    self->range[1].sk_argument = Int64GetDatum((int64)ekok_evidence_last(evidence).bits);
    index_rescan(self->scan, self->range, EVIDENCE_RANGE, NULL, 0);
}

static ekok_evidence evidence_of_entry(const ekok_holders *self)
{
    bool null = false;

    return (ekok_evidence){
        (uint64)DatumGetInt64(index_getattr(self->scan->xs_itup, 1, self->scan->xs_itupdesc, &null))};
}

bool ekok_holders_next(ekok_holders *self, ekok_holder *holder)
{
    CHECK_FOR_INTERRUPTS();
    if (!index_getnext_slot(self->scan, self->target.ascending, self->slot))
        return false;
    holder->evidence = evidence_of_entry(self);
    holder->row = self->slot->tts_tid;
    return true;
}

int ekok_holders_next_programme(ekok_holders *self, int but)
{
    while (index_getnext_tid(self->scan, self->target.ascending) != NULL) {
        int programme = (int)ekok_evidence_programme(evidence_of_entry(self));

        CHECK_FOR_INTERRUPTS();
        if (programme != but && index_fetch_heap(self->scan, self->slot))
            return programme;
    }
    return -1;
}

TupleTableSlot *ekok_holders_row(ekok_holders *self)
{
    return self->slot;
}

Relation ekok_holders_table(const ekok_holders *self)
{
    return self->target.table;
}

void ekok_holders_close(ekok_holders *self)
{
    ExecDropSingleTupleTableSlot(self->slot);
    index_endscan(self->scan);
    UnregisterSnapshot(self->snapshot);
    if (self->opened)
        sweep_target_close(&self->target);
    pfree(self);
}

static int compare_keys(const void *a, const void *b)
{
    uint64 one = *(const uint64 *)a;
    uint64 other = *(const uint64 *)b;

    return (one > other) - (one < other);
}

/* The different keys of the array, rising, each as its least evidence; NULLs are none. Sets *count. */
static uint64 *distinct_keys(ArrayType *array, int *count)
{
    Datum *value = NULL;
    bool *null = NULL;
    int all = 0;
    int n = 0;

    deconstruct_array(array, ARR_ELEMTYPE(array), sizeof(uint64), true, TYPALIGN_DOUBLE, &value, &null, &all);
    if (all > KEYS_MAX)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("%d keys to look up", all),
                errdetail("At most %d are looked up in one call.", KEYS_MAX),
                errhint("Join the table with the keys by the operator ~ instead."));
    uint64 *key = palloc((Size)Max(all, 1) * sizeof *key);
    for (int i = 0; i < all; i++) {
        if (!null[i])
            key[n++] = ekok_evidence_first((ekok_evidence){(uint64)DatumGetInt64(value[i])}).bits;
    }
    qsort(key, (size_t)n, sizeof *key, compare_keys);
    *count = 0;
    for (int i = 0; i < n; i++) {
        if (i == 0 || key[i] != key[i - 1])
            key[(*count)++] = key[i];
    }
    return key;
}

/* (index regclass, keys evidence[]) returns (evidence_key bigint, programme integer, "row" tid) */
Datum holders(PG_FUNCTION_ARGS)
{
    int count = 0;
    uint64 *key = distinct_keys(PG_GETARG_ARRAYTYPE_P(1), &count);
    sweep_target target = sweep_target_open(PG_GETARG_OID(0), get_func_namespace(fcinfo->flinfo->fn_oid));
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    ekok_holder holder;

    InitMaterializedSRF(fcinfo, 0);
    ekok_holders *found = ekok_holders_over(&target, GetActiveSnapshot());
    for (int i = 0; i < count; i++) {
        ekok_holders_seek(found, (ekok_evidence){key[i]});
        while (ekok_holders_next(found, &holder)) {
            bool nulls[3] = {false, false, false};
            Datum values[3] = {Int64GetDatum((int64)ekok_evidence_key(holder.evidence)),
                               Int32GetDatum((int32)ekok_evidence_programme(holder.evidence)),
                               PointerGetDatum(&holder.row)};
            tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
        }
    }
    ekok_holders_close(found);
    sweep_target_close(&target);
    return (Datum)0;
}
