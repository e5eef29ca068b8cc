/*
 * named.c - whom a statement read. Each scan of a table that holds names and whose policies bind the caller is led
 * through a function that takes the row's id, until it has NAMED_MOST different ones, and counts the rows; at the end
 * of the run, or of the session, that goes into a ring in shared memory, from which audit.collect_named brings it into
 * audit.named (SQL function ekok.take_named). Before a run begins there is room in the ring, or it is made by
 * collecting in a transaction apart, and the run fails when that fails. What was read is more than what was shown: a
 * row that a join or a limit leaves out later is noted too. Refuses to keep names, or the text of the query; a restart
 * or crash of the server loses what was not collected.
 */
#include "postgres.h"

#include "access/named.h"

#include "access/apart.h"
#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/uuid.h"

enum { NAMED_MOST = 100, SLOTS = 256, RING = 1024, PURPOSE_ROOM = 128, KINDS = 6, TABLES = 8 };

typedef struct {
    TimestampTz at;
    Oid login;
    int32 pid, ids;
    int64 statement; /* fingerprint */
    int64 rows;
    char purpose[PURPOSE_ROOM];
    pg_uuid_t id[NAMED_MOST];
} named_note;

typedef struct {
    LWLock *lock;
    uint64 written, taken;
    named_note note[RING];
} named_ring;

/* A run in progress; runs nest when a query calls a function that queries. */
typedef struct named_run {
    struct named_run *outer;
    QueryDesc *query;
    int tables; /* that hold names */
    Oid table[TABLES];
    AttrNumber column[TABLES]; /* their ids */
    uint8 slot[SLOTS];         /* a set of indexes into note.id, 1 and up; 0: free */
    named_note note;
} named_run;

static named_ring *ring = NULL;
static named_run *current = NULL;
static uint64 collected = 0; /* by this transaction, 0: nothing */
static ExecProcNodeMtd real[KINDS];
static shmem_request_hook_type next_request = NULL;
static shmem_startup_hook_type next_startup = NULL;

static void request(void)
{
    if (next_request)
        next_request();
    RequestAddinShmemSpace(sizeof(named_ring));
    RequestNamedLWLockTranche("ekok named", 1);
}

static void startup(void)
{
    bool found;

    if (next_startup)
        next_startup();
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    ring = ShmemInitStruct("ekok named", sizeof(named_ring), &found);
    if (!found) {
        memset(ring, 0, sizeof *ring);
        ring->lock = &GetNamedLWLockTranche("ekok named")->lock;
    }
    LWLockRelease(AddinShmemInitLock);
}

void named_start(void)
{
    next_request = shmem_request_hook;
    shmem_request_hook = request;
    next_startup = shmem_startup_hook;
    shmem_startup_hook = startup;
}

/* Kinds of scans of a table's rows. */
#define SCANS                                                                                                \
    X(SeqScan, 0) X(IndexScan, 1) X(IndexOnlyScan, 2) X(BitmapHeapScan, 3) X(TidScan, 4) X(SampleScan, 5)

/* -1: no scan of a table's rows */
static int kind_of(PlanState *node)
{
    switch (nodeTag(node)) {
#define X(name, kind)                                                                                        \
    case T_##name##State:                                                                                    \
        return kind;
        SCANS
#undef X
    default:
        return -1;
    }
}

/* The column that is the id of a row; 0: no table that holds names. */
static AttrNumber id_column(Relation scanned)
{
    Oid relation = RelationGetRelid(scanned);
    AttrNumber column = InvalidAttrNumber;

    if (scanned->rd_rel->relrowsecurity)
        column = get_attnum(relation, "id");
    if (column == InvalidAttrNumber || get_atttype(relation, column) != UUIDOID ||
        get_attnum(relation, "name_en") == InvalidAttrNumber)
        return InvalidAttrNumber;
    return check_enable_rls(relation, InvalidOid, true) == RLS_ENABLED ? column : InvalidAttrNumber;
}

/* The column of a table that the run knows; 0: it does not. */
static AttrNumber known_column(const named_run *run, Relation table)
{
    for (int i = 0; i < run->tables; i++)
        if (run->table[i] == RelationGetRelid(table))
            return run->column[i];
    return InvalidAttrNumber;
}

