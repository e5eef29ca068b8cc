/*
 * double_dips.c - the SQL functions of the sweep: ekok.double_dips (one index, with rows), ekok.double_dips_across
 * (several indexes) and ekok.double_dip_counts (numbers only). Where the executor would store the result anyway
 * (in FROM) it is stored at once, beyond work_mem on disk; elsewhere it streams, one key a call, and may be left
 * off at any key.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "doubledip/progress.h"
#include "doubledip/sweep.h"

PG_FUNCTION_INFO_V1(double_dips);
PG_FUNCTION_INFO_V1(double_dips_across);
PG_FUNCTION_INFO_V1(double_dip_counts);

enum {
    PROGRAMMES_MAX = EKOK_EVIDENCE_PROGRAMME_MAX + 1,
    PARTS_MAX = 1024,
    COLUMNS_MAX = 5,
    PAGES_PER_REPORT = 256
};

typedef enum { WITH_ROWS, ACROSS_INDEXES, COUNTS_ONLY } answer_form;

/* One call of a sweeping function, from its first key to its last. */
typedef struct {
    answer_form form;
    int count;
    sweep_target *targets;
    Snapshot snapshot;
    ResourceOwner owner; /* of the snapshot and the relations */
    ekok_sweep *sweep;
    TupleDesc shape;
    MemoryContext scratch; /* emptied before each row */
    bool reporting;
    int64 reported; /* pages */
} sweep_call;

static int checked_min_programmes(int32 min_programmes)
{
    if (min_programmes < 1 || min_programmes > PROGRAMMES_MAX)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("min_programmes is %d", min_programmes),
                errdetail("It must lie between 1 and %d.", PROGRAMMES_MAX),
                errhint("2 finds whoever is in two programmes or more."));
    return min_programmes;
}

/* The keys of one of so many equal parts of all keys, as evidence. */
static sweep_range range_of_part(int32 part, int32 parts)
{
    const uint64 keys = (uint64)EKOK_EVIDENCE_KEY_MAX + 1;

    if (parts < 1 || parts > PARTS_MAX || part < 1 || part > parts)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("part is %d of %d parts", part, parts),
                errdetail("There may be 1 to %d parts, numbered from 1.", PARTS_MAX),
                errhint("Sweep each part in a session of its own; together they give the whole."));
    uint64 first = keys * (uint64)(part - 1) / (uint64)parts;
    uint64 after = keys * (uint64)part / (uint64)parts;
    return (sweep_range){{first << EKOK_EVIDENCE_PROGRAMME_BITS},
                         {(after << EKOK_EVIDENCE_PROGRAMME_BITS) - 1}};
}

static sweep_range range_argument(FunctionCallInfo fcinfo)
{
    if (PG_NARGS() < 4)
        return range_of_part(1, 1);
    return range_of_part(PG_GETARG_INT32(2), PG_GETARG_INT32(3));
}

/* The indexes named in an array; refuses none, too many, NULL and one named twice. */
static Oid *index_array(ArrayType *array, int *count)
{
    Datum *value = NULL;
    bool *null = NULL;
    Oid *index;

    deconstruct_array(array, ARR_ELEMTYPE(array), sizeof(Oid), true, TYPALIGN_INT, &value, &null, count);
    if (*count < 1 || *count > SWEEP_SOURCES_MAX)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%d indexes to sweep", *count),
                errdetail("From 1 to %d indexes are swept together.", SWEEP_SOURCES_MAX),
                errhint("Name each btree index whose first column is of type ekok.evidence."));
    index = palloc((Size)*count * sizeof(Oid));
    for (int i = 0; i < *count; i++) {
        bool bad = null[i];
        for (int j = 0; j < i && !bad; j++)
            bad = value[j] == value[i];
        if (bad)
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("index number %d is %s", i + 1, null[i] ? "NULL" : "named before"),
                    errhint("Name each index once."));
        index[i] = DatumGetObjectId(value[i]);
    }
    return index;
}

static int64 pages_of(const sweep_call *call)
{
    int64 pages = 0;

    for (int i = 0; i < call->count; i++)
        pages += RelationGetNumberOfBlocks(call->targets[i].index);
    return pages;
}

