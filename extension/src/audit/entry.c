/*
 * entry.c - see entry.h.
 */
#include "audit/entry.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "commands/sequence.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "parser/parse_relation.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/xid8.h"

#include "audit/commitment.h"
#include "audit/shape.h"

enum { BATCH = 64, PAGE_HASH = 32 };

struct ekok_entries {
    Relation trace;
    Oid sequence;
    Relation whole;            /* the partitioned table that `trace` is a part of; NULL when it is none */
    ekok_committer *committer; /* NULL: entries have no commitments yet */
    EState *estate;
    ResultRelInfo *target;
    BulkInsertState bulk;
    MemoryContext batch;
    TupleTableSlot *slot[BATCH];
    int filled;
    Datum standing[EKOK_ENTRY_COLUMNS]; /* the same in every entry of the statement */
    bool missing[EKOK_ENTRY_COLUMNS];
};

static Datum image_for(Relation trace, int column, Datum image)
{
    if (image == (Datum)0 || !ekok_shape_is_binary(RelationGetDescr(trace), column))
        return image;
    return DirectFunctionCall1(jsonb_in, CStringGetDatum(TextDatumGetCString(image)));
}

static void check_shape(Relation trace)
{
    char kind = trace->rd_rel->relkind;

    ekok_shape_check(trace, kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE);
    if (trace->rd_rel->relforcerowsecurity ||
        (trace->trigdesc != NULL &&
         (trace->trigdesc->trig_insert_before_row || trace->trigdesc->trig_insert_after_row ||
          trace->trigdesc->trig_insert_instead_row || trace->trigdesc->trig_insert_new_table)))
        ereport(
            ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
            errmsg(
                "table \"%s\" has row triggers or forced row-level security, which entries would pass over",
                RelationGetRelationName(trace)),
            errhint("Take them off: the trace takes what it is given."));
}

static void set_text(ekok_entries *e, int column, const char *words)
{
    e->missing[column] = words == NULL || *words == '\0';
    if (!e->missing[column])
        e->standing[column] = CStringGetTextDatum(words);
}

static const char *setting(const char *name)
{
    const char *value = GetConfigOption(name, true, false);

    return value != NULL && *value != '\0' ? value : NULL;
}

static void set_page_hash(ekok_entries *e, const char *hex)
{
    bytea *hash = palloc0(VARHDRSZ + PAGE_HASH);

    e->missing[EKOK_ENTRY_PAGE_SHA256] = hex == NULL;
    if (hex == NULL)
        return;
    if (strlen(hex) != 2 * PAGE_HASH || hex_decode(hex, 2 * PAGE_HASH, VARDATA(hash)) != PAGE_HASH)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("ekok.page_sha256 is no SHA-256 in hex"),
                errhint("Set it to 64 hexadecimal digits, or to nothing."));
    SET_VARSIZE(hash, VARHDRSZ + PAGE_HASH);
    e->standing[EKOK_ENTRY_PAGE_SHA256] = PointerGetDatum(hash);
}

static void take_context(ekok_entries *e, const char *table_name, const char *op)
{
    const char *run = setting("ekok.run");
    Name actor = palloc0(sizeof *actor);

    namestrcpy(actor, GetUserNameFromId(GetSessionUserId(), false));
    e->standing[EKOK_ENTRY_AT] = TimestampTzGetDatum(GetCurrentTimestamp());
    e->standing[EKOK_ENTRY_XACT] = FullTransactionIdGetDatum(GetTopFullTransactionId());
    e->standing[EKOK_ENTRY_ACTOR] = NameGetDatum(actor);
    set_text(e, EKOK_ENTRY_SOURCE, setting("ekok.source"));
    e->missing[EKOK_ENTRY_RUN_ID] = run == NULL;
    if (run != NULL)
        e->standing[EKOK_ENTRY_RUN_ID] = DirectFunctionCall1(int8in, CStringGetDatum(run));
    set_page_hash(e, setting("ekok.page_sha256"));
    set_text(e, EKOK_ENTRY_PURPOSE, setting("ekok.purpose"));
    set_text(e, EKOK_ENTRY_TABLE_NAME, table_name);
    set_text(e, EKOK_ENTRY_OP, op);
}

/* The partition that takes entries of the statement's time: all entries of a statement carry the same. */
static Oid partition_for(Relation whole, Datum at)
{
    PartitionKey key = RelationGetPartitionKey(whole);
    PartitionDesc parts = RelationGetPartitionDesc(whole, true);
    bool equal = false;

    if (key->strategy != PARTITION_STRATEGY_RANGE || key->partnatts != 1 ||
        key->partattrs[0] != EKOK_ENTRY_AT + 1)
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("table \"%s\" is not partitioned by range of its column at",
                       RelationGetRelationName(whole)));
    int bound = parts->boundinfo == NULL ? -1
                                         : partition_range_datum_bsearch(key->partsupfunc, key->partcollation,
                                                                         parts->boundinfo, 1, &at, &equal);
    int part = parts->boundinfo == NULL ? -1 : parts->boundinfo->indexes[bound + 1];
    if (part < 0 && parts->boundinfo != NULL)
        part = parts->boundinfo->default_index;
    if (part < 0)
        ereport(ERROR, errcode(ERRCODE_CHECK_VIOLATION),
                errmsg("table \"%s\" has no partition for an entry of now", RelationGetRelationName(whole)),
                errhint("Call audit.prepare_months(), or give the table a default partition."));
    return parts->oids[part];
}

