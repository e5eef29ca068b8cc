/*
 * scan.c - runs EkokSoundScan: asks the index once (gin_read.c), then fetches the rows in the order of the table.
 * A query that reads no column fetches none from a page that everybody sees; see seen_by_all. Where the index
 * cannot answer, as the threshold was lowered since the plan was made, it reads the table.
 */
#include "scan.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "access/visibilitymap.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "storage/smgr.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/snapmgr.h"

#include "gin_read.h"

enum {
    MAP_BYTES = BLCKSZ - MAXALIGN(SizeOfPageHeaderData),
    PAGES_PER_BYTE = 4,
    PAGES_PER_MAP = MAP_BYTES * PAGES_PER_BYTE
};

typedef struct {
    CustomScanState custom;
    Relation index;
    ExprState *asked;
    ExprState *condition;
    bool without_columns;
    bool read;                /* the index was asked */
    MemoryContext answer;     /* of what it said */
    ekok_rows rows;           /* as gin_read.h says */
    size_t at;                /* the next of them */
    OffsetNumber in_page;     /* the last row tried where an item is a page */
    BlockNumber pages;        /* of the table when the index was asked */
    char *seen_before;        /* the visibility map as it was then, NULL: not looked at */
    size_t seen_before_bytes; /* of it */
    Buffer map;               /* pinned page of the visibility map */
    IndexFetchTableData *fetch;
    TableScanDesc whole; /* where the table is read */
    uint64 fetched, heard;
} sound_scan;

static Node *create(CustomScan *plan);
static void begin(CustomScanState *node, EState *estate, int flags);
static TupleTableSlot *next(CustomScanState *node);
static void end(CustomScanState *node);
static void again(CustomScanState *node);
static void explain(CustomScanState *node, List *ancestors, ExplainState *es);

const CustomScanMethods ekok_scan_methods = {.CustomName = "EkokSoundScan", .CreateCustomScanState = create};

static const CustomExecMethods exec_methods = {
    .CustomName = "EkokSoundScan",
    .BeginCustomScan = begin,
    .ExecCustomScan = next,
    .EndCustomScan = end,
    .ReScanCustomScan = again,
    .ExplainCustomScan = explain,
};

static Node *create(CustomScan *plan)
{
    sound_scan *scan = palloc0(sizeof *scan);

    NodeSetTag(scan, T_CustomScanState);
    scan->custom.methods = &exec_methods;
    return (Node *)scan;
}

static void begin(CustomScanState *node, EState *estate, int flags)
{
    sound_scan *scan = (sound_scan *)node;
    CustomScan *plan = (CustomScan *)node->ss.ps.plan;
    Relation table = node->ss.ss_currentRelation;
    PlanState *parent = &node->ss.ps;

    /* Made for virtual rows by the executor; these are the table's own. */
    ExecInitScanTupleSlot(estate, &node->ss, RelationGetDescr(table), table_slot_callbacks(table));
    ExecAssignScanProjectionInfoWithVarno(&node->ss, (int)plan->scan.scanrelid);
    parent->qual = ExecInitQual(plan->scan.plan.qual, parent);
    scan->asked = ExecInitExpr(list_nth(plan->custom_exprs, EKOK_SCAN_ASKED), parent);
    scan->condition = ExecInitQual(list_make1(list_nth(plan->custom_exprs, EKOK_SCAN_CONDITION)), parent);
    scan->without_columns = intVal(list_nth(plan->custom_private, EKOK_SCAN_WITHOUT_COLUMNS)) != 0;
    if ((flags & EXEC_FLAG_EXPLAIN_ONLY) == 0)
        scan->index =
            index_open((Oid)intVal(list_nth(plan->custom_private, EKOK_SCAN_INDEX)), AccessShareLock);
    scan->answer = AllocSetContextCreate(estate->es_query_cxt, "EkokSoundScan", ALLOCSET_DEFAULT_SIZES);
}

/*
 * Copies the visibility map, before the index is read. The snapshot is older than that: see seen_by_all.
 */