/* Opens all that a call needs, in the current memory context and resource owner. */
static sweep_call *call_open(FunctionCallInfo fcinfo, answer_form form, const Oid *index, int count)
{
    sweep_call *call = palloc0(sizeof *call);
    Oid schema = get_func_namespace(fcinfo->flinfo->fn_oid);
    sweep_wish wish = {.count = count,
                       .min_programmes = checked_min_programmes(PG_GETARG_INT32(1)),
                       .range = range_argument(fcinfo),
                       .want_rows = form != COUNTS_ONLY};
    progress_about about = {.index = index[0], .indexes = count, .part = 1, .parts = 1};

    call->form = form;
    call->count = count;
    call->owner = CurrentResourceOwner;
    call->targets = palloc((Size)count * sizeof(sweep_target));
    for (int i = 0; i < count; i++)
        call->targets[i] = sweep_target_open(index[i], schema);
    wish.targets = call->targets;
    call->snapshot = RegisterSnapshot(GetActiveSnapshot());
    call->scratch = AllocSetContextCreate(CurrentMemoryContext, "ekok sweep", ALLOCSET_DEFAULT_SIZES);
    if (PG_NARGS() >= 4) {
        about.part = PG_GETARG_INT32(2);
        about.parts = PG_GETARG_INT32(3);
    }
    about.pages = pages_of(call) / about.parts;
    call->reporting = progress_begin(&about);
    call->sweep = sweep_begin(&wish, call->snapshot);
    return call;
}

static void call_close(sweep_call *call)
{
    ResourceOwner current = CurrentResourceOwner;

    CurrentResourceOwner = call->owner;
    sweep_end(call->sweep);
    if (call->reporting)
        progress_end();
    UnregisterSnapshot(call->snapshot);
    for (int i = 0; i < call->count; i++)
        sweep_target_close(&call->targets[i]);
    CurrentResourceOwner = current;
}

static bool call_next(sweep_call *call, sweep_group *group)
{
    bool more = sweep_next(call->sweep, group);

    if (call->reporting && sweep_pages(call->sweep) >= call->reported + PAGES_PER_REPORT) {
        call->reported = sweep_pages(call->sweep);
        progress_pages(call->reported, sweep_candidates(call->sweep));
    }
    return more;
}

