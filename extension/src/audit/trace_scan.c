/*
 * trace_scan.c - see trace_scan.h. Pages come through a small ring of buffers, so that a trace larger than memory
 * neither drives out what others read nor goes through the processor's cache page by page.
 */
#include "audit/trace_scan.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/nbtree.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "partitioning/partdesc.h"
#include "rewrite/rowsecurity.h"
#include "storage/bufmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

#include "audit/shape.h"

enum { KEY_COLUMNS = 2 };

/* One table of entries, standing at its next one. */
typedef struct {
    Relation table, index;
    IndexScanDesc scan; /* NULL: none is left */
    BufferAccessStrategy ring;
    Buffer page;
    HeapTupleData row;
    ekok_trace_key key;
} trace_part;

struct ekok_trace_scan {
    Relation trace;
    Snapshot snapshot;
    int parts;
    trace_part *part;
    trace_part *given; /* whose entry was handed out last: it goes on with the next call */
    ScanKeyData member[KEY_COLUMNS], behind;
};

static bool is_for_me(const RowSecurityPolicy *policy)
{
    ArrayType *roles = policy->roles;
    const Oid *role = (const Oid *)ARR_DATA_PTR(roles);
    const int count = ArrayGetNItems(ARR_NDIM(roles), ARR_DIMS(roles));

    for (int i = 0; i < count; i++)
        if (role[i] == ACL_ID_PUBLIC || has_privs_of_role(GetUserId(), role[i]))
            return true;
    return false;
}

/* Does a policy without a condition show the caller every row, and none take any away? */
static bool shows_all(Relation trace)
{
    bool shown = false;
    ListCell *cell;

    foreach (cell, trace->rd_rsdesc->policies) {
        const RowSecurityPolicy *policy = lfirst(cell);
        const Const *qual = (const Const *)policy->qual;

        if ((policy->polcmd != '*' && policy->polcmd != ACL_SELECT_CHR) || !is_for_me(policy))
            continue;
        if (!policy->permissive)
            return false;
        shown = shown ||
                (qual != NULL && IsA(qual, Const) && !qual->constisnull && DatumGetBool(qual->constvalue));
    }
    return shown;
}

static void check_access(Relation trace)
{
    Oid id = RelationGetRelid(trace);
    AclResult may = pg_class_aclcheck(id, GetUserId(), ACL_SELECT);

    if (may != ACLCHECK_OK)
        aclcheck_error(may, OBJECT_TABLE, RelationGetRelationName(trace));
    if (check_enable_rls(id, InvalidOid, true) == RLS_ENABLED && !shows_all(trace))
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("row-level security hides rows of table \"%s\"", RelationGetRelationName(trace)));
}

/* The primary key's index must begin with transaction and number. Entries never change theirs, so it is good for every
 * snapshot, however late it was built. */
static Relation open_index(Relation table)
{
    (void)RelationGetIndexList(table); /* finds the primary key */
    Relation index = OidIsValid(table->rd_pkindex) ? index_open(table->rd_pkindex, AccessShareLock) : NULL;

    if (index == NULL || index->rd_rel->relam != BTREE_AM_OID || index->rd_index->indnkeyatts < KEY_COLUMNS ||
        index->rd_index->indkey.values[0] != EKOK_ENTRY_XACT + 1 ||
        index->rd_index->indkey.values[1] != EKOK_ENTRY_ID + 1 || index->rd_indoption[0] != 0 ||
        index->rd_indoption[1] != 0)
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("the primary key of table \"%s\" does not begin with xact, id",
                       RelationGetRelationName(table)),
                errhint("It needs the primary key of audit.entry, as a btree."));
    return index;
}

/* (xact, id) > (after.xact, after.id), in the form that nodeIndexscan.c makes of a comparison of rows. */
static void set_behind(ekok_trace_scan *s, Relation index, ekok_trace_key after)
{
    const Oid type[KEY_COLUMNS] = {XID8OID, INT8OID};
    const Datum value[KEY_COLUMNS] = {FullTransactionIdGetDatum(FullTransactionIdFromU64(after.xact)),
                                      Int64GetDatum(after.id)};

    for (int i = 0; i < KEY_COLUMNS; i++) {
        int flags = SK_ROW_MEMBER | (i == KEY_COLUMNS - 1 ? SK_ROW_END : 0);
        Oid compare = get_opfamily_proc(index->rd_opfamily[i], type[i], type[i], BTORDER_PROC);

        ScanKeyEntryInitialize(&s->member[i], flags, (AttrNumber)(i + 1), BTGreaterStrategyNumber, type[i],
                               InvalidOid, compare, value[i]);
    }
    s->behind = (ScanKeyData){.sk_flags = SK_ROW_HEADER,
                              .sk_attno = 1,
                              .sk_strategy = BTGreaterStrategyNumber,
                              .sk_argument = PointerGetDatum(s->member)};
}

