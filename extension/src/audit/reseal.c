/*
 * reseal.c - ekok.reseal(table, columns, at, x, sealed): values sealed anew take the place of those that stand, in rows
 * named by place and version, and the entry REKEY of the table's own trace is written in the same step. Past the
 * executor and past the table's triggers: they look at what a row says, which stays; keeping two images of each row for
 * them costs many times the change. So it refuses whatever could make that untrue: a table without its audit trigger,
 * or with row triggers BEFORE UPDATE; columns that are not sealed values, or stand in an index; a value where none
 * stood; a caller who does not own the table; a transaction that is no key rotation. Never waits for a row.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "audit/entry.h"
#include "audit/image.h"
#include "audit/rekey.h"
#include "audit/trail.h"

PG_FUNCTION_INFO_V1(reseal);

enum { CELLS_MAX = 16 };

/* What is to be written: rows, and for each as many values as there are columns, row by row. */
typedef struct {
    int rows;
    Datum *at, *x, *sealed;
    bool *missing;
} new_values;

typedef struct {
    Relation table;
    const Trigger *trail;
    AttrNumber cell[CELLS_MAX];
    int cells;
    EState *estate;
    ResultRelInfo *target;
    TupleTableSlot *old, *after;
    MemoryContext of_row;
    ekok_image_writer *writer;
    ekok_rekey *rekey;
    ekok_entries *entries; /* NULL until the first one */
} resealer;

static void refuse_table(const resealer *r, const char *why) pg_attribute_noreturn();

static void refuse_table(const resealer *r, const char *why)
{
    ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
            errmsg("table \"%s\" cannot be sealed anew: %s", RelationGetRelationName(r->table), why),
            errhint("Use UPDATE, or attach the trace again: audit.attach()."));
}

static void check_table(resealer *r, Oid record_change)
{
    Relation t = r->table;

    if (t->rd_rel->relkind != RELKIND_RELATION || t->rd_rel->relispartition)
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("\"%s\" is not a plain table", RelationGetRelationName(t)));
    if (!pg_class_ownercheck(RelationGetRelid(t), GetUserId()))
        aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, RelationGetRelationName(t));
    r->trail = ekok_trail_of(t, record_change);
    if (r->trail == NULL)
        refuse_table(r, "its changes leave no trace");
    if (t->rd_rel->relforcerowsecurity || t->trigdesc->trig_update_before_row ||
        (t->rd_att->constr != NULL && t->rd_att->constr->has_generated_stored))
        refuse_table(r, "it has row triggers, generated columns or forced row-level security");
}

static void take_columns(resealer *r, ArrayType *names)
{
    Datum *name;
    int count;
    Bitmapset *indexed = RelationGetIndexAttrBitmap(r->table, INDEX_ATTR_BITMAP_ALL);

    deconstruct_array(names, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, &name, NULL, &count);
    if (count < 1 || count > CELLS_MAX)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("%d columns are named, of 1 to %d", count, (int)CELLS_MAX));
    for (; r->cells < count; r->cells++) {
        const char *words = NameStr(*DatumGetName(name[r->cells]));
        AttrNumber at = get_attnum(RelationGetRelid(r->table), words);

        if (at <= 0 || !ekok_is_sealed(TupleDescAttr(RelationGetDescr(r->table), at - 1)) ||
            bms_is_member(at - FirstLowInvalidHeapAttributeNumber, indexed))
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("column \"%s\" holds no sealed values, or stands in an index", words),
                    errhint("keyring.cells() lists the columns that do."));
        r->cell[r->cells] = at;
    }
    bms_free(indexed);
}

/* What the executor would have made for an UPDATE of these columns. */
static void prepare_update(resealer *r)
{
    RangeTblEntry *rte = makeNode(RangeTblEntry);

    rte->rtekind = RTE_RELATION;
    rte->relid = RelationGetRelid(r->table);
    rte->relkind = r->table->rd_rel->relkind;
    rte->rellockmode = RowExclusiveLock;
    for (int i = 0; i < r->cells; i++)
        rte->updatedCols = bms_add_member(rte->updatedCols, r->cell[i] - FirstLowInvalidHeapAttributeNumber);
    r->estate = CreateExecutorState();
    ExecInitRangeTable(r->estate, list_make1(rte));
    r->estate->es_output_cid = GetCurrentCommandId(true);
    r->target = makeNode(ResultRelInfo);
    InitResultRelInfo(r->target, r->table, 1, NULL, 0);
    ExecOpenIndices(r->target, false);
    r->old = table_slot_create(r->table, NULL);
    r->after = table_slot_create(r->table, NULL);
    r->of_row = AllocSetContextCreate(CurrentMemoryContext, "ekok reseal", ALLOCSET_DEFAULT_SIZES);
}

static new_values take_values(ArrayType *at, ArrayType *x, ArrayType *sealed, int cells)
{
    new_values v;
    int versions, values;

    deconstruct_array(at, TIDOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT, &v.at, NULL, &v.rows);
    deconstruct_array(x, XIDOID, sizeof(TransactionId), true, TYPALIGN_INT, &v.x, NULL, &versions);
    deconstruct_array(sealed, BYTEAOID, -1, false, TYPALIGN_INT, &v.sealed, &v.missing, &values);
    if (versions != v.rows || values != v.rows * cells)
        ereport(ERROR, errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                errmsg("%d places come with %d versions and %d values, of %d columns", v.rows, versions,
                       values, cells));
    return v;
}