/* Opens the table that takes the entries: the one given, or its partition of now. */
static void open_trace(ekok_entries *e, Oid trace)
{
    e->trace = table_open(trace, RowExclusiveLock);
    check_shape(e->trace);
    if (e->trace->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
        return;
    e->whole = e->trace;
    e->trace = table_open(partition_for(e->whole, e->standing[EKOK_ENTRY_AT]), RowExclusiveLock);
    check_shape(e->trace);
    if (e->trace->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("partition \"%s\" is divided again, which a table of audit entries is not",
                       RelationGetRelationName(e->trace)));
}

/* What the executor would have made for an INSERT into the table. */
static void prepare_insert(ekok_entries *e)
{
    RangeTblEntry *rte = makeNode(RangeTblEntry);

    e->estate = CreateExecutorState();
    rte->rtekind = RTE_RELATION;
    rte->relid = RelationGetRelid(e->trace);
    rte->relkind = e->trace->rd_rel->relkind;
    rte->rellockmode = RowExclusiveLock;
    ExecInitRangeTable(e->estate, list_make1(rte));
    e->estate->es_output_cid = GetCurrentCommandId(true);
    e->target = makeNode(ResultRelInfo);
    InitResultRelInfo(e->target, e->trace, 1, NULL, 0);
    ExecOpenIndices(e->target, false);
    e->bulk = GetBulkInsertState();
    for (int i = 0; i < BATCH; i++)
        e->slot[i] = table_slot_create(e->trace, NULL);
}

ekok_entries *ekok_entries_open(Oid trace, const char *table_name, const char *op)
{
    ekok_entries *e = palloc0(sizeof *e);

    take_context(e, table_name, op);
    open_trace(e, trace);
    e->sequence = getIdentitySequence(trace, EKOK_ENTRY_ID + 1, false);
    e->batch = AllocSetContextCreate(CurrentMemoryContext, "ekok audit entries", ALLOCSET_DEFAULT_SIZES);
    if (RelationGetDescr(e->trace)->natts == EKOK_ENTRY_COLUMNS)
        e->committer = ekok_committer_open();
    prepare_insert(e);
    return e;
}

MemoryContext ekok_entries_memory(ekok_entries *entries)
{
    return entries->batch;
}

static void write_batch(ekok_entries *e)
{
    MemoryContext before = MemoryContextSwitchTo(e->batch);

    if (e->filled > 0) {
        table_multi_insert(e->trace, e->slot, e->filled, e->estate->es_output_cid, 0, e->bulk);
        for (int i = 0; i < e->filled; i++) {
            list_free(ExecInsertIndexTuples(e->target, e->slot[i], e->estate, false, false, NULL, NIL));
            ExecClearTuple(e->slot[i]);
        }
    }
    e->filled = 0;
    MemoryContextSwitchTo(before);
    MemoryContextReset(e->batch);
    ResetPerTupleExprContext(e->estate);
}

void ekok_entries_add(ekok_entries *entries, ekok_entry entry)
{
    TupleTableSlot *slot = entries->slot[entries->filled];
    int columns = slot->tts_tupleDescriptor->natts;

    ExecClearTuple(slot);
    memcpy(slot->tts_values, entries->standing, sizeof *entries->standing * columns);
    memcpy(slot->tts_isnull, entries->missing, sizeof *entries->missing * columns);
    slot->tts_values[EKOK_ENTRY_ID] = Int64GetDatum(nextval_internal(entries->sequence, false));
    slot->tts_values[EKOK_ENTRY_ROW_ID] = entry.row_name;
    slot->tts_values[EKOK_ENTRY_OLD] = image_for(entries->trace, EKOK_ENTRY_OLD, entry.old);
    slot->tts_isnull[EKOK_ENTRY_OLD] = entry.old == (Datum)0;
    slot->tts_values[EKOK_ENTRY_NEW] = image_for(entries->trace, EKOK_ENTRY_NEW, entry.after);
    slot->tts_isnull[EKOK_ENTRY_NEW] = entry.after == (Datum)0;
    if (entries->committer != NULL)
        ekok_commit(entries->committer, entry.old, entry.after, &slot->tts_values[EKOK_ENTRY_SALT],
                    &slot->tts_values[EKOK_ENTRY_COMMITMENT]);
    ExecStoreVirtualTuple(slot);
    slot->tts_tableOid = RelationGetRelid(entries->trace);
    ExecConstraints(entries->target, slot, entries->estate);
    if (++entries->filled == BATCH)
        write_batch(entries);
}

void ekok_entries_close(ekok_entries *entries)
{
    write_batch(entries);
    if (entries->committer != NULL)
        ekok_committer_close(entries->committer);
    FreeBulkInsertState(entries->bulk);
    for (int i = 0; i < BATCH; i++)
        ExecDropSingleTupleTableSlot(entries->slot[i]);
    ExecCloseIndices(entries->target);
    FreeExecutorState(entries->estate);
    table_close(entries->trace, NoLock);
    if (entries->whole != NULL)
        table_close(entries->whole, NoLock);
    MemoryContextDelete(entries->batch);
}