/* An id into the set; the first byte of it, which is random, says where it is looked for. */
static void add_id(named_run *run, const pg_uuid_t *id)
{
    named_note *note = &run->note;
    int at = id->data[0];

    while (run->slot[at] != 0) {
        if (memcmp(&note->id[run->slot[at] - 1], id, sizeof *id) == 0)
            return;
        at = (at + 1) % SLOTS;
    }
    note->id[note->ids++] = *id;
    run->slot[at] = (uint8)note->ids;
}

/* From the row the scan stands at; an index-only scan has not read it. */
static void take_id(named_run *run, ScanState *scan)
{
    Relation relation = scan->ss_currentRelation;
    TupleTableSlot *slot = scan->ss_ScanTupleSlot;
    bool none, apart_from_index = IsA(scan, IndexOnlyScanState);
    AttrNumber column = known_column(run, relation);
    Datum id;

    if (column == InvalidAttrNumber)
        return; /* of another run, which has ended */
    if (apart_from_index) {
        slot = table_slot_create(relation, NULL);
        if (!table_tuple_fetch_row_version(relation, &((IndexOnlyScanState *)scan)->ioss_ScanDesc->xs_heaptid,
                                           scan->ps.state->es_snapshot, slot)) {
            ExecDropSingleTupleTableSlot(slot);
            return;
        }
    }
    id = slot_getattr(slot, column, &none);
    if (!none)
        add_id(run, DatumGetUUIDP(id));
    if (apart_from_index)
        ExecDropSingleTupleTableSlot(slot);
}

static pg_noinline void take_row(ScanState *scan)
{
    current->note.rows++;
    if (current->note.ids < NAMED_MOST)
        take_id(current, scan);
}

static inline TupleTableSlot *scan_and_note(PlanState *node, int kind)
{
    TupleTableSlot *result = real[kind](node);

    if (!TupIsNull(result) && current != NULL) {
        if (likely(current->note.ids == NAMED_MOST))
            current->note.rows++;
        else
            take_row((ScanState *)node);
    }
    return result;
}

/* One for each kind, which so need not be told again for every row. */
#define X(name, kind)                                                                                        \
    static TupleTableSlot *note_##name(PlanState *node)                                                      \
    {                                                                                                        \
        return scan_and_note(node, kind);                                                                    \
    }
SCANS
#undef X

static const ExecProcNodeMtd noting[KINDS] = {
#define X(name, kind) [kind] = note_##name,
    SCANS
#undef X
};

static bool is_led(PlanState *node)
{
    int kind = kind_of(node);

    return kind >= 0 && node->ExecProcNodeReal == noting[kind];
}

/* The scan of a table that holds names, NULL: it is none; the table becomes known to the run. */
static ScanState *scan_of_names(PlanState *node, named_run *run)
{
    ScanState *scan = kind_of(node) >= 0 ? (ScanState *)node : NULL;
    Relation table = scan ? scan->ss_currentRelation : NULL;
    AttrNumber column;

    if (table == NULL || known_column(run, table) != InvalidAttrNumber)
        return table ? scan : NULL;
    column = id_column(table);
    if (column == InvalidAttrNumber)
        return NULL;
    if (run->tables == TABLES)
        ereport(ERROR, errcode(ERRCODE_STATEMENT_TOO_COMPLEX),
                errmsg("a statement reads at most %d tables of people", TABLES));
    run->table[run->tables] = RelationGetRelid(table);
    run->column[run->tables++] = column;
    return scan;
}

/* A walker: leads each scan of people through the function of its kind. */
static bool lead(PlanState *node, named_run *run)
{
    if (node == NULL)
        return false;
    if (scan_of_names(node, run) != NULL && !is_led(node)) {
        int kind = kind_of(node);

        if (real[kind] != NULL && real[kind] != node->ExecProcNodeReal)
            elog(ERROR, "scans of one kind have two functions");
        real[kind] = node->ExecProcNodeReal;
        ExecSetExecProcNode(node, noting[kind]);
    }
    return planstate_tree_walker(node, lead, run);
}

/* A walker, after an error: its message may tell the row at which a scan stands. Reads what is pinned, no page. */
static bool note_standing(PlanState *node, named_run *run)
{
    int ids = run->note.ids;

    if (node == NULL)
        return false;
    if (is_led(node) && ((ScanState *)node)->ss_ScanTupleSlot != NULL &&
        !TTS_EMPTY(((ScanState *)node)->ss_ScanTupleSlot)) {
        if (!IsA(node, IndexOnlyScanState) && ids < NAMED_MOST)
            take_id(run, (ScanState *)node);
        run->note.rows += run->note.ids > ids || run->note.rows == 0;
    }
    return planstate_tree_walker(node, note_standing, run);
}