static void note_seen(sound_scan *scan)
{
    Relation table = scan->custom.ss.ss_currentRelation;
    BlockNumber maps;

    if (!smgrexists(RelationGetSmgr(table), VISIBILITYMAP_FORKNUM))
        return;
    maps = Min(RelationGetNumberOfBlocksInFork(table, VISIBILITYMAP_FORKNUM),
               (scan->pages + PAGES_PER_MAP - 1) / PAGES_PER_MAP);
    scan->seen_before_bytes = (size_t)maps * MAP_BYTES;
    scan->seen_before = maps == 0 ? NULL : MemoryContextAllocHuge(scan->answer, scan->seen_before_bytes);
    for (BlockNumber i = 0; i < maps; i++) {
        Buffer buffer = ReadBufferExtended(table, VISIBILITYMAP_FORKNUM, i, RBM_ZERO_ON_ERROR, NULL);

        LockBuffer(buffer, BUFFER_LOCK_SHARE);
        memcpy(scan->seen_before + (size_t)i * MAP_BYTES, PageGetContents(BufferGetPage(buffer)), MAP_BYTES);
        UnlockReleaseBuffer(buffer);
    }
}

/*
 * Whether every row that the index holds of a page is visible: when the page was marked as seen by all before the index
 * was read, and is so still. Marked then, it held nothing dead, so the index held no row that VACUUM took away. Marked
 * still, nothing was written since: a page that was is not marked again while a snapshot as old as this one lives.
 */
static bool seen_by_all(sound_scan *scan, BlockNumber page)
{
    size_t byte = page / PAGES_PER_BYTE;
    int shift = (int)(page % PAGES_PER_BYTE) * BITS_PER_HEAPBLOCK;

    return byte < scan->seen_before_bytes &&
           (scan->seen_before[byte] >> shift & VISIBILITYMAP_ALL_VISIBLE) != 0 &&
           (visibilitymap_get_status(scan->custom.ss.ss_currentRelation, page, &scan->map) &
            VISIBILITYMAP_ALL_VISIBLE) != 0;
}

static void read_index(sound_scan *scan)
{
    ExprContext *context = scan->custom.ss.ps.ps_ExprContext;
    EState *estate = scan->custom.ss.ps.state;
    Relation table = scan->custom.ss.ss_currentRelation;
    MemoryContext before = MemoryContextSwitchTo(scan->answer);
    bool null = false;
    Datum asked = ExecEvalExprSwitchContext(scan->asked, context, &null);

    scan->read = true;
    scan->rows = (ekok_rows){0};
    if (!null) {
        scan->pages = RelationGetNumberOfBlocks(table);
        if (scan->without_columns && IsMVCCSnapshot(estate->es_snapshot) && !OldSnapshotThresholdActive())
            note_seen(scan);
        if (ekok_gin_read(scan->index, estate->es_snapshot, DatumGetTextPP(asked), &scan->rows))
            scan->fetch = table_index_fetch_begin(table);
        else
            scan->whole = table_beginscan(table, estate->es_snapshot, 0, NULL);
        scan->heard += scan->rows.heard;
    }
    MemoryContextSwitchTo(before);
}

/* The next row to look at and whether its name is yet to be heard; false at the end. */
static bool next_place(sound_scan *scan, ItemPointer place, bool *undecided)
{
    while (scan->at < scan->rows.n) {
        uint64 item = scan->rows.item[scan->at];
        OffsetNumber row = ekok_item_offset(item);

        if (ekok_item_block(item) >= scan->pages)
            return false;
        if (row == InvalidOffsetNumber && scan->in_page == MaxHeapTuplesPerPage) {
            scan->in_page = InvalidOffsetNumber;
            scan->at++;
            continue;
        }
        ItemPointerSet(place, ekok_item_block(item), row == InvalidOffsetNumber ? ++scan->in_page : row);
        *undecided = ekok_item_undecided(item);
        scan->at += row != InvalidOffsetNumber;
        return true;
    }
    return false;
}