static Datum programmes_array(const sweep_group *group)
{
    Datum *programme = palloc((Size)group->programmes * sizeof(Datum));
    int n = 0;

    for (int i = 0; i < group->count; i++) {
        if (i == 0 || group->entries[i].evidence.bits != group->entries[i - 1].evidence.bits)
            programme[n++] = Int32GetDatum((int32)ekok_evidence_programme(group->entries[i].evidence));
    }
    return PointerGetDatum(construct_array(programme, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

static Datum rows_array(const sweep_group *group)
{
    Datum *row = palloc((Size)group->count * sizeof(Datum));

    for (int i = 0; i < group->count; i++)
        row[i] = PointerGetDatum(&group->entries[i].row);
    return PointerGetDatum(
        construct_array(row, group->count, TIDOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT));
}

/* Beside each row, the index that led to it, or that index's table. */
static Datum relations_array(const sweep_call *call, const sweep_group *group, bool tables)
{
    Datum *relation = palloc((Size)group->count * sizeof(Datum));

    for (int i = 0; i < group->count; i++) {
        const sweep_target *target = &call->targets[group->entries[i].source];
        relation[i] = ObjectIdGetDatum(RelationGetRelid(tables ? target->table : target->index));
    }
    return PointerGetDatum(
        construct_array(relation, group->count, REGCLASSOID, sizeof(Oid), true, TYPALIGN_INT));
}

static void answer(const sweep_call *call, const sweep_group *group, Datum values[COLUMNS_MAX])
{
    values[0] = Int64GetDatum((int64)group->key);
    if (call->form == COUNTS_ONLY) {
        values[1] = Int32GetDatum(group->programmes);
        values[2] = Int64GetDatum(group->count);
        return;
    }
    values[1] = programmes_array(group);
    values[2] = rows_array(group);
    if (call->form == ACROSS_INDEXES) {
        values[3] = relations_array(call, group, false);
        values[4] = relations_array(call, group, true);
    }
}

static Datum store_all(FunctionCallInfo fcinfo, sweep_call *call)
{
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    Datum values[COLUMNS_MAX];
    bool nulls[COLUMNS_MAX] = {false};
    sweep_group group;

    InitMaterializedSRF(fcinfo, 0);
    while (call_next(call, &group)) {
        MemoryContext caller = MemoryContextSwitchTo(call->scratch);
        answer(call, &group, values);
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
        MemoryContextSwitchTo(caller);
        MemoryContextReset(call->scratch);
    }
    call_close(call);
    return (Datum)0;
}

/*
 * The query ends before the sweep does. After an error this is not called: then the transaction's end lets go
 * of all.
 */
static void leave_off(Datum call)
{
    call_close((sweep_call *)DatumGetPointer(call));
}

static Datum stream_next(FunctionCallInfo fcinfo)
{
    FuncCallContext *context = SRF_PERCALL_SETUP();
    sweep_call *call = context->user_fctx;
    Datum values[COLUMNS_MAX];
    bool nulls[COLUMNS_MAX] = {false};
    sweep_group group;
    MemoryContext caller = MemoryContextSwitchTo(context->multi_call_memory_ctx);
    bool more = call_next(call, &group);

    MemoryContextSwitchTo(caller);
    if (more) {
        answer(call, &group, values);
        HeapTuple row = heap_form_tuple(call->shape, values, nulls);
        SRF_RETURN_NEXT(context, HeapTupleGetDatum(row));
    }
    UnregisterExprContextCallback(((ReturnSetInfo *)fcinfo->resultinfo)->econtext, leave_off,
                                  PointerGetDatum(call));
    call_close(call);
    SRF_RETURN_DONE(context);
}

static void stream_begin(FunctionCallInfo fcinfo, answer_form form, const Oid *index, int count)
{
    FuncCallContext *context = SRF_FIRSTCALL_INIT();
    MemoryContext caller = MemoryContextSwitchTo(context->multi_call_memory_ctx);
    sweep_call *call = call_open(fcinfo, form, index, count);

    if (get_call_result_type(fcinfo, NULL, &call->shape) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "the sweep's result is no row type");
    call->shape = BlessTupleDesc(call->shape);
    context->user_fctx = call;
    RegisterExprContextCallback(((ReturnSetInfo *)fcinfo->resultinfo)->econtext, leave_off,
                                PointerGetDatum(call));
    MemoryContextSwitchTo(caller);
}

static bool wants_store(FunctionCallInfo fcinfo)
{
    const ReturnSetInfo *result = (const ReturnSetInfo *)fcinfo->resultinfo;

    return result != NULL && IsA(result, ReturnSetInfo) &&
           (result->allowedModes & SFRM_Materialize_Preferred);
}

static Datum sweep_one(FunctionCallInfo fcinfo, answer_form form)
{
    Oid index = PG_GETARG_OID(0);

    if (wants_store(fcinfo))
        return store_all(fcinfo, call_open(fcinfo, form, &index, 1));
    if (SRF_IS_FIRSTCALL())
        stream_begin(fcinfo, form, &index, 1);
    return stream_next(fcinfo);
}

/* (index regclass, min_programmes integer [, part integer, parts integer]) */
Datum double_dips(PG_FUNCTION_ARGS)
{
    return sweep_one(fcinfo, WITH_ROWS);
}

/* (index regclass, min_programmes integer, part integer, parts integer) */
Datum double_dip_counts(PG_FUNCTION_ARGS)
{
    return sweep_one(fcinfo, COUNTS_ONLY);
}

/* (indexes regclass[], min_programmes integer, part integer, parts integer) */
Datum double_dips_across(PG_FUNCTION_ARGS)
{
    int count = 0;

    if (wants_store(fcinfo)) {
        const Oid *index = index_array(PG_GETARG_ARRAYTYPE_P(0), &count);
        return store_all(fcinfo, call_open(fcinfo, ACROSS_INDEXES, index, count));
    }
    if (SRF_IS_FIRSTCALL()) {
        const Oid *index = index_array(PG_GETARG_ARRAYTYPE_P(0), &count);
        stream_begin(fcinfo, ACROSS_INDEXES, index, count);
    }
    return stream_next(fcinfo);
}