/* The row that stands at a place, when it is the version that is meant. */
static bool fetch(resealer *r, Datum at, Datum x)
{
    bool none;

    return table_tuple_fetch_row_version(r->table, (ItemPointer)DatumGetPointer(at), GetActiveSnapshot(),
                                         r->old) &&
           TransactionIdEquals(
               DatumGetTransactionId(slot_getsysattr(r->old, MinTransactionIdAttributeNumber, &none)),
               DatumGetTransactionId(x));
}

static void fill(resealer *r, const Datum sealed[], const bool missing[])
{
    int columns = RelationGetDescr(r->table)->natts;

    slot_getallattrs(r->old);
    ExecClearTuple(r->after);
    memcpy(r->after->tts_values, r->old->tts_values, sizeof *r->old->tts_values * columns);
    memcpy(r->after->tts_isnull, r->old->tts_isnull, sizeof *r->old->tts_isnull * columns);
    for (int i = 0; i < r->cells; i++) {
        if (missing[i])
            continue;
        if (r->old->tts_isnull[r->cell[i] - 1])
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("a value is given where none stood, in a row of table \"%s\"",
                           RelationGetRelationName(r->table)));
        r->after->tts_values[r->cell[i] - 1] = sealed[i];
    }
    ExecStoreVirtualTuple(r->after);
    r->after->tts_tableOid = RelationGetRelid(r->table);
}

static TM_Result try_update(resealer *r, ItemPointer at, bool locked, bool *to_index)
{
    TM_FailureData failure;
    LockTupleMode mode;

    return table_tuple_update(r->table, at, r->after, r->estate->es_output_cid, GetActiveSnapshot(),
                              InvalidSnapshot, locked, &failure, &mode, to_index);
}

/*
 * Writes the new version. A row that others are writing is passed over; one that others merely keep from being deleted
 * is locked first, as then nothing is left to wait for.
 */
static bool update(resealer *r, Datum at, bool *to_index)
{
    ItemPointerData place = *(ItemPointer)DatumGetPointer(at);
    TM_FailureData failure;
    TM_Result result = try_update(r, &place, false, to_index);

    if (result != TM_BeingModified)
        return result == TM_Ok;
    TupleTableSlot *locked = table_slot_create(r->table, NULL);
    result = table_tuple_lock(r->table, &place, GetActiveSnapshot(), locked, r->estate->es_output_cid,
                              LockTupleNoKeyExclusive, LockWaitSkip, 0, &failure);
    ExecDropSingleTupleTableSlot(locked);
    return result == TM_Ok && try_update(r, &place, true, to_index) == TM_Ok;
}

static void write_entry(resealer *r)
{
    Oid trace = ekok_trail_table(r->trail);

    if (r->entries == NULL)
        r->entries = ekok_entries_open(trace, ekok_trail_name(r->table), "REKEY");
    ekok_entries_add(r->entries, ekok_rekey_entry(r->rekey));
}

static void note(resealer *r, MemoryContext standing)
{
    if (ekok_rekey_add(r->rekey, ekok_row_name(r->writer, r->after), r->after)) {
        MemoryContext before = MemoryContextSwitchTo(standing);
        write_entry(r);
        MemoryContextSwitchTo(before);
    }
}

static bool write_row(resealer *r, const new_values *v, int row, MemoryContext standing)
{
    const Datum *sealed = v->sealed + (size_t)row * r->cells;
    bool to_index = false;

    if (!fetch(r, v->at[row], v->x[row]))
        return false;
    fill(r, sealed, v->missing + (size_t)row * r->cells);
    ExecConstraints(r->target, r->after, r->estate);
    if (!update(r, v->at[row], &to_index))
        return false;
    if (to_index)
        list_free(ExecInsertIndexTuples(r->target, r->after, r->estate, true, false, NULL, NIL));
    note(r, standing);
    return true;
}

static int write_rows(resealer *r, const new_values *v)
{
    MemoryContext standing = CurrentMemoryContext;
    int written = 0;

    for (int i = 0; i < v->rows; i++) {
        CHECK_FOR_INTERRUPTS();
        MemoryContextSwitchTo(r->of_row);
        written += write_row(r, v, i, standing);
        MemoryContextSwitchTo(standing);
        ExecClearTuple(r->old);
        ExecClearTuple(r->after);
        MemoryContextReset(r->of_row);
        ResetPerTupleExprContext(r->estate);
    }
    if (!ekok_rekey_is_empty(r->rekey))
        write_entry(r);
    return written;
}

static void finish(resealer *r)
{
    if (r->entries != NULL)
        ekok_entries_close(r->entries);
    ekok_rekey_end(r->rekey);
    ExecDropSingleTupleTableSlot(r->old);
    ExecDropSingleTupleTableSlot(r->after);
    ExecCloseIndices(r->target);
    FreeExecutorState(r->estate);
    table_close(r->table, NoLock);
}

Datum reseal(PG_FUNCTION_ARGS)
{
    resealer r = {.table = table_open(PG_GETARG_OID(0), RowExclusiveLock)};

    check_table(&r, fcinfo->flinfo->fn_oid);
    take_columns(&r, PG_GETARG_ARRAYTYPE_P(1));
    new_values v =
        take_values(PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3), PG_GETARG_ARRAYTYPE_P(4), r.cells);
    r.rekey = ekok_rekey_begin(RelationGetDescr(r.table));
    if (r.rekey == NULL)
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("values are sealed anew by a key rotation alone"),
                errhint("Its purpose stands in the setting ekok.purpose."));
    r.writer = ekok_trail_writer(r.table, r.trail);
    prepare_update(&r);
    int settings = ekok_image_enter(r.writer);
    int written = write_rows(&r, &v);
    ekok_image_leave(settings);
    finish(&r);
    PG_RETURN_INT32(written);
}