static bool is_alike(sound_scan *scan, TupleTableSlot *slot)
{
    ExprContext *context = scan->custom.ss.ps.ps_ExprContext;

    context->ecxt_scantuple = slot;
    return ExecQualAndReset(scan->condition, context);
}

static TupleTableSlot *access_row(ScanState *node)
{
    sound_scan *scan = (sound_scan *)node;
    TupleTableSlot *slot = node->ss_ScanTupleSlot;
    Snapshot snapshot = node->ps.state->es_snapshot;
    ItemPointerData place;
    bool undecided = false;

    if (!scan->read)
        read_index(scan);
    while (scan->whole != NULL) {
        CHECK_FOR_INTERRUPTS();
        if (!table_scan_getnextslot(scan->whole, ForwardScanDirection, slot))
            return ExecClearTuple(slot);
        scan->fetched++;
        if (is_alike(scan, slot))
            return slot;
    }
    while (next_place(scan, &place, &undecided)) {
        bool more = false, dead = false;

        CHECK_FOR_INTERRUPTS();
        if (!undecided && scan->seen_before != NULL && seen_by_all(scan, ItemPointerGetBlockNumber(&place))) {
            PredicateLockPage(node->ss_currentRelation, ItemPointerGetBlockNumber(&place), snapshot);
            ExecStoreAllNullTuple(slot);
            slot->tts_tid = place; /* for WHERE CURRENT OF */
            slot->tts_tableOid = RelationGetRelid(node->ss_currentRelation);
            return slot;
        }
        scan->fetched++;
        if (table_index_fetch_tuple(scan->fetch, &place, snapshot, slot, &more, &dead) &&
            (!undecided || is_alike(scan, slot)))
            return slot;
    }
    return ExecClearTuple(slot);
}

static bool recheck_row(ScanState *node, TupleTableSlot *slot)
{
    return is_alike((sound_scan *)node, slot);
}

static TupleTableSlot *next(CustomScanState *node)
{
    return ExecScan(&node->ss, access_row, recheck_row);
}

static void forget(sound_scan *scan)
{
    if (scan->fetch != NULL)
        table_index_fetch_end(scan->fetch);
    if (scan->whole != NULL)
        table_endscan(scan->whole);
    if (BufferIsValid(scan->map))
        ReleaseBuffer(scan->map);
    scan->fetch = NULL;
    scan->whole = NULL;
    scan->map = InvalidBuffer;
    scan->seen_before = NULL;
    scan->seen_before_bytes = 0;
    scan->at = 0;
    scan->in_page = InvalidOffsetNumber;
    scan->read = false;
    ExecClearTuple(scan->custom.ss.ss_ScanTupleSlot);
    MemoryContextReset(scan->answer);
}

static void end(CustomScanState *node)
{
    sound_scan *scan = (sound_scan *)node;

    forget(scan);
    if (scan->index != NULL)
        index_close(scan->index, NoLock);
}

static void again(CustomScanState *node)
{
    forget((sound_scan *)node);
    ExecScanReScan(&node->ss);
}

static void explain(CustomScanState *node, List *ancestors, ExplainState *es)
{
    sound_scan *scan = (sound_scan *)node;
    CustomScan *plan = (CustomScan *)node->ss.ps.plan;
    Oid index = (Oid)intVal(list_nth(plan->custom_private, EKOK_SCAN_INDEX));
    List *context = set_deparse_context_plan(es->deparse_cxt, &plan->scan.plan, ancestors);
    bool prefix = list_length(es->rtable) > 1 || es->verbose;
    Node *condition = list_nth(plan->custom_exprs, EKOK_SCAN_CONDITION);

    ExplainPropertyText("Index", get_rel_name(index), es);
    ExplainPropertyText("Index Cond", deparse_expression(condition, context, prefix, false), es);
    if (!es->analyze)
        return;
    ExplainPropertyUInteger("Names Heard", NULL, scan->heard, es);
    ExplainPropertyUInteger("Rows Fetched", NULL, scan->fetched, es);
    if (scan->rows.whole_pages)
        ExplainPropertyUInteger("Whole Pages", NULL, scan->rows.n, es);
}
