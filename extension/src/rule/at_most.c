/*
 * at_most.c - trigger function ekok.at_most(index, limit): a statement that leaves one piece of evidence in more than
 * `limit` programmes fails, whatever number of sessions write at the same time.
 *
 * Promises: locks before it looks, in one rising order; looks with a snapshot younger than its locks, so the
 * answer holds at every isolation level; memory of 8 bytes for each row of the statement. Refuses to run as anything
 * but a statement trigger after INSERT or UPDATE with transition tables. README.md tells why this is enough.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "catalog/pg_opclass.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"

#include "doubledip/holders.h"
#include "evidence.h"
#include "rule/lock.h"

PG_FUNCTION_INFO_V1(at_most);

enum { KEYS_FIRST = 256 };

typedef struct {
    TriggerData *fired;
    Relation index;
    int limit;
} guard;

typedef struct {
    ekok_evidence *at;
    size_t n, capacity;
} key_list;

static void refuse_use(const char *what) pg_attribute_noreturn();

static void refuse_use(const char *what)
{
    ereport(ERROR, errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("at_most %s", what),
            errhint("Make its triggers with enforce_at_most(index, limit)."));
}

static int limit_of(const char *told)
{
    int32 limit = pg_strtoint32(told);

    if (limit < 0)
        refuse_use("has a limit below 0");
    return limit;
}

/*
 * Is the index's first column in the default order of evidence? By the caches: a search of the catalog for the default
 * costs more than the rest of the trigger.
 */
static bool in_default_order(Relation index, Oid evidence)
{
    bool absent, found = false;
    Datum told = SysCacheGetAttr(INDEXRELID, index->rd_indextuple, Anum_pg_index_indclass, &absent);
    oidvector *classes = (oidvector *)DatumGetPointer(told);
    HeapTuple class = SearchSysCache1(CLAOID, ObjectIdGetDatum(classes->values[0]));

    if (HeapTupleIsValid(class)) {
        Form_pg_opclass form = (Form_pg_opclass)GETSTRUCT(class);

        found = form->opcmethod == BTREE_AM_OID && form->opcintype == evidence && form->opcdefault;
        ReleaseSysCache(class);
    }
    return found;
}

/* An index stands in its table's schema. It must be one in the order that ranges of evidence need. */
static Relation index_of(const char *name, Relation table, Oid extension_schema)
{
    Oid named = get_relname_relid(name, RelationGetNamespace(table));
    Oid evidence = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("evidence"),
                                   ObjectIdGetDatum(extension_schema));
    Relation index;

    if (!OidIsValid(named))
        refuse_use("names an index that does not exist");
    index = index_open(named, AccessShareLock);
    if (index->rd_index->indrelid != RelationGetRelid(table))
        refuse_use("names an index of another table");
    if (index->rd_rel->relam != BTREE_AM_OID || index->rd_rel->relkind != RELKIND_INDEX ||
        TupleDescAttr(RelationGetDescr(index), 0)->atttypid != evidence || !in_default_order(index, evidence))
        refuse_use("needs a plain btree index whose first column is of type evidence");
    if (!index->rd_index->indisvalid || !index->rd_index->indisready)
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("index \"%s\" is not valid", RelationGetRelationName(index)),
                errhint("Rebuild it with REINDEX INDEX."));
    return index;
}

static guard guard_open(FunctionCallInfo fcinfo)
{
    guard self = {.fired = (TriggerData *)fcinfo->context};
    TriggerData *fired = self.fired;

    if (!CALLED_AS_TRIGGER(fcinfo))
        refuse_use("was not called as a trigger");
    if (!TRIGGER_FIRED_AFTER(fired->tg_event) || !TRIGGER_FIRED_FOR_STATEMENT(fired->tg_event) ||
        fired->tg_newtable == NULL ||
        (TRIGGER_FIRED_BY_UPDATE(fired->tg_event) && fired->tg_oldtable == NULL))
        refuse_use("is no statement trigger after INSERT or UPDATE with transition tables");
    if (fired->tg_trigger->tgnargs != 2)
        refuse_use("needs two arguments, index and limit");
    self.limit = limit_of(fired->tg_trigger->tgargs[1]);
    self.index = index_of(fired->tg_trigger->tgargs[0], fired->tg_relation,
                          get_func_namespace(fcinfo->flinfo->fn_oid));
    return self;
}

static void key_add(key_list *keys, Datum value)
{
    if (keys->n == keys->capacity) {
        keys->capacity *= 2;
        keys->at = repalloc_huge(keys->at, keys->capacity * sizeof *keys->at);
    }
    keys->at[keys->n++].bits = (uint64)DatumGetInt64(value);
}