static void end_part(trace_part *p)
{
    if (p->scan != NULL)
        index_endscan(p->scan);
    if (BufferIsValid(p->page))
        ReleaseBuffer(p->page);
    p->scan = NULL;
    p->page = InvalidBuffer;
}

/* The visible version of the row that an index entry leads to, if there is one. */
static bool look_at(trace_part *p, ItemPointer at, Snapshot snapshot)
{
    BlockNumber block = ItemPointerGetBlockNumber(at);

    if (!BufferIsValid(p->page) || BufferGetBlockNumber(p->page) != block) {
        if (BufferIsValid(p->page))
            ReleaseBuffer(p->page);
        p->page = InvalidBuffer;
        p->page = ReadBufferExtended(p->table, MAIN_FORKNUM, block, RBM_NORMAL, p->ring);
    }
    LockBuffer(p->page, BUFFER_LOCK_SHARE);
    bool seen = heap_hot_search_buffer(at, p->table, p->page, snapshot, &p->row, NULL, true);
    LockBuffer(p->page, BUFFER_LOCK_UNLOCK);
    return seen;
}

static void advance(ekok_trace_scan *s, trace_part *p)
{
    ItemPointer at;
    bool missing;

    while ((at = index_getnext_tid(p->scan, ForwardScanDirection)) != NULL) {
        ItemPointerData row = *at;

        CHECK_FOR_INTERRUPTS();
        if (!look_at(p, &row, s->snapshot))
            continue;
        TupleDesc shape = RelationGetDescr(p->table);
        p->key.xact = U64FromFullTransactionId(
            DatumGetFullTransactionId(heap_getattr(&p->row, EKOK_ENTRY_XACT + 1, shape, &missing)));
        p->key.id = DatumGetInt64(heap_getattr(&p->row, EKOK_ENTRY_ID + 1, shape, &missing));
        return;
    }
    end_part(p);
}

static void open_part(ekok_trace_scan *s, trace_part *p, Relation table, ekok_trace_key after)
{
    p->table = table;
    p->page = InvalidBuffer;
    ekok_shape_check(table, table->rd_rel->relkind == RELKIND_RELATION &&
                                RelationGetDescr(table)->natts == EKOK_ENTRY_COLUMNS &&
                                table->rd_tableam == GetHeapamTableAmRoutine());
    p->index = open_index(table);
    p->ring = GetAccessStrategy(BAS_BULKREAD);
    set_behind(s, p->index, after);
    p->scan = index_beginscan(p->table, p->index, s->snapshot, 1, 0);
    index_rescan(p->scan, &s->behind, 1, NULL, 0);
    advance(s, p);
}

ekok_trace_scan *ekok_trace_scan_open(Oid trace, ekok_trace_key after)
{
    ekok_trace_scan *s = palloc0(sizeof *s);

    s->trace = table_open(trace, AccessShareLock);
    check_access(s->trace);
    s->snapshot = RegisterSnapshot(GetActiveSnapshot());
    bool divided = s->trace->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;
    PartitionDesc all = divided ? RelationGetPartitionDesc(s->trace, false) : NULL;
    s->part = palloc0((Size)Max(divided ? all->nparts : 1, 1) * sizeof *s->part);
    for (int i = 0; divided && i < all->nparts; i++)
        open_part(s, &s->part[s->parts++], table_open(all->oids[i], AccessShareLock), after);
    if (!divided)
        open_part(s, &s->part[s->parts++], s->trace, after);
    return s;
}

void ekok_trace_scan_close(ekok_trace_scan *s)
{
    for (int i = 0; i < s->parts; i++) {
        trace_part *p = &s->part[i];

        end_part(p);
        FreeAccessStrategy(p->ring);
        index_close(p->index, NoLock);
        if (p->table != s->trace)
            table_close(p->table, NoLock);
    }
    UnregisterSnapshot(s->snapshot);
    table_close(s->trace, NoLock);
}

static bool comes_before(const trace_part *one, const trace_part *other)
{
    return one->key.xact != other->key.xact ? one->key.xact < other->key.xact : one->key.id < other->key.id;
}

bool ekok_trace_scan_next(ekok_trace_scan *s, ekok_trace_row *out)
{
    trace_part *first = NULL;

    if (s->given != NULL)
        advance(s, s->given);
    for (int i = 0; i < s->parts; i++)
        if (s->part[i].scan != NULL && (first == NULL || comes_before(&s->part[i], first)))
            first = &s->part[i];
    s->given = first;
    if (first != NULL)
        *out = (ekok_trace_row){first->key, &first->row, RelationGetDescr(first->table)};
    return first != NULL;
}