static void put(const named_note *note)
{
    if (note->rows == 0)
        return;
    LWLockAcquire(ring->lock, LW_EXCLUSIVE);
    ring->note[ring->written++ % RING] = *note;
    LWLockRelease(ring->lock);
}

/* A session that is ended in mid-run leaves its notes all the same. */
static void leave(int code, Datum unused)
{
    while (current != NULL)
        named_end(false);
}

static void make_room(void)
{
    uint64 used;

    LWLockAcquire(ring->lock, LW_SHARED);
    used = ring->written - ring->taken;
    LWLockRelease(ring->lock);
    if (used > RING / 2)
        (void)DirectFunctionCall2(apart, CStringGetTextDatum("named"),
                                  PointerGetDatum(construct_empty_array(TEXTOID)));
}

static void begin_note(named_note *note, const QueryDesc *query)
{
    const char *purpose = GetConfigOption("ekok.purpose", true, false);

    note->at = GetCurrentTimestamp();
    note->login = GetSessionUserId();
    note->pid = MyProcPid;
    note->statement = query->plannedstmt->queryId != 0
                          ? (int64)query->plannedstmt->queryId
                          : (int64)hash_bytes_extended((const unsigned char *)query->sourceText,
                                                       (int)strlen(query->sourceText), 0);
    strlcpy(note->purpose, purpose ? purpose : "", PURPOSE_ROOM);
}

bool named_begin(QueryDesc *query)
{
    static bool registered = false;
    named_run found = {.tables = 0}, *run;

    if (ring == NULL)
        return false;
    (void)lead(query->planstate, &found);
    if (found.tables == 0)
        return false;
    make_room();
    if (!registered)
        before_shmem_exit(leave, (Datum)0);
    registered = true;
    run = MemoryContextAlloc(TopMemoryContext, sizeof *run);
    *run = found;
    begin_note(&run->note, query);
    run->query = query;
    run->outer = current;
    current = run;
    return true;
}

void named_end(bool failed)
{
    named_run *run = current;

    current = run->outer;
    if (failed)
        (void)note_standing(run->query->planstate, run);
    put(&run->note);
    pfree(run);
}

/* What was handed over is gone from the ring only when it is committed. */
static void on_commit(XactEvent event, void *unused)
{
    if (collected != 0 && event == XACT_EVENT_COMMIT) {
        LWLockAcquire(ring->lock, LW_EXCLUSIVE);
        ring->taken = collected;
        LWLockRelease(ring->lock);
    }
    if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT)
        collected = 0;
}

static uint64 copy_notes(named_note **out)
{
    uint64 from, count;

    *out = palloc_extended(sizeof(named_note) * RING, MCXT_ALLOC_HUGE);
    LWLockAcquire(ring->lock, LW_SHARED);
    from = Max(ring->taken, ring->written > RING ? ring->written - RING : 0);
    count = ring->written - from;
    collected = ring->written;
    for (uint64 i = 0; i < count; i++)
        (*out)[i] = ring->note[(from + i) % RING];
    LWLockRelease(ring->lock);
    return count;
}

static Datum ids_of(const named_note *note)
{
    Datum id[NAMED_MOST];

    for (int i = 0; i < note->ids; i++)
        id[i] = UUIDPGetDatum(&note->id[i]);
    return PointerGetDatum(construct_array(id, note->ids, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

PG_FUNCTION_INFO_V1(take_named);

Datum take_named(PG_FUNCTION_ARGS)
{
    static bool registered = false;
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    named_note *note;
    uint64 count;

    InitMaterializedSRF(fcinfo, 0);
    if (ring == NULL)
        return (Datum)0;
    if (!registered)
        RegisterXactCallback(on_commit, NULL);
    registered = true;
    count = copy_notes(&note);
    for (uint64 i = 0; i < count; i++) {
        char *login = GetUserNameFromId(note[i].login, true);
        Datum value[6] = {TimestampTzGetDatum(note[i].at),
                          DirectFunctionCall1(namein, CStringGetDatum(login ? login : "")),
                          Int64GetDatum(note[i].statement),
                          Int64GetDatum(note[i].rows),
                          CStringGetTextDatum(note[i].purpose),
                          ids_of(&note[i])};
        bool null[6] = {false, login == NULL, false, false, note[i].purpose[0] == '\0', false};

        tuplestore_putvalues(result->setResult, result->setDesc, value, null);
    }
    return (Datum)0;
}