/* The index's first column for every row of a transition table that the index holds, so without NULLs. */
static key_list keys_of(const guard *self, Tuplestorestate *rows)
{
    key_list keys = {.at = palloc(KEYS_FIRST * sizeof(ekok_evidence)), .capacity = KEYS_FIRST};
    TupleTableSlot *slot =
        MakeSingleTupleTableSlot(RelationGetDescr(self->fired->tg_relation), &TTSOpsMinimalTuple);
    IndexInfo *info = BuildIndexInfo(self->index);
    EState *state = CreateExecutorState();
    ExprContext *context = GetPerTupleExprContext(state);
    ExprState *predicate;

    context->ecxt_scantuple = slot;
    predicate = ExecPrepareQual(info->ii_Predicate, state);
    tuplestore_select_read_pointer(rows, tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND));
    tuplestore_rescan(rows);
    while (tuplestore_gettupleslot(rows, true, false, slot)) {
        Datum values[INDEX_MAX_KEYS];
        bool nulls[INDEX_MAX_KEYS];

        CHECK_FOR_INTERRUPTS();
        ResetPerTupleExprContext(state);
        if (predicate != NULL && !ExecQual(predicate, context))
            continue;
        FormIndexDatum(info, slot, state, values, nulls);
        if (!nulls[0])
            key_add(&keys, values[0]);
    }
    ExecDropSingleTupleTableSlot(slot);
    FreeExecutorState(state);
    return keys;
}

static int compare_keys(const void *a, const void *b)
{
    uint64 x = ((const ekok_evidence *)a)->bits, y = ((const ekok_evidence *)b)->bits;

    return (x > y) - (x < y);
}

static void key_sort(key_list *keys)
{
    size_t kept = 0;

    qsort(keys->at, keys->n, sizeof *keys->at, compare_keys);
    for (size_t i = 0; i < keys->n; i++) {
        if (i == 0 || keys->at[i].bits != keys->at[i - 1].bits)
            keys->at[kept++] = keys->at[i];
    }
    keys->n = kept;
}

/* Drops from `keys` what stands in `old` too: evidence that the statement did not bring. Both are sorted. */
static void key_subtract(key_list *keys, const key_list *old)
{
    size_t kept = 0, j = 0;

    for (size_t i = 0; i < keys->n; i++) {
        while (j < old->n && old->at[j].bits < keys->at[i].bits)
            j++;
        if (j == old->n || old->at[j].bits != keys->at[i].bits)
            keys->at[kept++] = keys->at[i];
    }
    keys->n = kept;
}

/* What the statement brought, sorted. */
static key_list keys_brought(const guard *self)
{
    key_list keys = keys_of(self, self->fired->tg_newtable);

    key_sort(&keys);
    if (TRIGGER_FIRED_BY_UPDATE(self->fired->tg_event)) {
        key_list old = keys_of(self, self->fired->tg_oldtable);

        key_sort(&old);
        key_subtract(&keys, &old);
    }
    return keys;
}

/* Whether rows of more than `limit` programmes hold the evidence. Of each programme one visible row is enough. */
static bool held_beyond(ekok_holders *holders, ekok_evidence evidence, int limit)
{
    int programmes = 0, last = -1;

    ekok_holders_seek(holders, evidence);
    while (programmes <= limit && (last = ekok_holders_next_programme(holders, last)) >= 0)
        programmes++;
    return programmes > limit;
}

static size_t count_beyond(const guard *self, const key_list *keys, size_t *looked_at)
{
    sweep_target target = {self->fired->tg_relation, self->index, ForwardScanDirection};
    ekok_holders *holders = ekok_holders_over(&target, GetActiveSnapshot());
    size_t beyond = 0;

    *looked_at = 0;
    for (size_t i = 0; i < keys->n; i++) {
        if (i > 0 && ekok_evidence_same(keys->at[i], keys->at[i - 1]))
            continue;
        ++*looked_at;
        beyond += held_beyond(holders, keys->at[i], self->limit);
    }
    ekok_holders_close(holders);
    return beyond;
}

Datum at_most(PG_FUNCTION_ARGS)
{
    guard self = guard_open(fcinfo);
    key_list keys = keys_brought(&self);
    size_t beyond = 0, looked_at;

    if (keys.n > 0) {
        (void)rule_lock(RelationGetRelid(self.index), keys.at, keys.n);
        /* Our own rows, and all that was committed before we had the locks. */
        CommandCounterIncrement();
        PushActiveSnapshot(GetLatestSnapshot());
        beyond = count_beyond(&self, &keys, &looked_at);
        PopActiveSnapshot();
    }
    if (beyond > 0)
        ereport(
            ERROR, errcode(ERRCODE_CHECK_VIOLATION),
            errmsg("more than %d programmes would hold one piece of evidence", self.limit),
            errdetail(
                "This is so for %zu of the %zu pieces of evidence that the statement brings to index \"%s\".",
                beyond, looked_at, RelationGetRelationName(self.index)),
            errhint("End an enrolment of that person first, or leave the row out."),
            errtable(self.fired->tg_relation));
    index_close(self.index, AccessShareLock);
    pfree(keys.at);
    return PointerGetDatum(NULL);
}
