/*
 * judge.c - asks the visibility map and the tables about rows. Believes neither hints of the index nor the map
 * alone once a page is no longer pinned.
 */
#include "doubledip/judge.h"

#include "access/heapam.h"
#include "access/tableam.h"
#include "access/visibilitymap.h"
#include "access/visibilitymapdefs.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "utils/rel.h"
#include "utils/spccache.h"

#include "compat.h"

/*
 * Pages of a visibility map that are kept pinned: keys are hashes, so neighbours' rows lie anywhere in the table.
 * Each page tells of PAGES_PER_MAP pages of it, about 255 MiB.
 */
enum { MAPS = 32, PAGES_PER_MAP = (BLCKSZ - MAXALIGN(SizeOfPageHeaderData)) * 8 / BITS_PER_HEAPBLOCK };

/* One table as an index sees it. */
typedef struct {
    Relation table;
    bool heap; /* of PostgreSQL's own kind, whose pages are looked at by the page */
    IndexFetchTableData *fetch;
    TupleTableSlot *slot;
    Buffer map[MAPS];
    int distance; /* blocks to read ahead */
} judged_table;

/* An entry's place: source, block and offset in one number, and which entry it is. */
typedef struct {
    uint64 place;
    uint32 entry;
    Buffer seen; /* where the page lay when it was read ahead, or none; of the first visit to a page */
} visit;

/* Visits to one page of a table, which is pinned where it is a heap's. */
typedef struct {
    const visit *visits;
    int count;
    Buffer buffer;
} page_visit;

struct sweep_judge {
    Snapshot snapshot;
    int count;
    int capacity;
    visit *visit;
    judged_table table[FLEXIBLE_ARRAY_MEMBER];
};

#define ST_SORT          sort_visits
#define ST_ELEMENT_TYPE  visit
#define ST_COMPARE(a, b) (((a)->place > (b)->place) - ((a)->place < (b)->place))
#define ST_SCOPE         static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

sweep_judge *sweep_judge_begin(const sweep_target *targets, int count, Snapshot snapshot)
{
    sweep_judge *self = palloc0(offsetof(sweep_judge, table) + (Size)count * sizeof(judged_table));

    self->snapshot = snapshot;
    self->count = count;
    for (int i = 0; i < count; i++) {
        Relation table = targets[i].table;
        PredicateLockRelation(table, snapshot);
        PredicateLockRelation(targets[i].index, snapshot);
        self->table[i] =
            (judged_table){.table = table,
                           .heap = table->rd_tableam == GetHeapamTableAmRoutine(),
                           .fetch = table_index_fetch_begin(table),
                           .slot = table_slot_create(table, NULL),
                           .distance = get_tablespace_io_concurrency(table->rd_rel->reltablespace)};
    }
    return self;
}

void sweep_judge_by_map(sweep_judge *self, sweep_entry *entry)
{
    judged_table *table = &self->table[entry->source];
    BlockNumber block = ItemPointerGetBlockNumber(&entry->row);

    if (VM_ALL_VISIBLE(table->table, block, &table->map[block / PAGES_PER_MAP % MAPS]))
        entry->verdict = ENTRY_VISIBLE;
}

void sweep_judge_unpin(sweep_judge *self)
{
    for (int i = 0; i < self->count; i++) {
        for (int m = 0; m < MAPS; m++) {
            if (BufferIsValid(self->table[i].map[m]))
                ReleaseBuffer(self->table[i].map[m]);
            self->table[i].map[m] = InvalidBuffer;
        }
    }
}

/* The entries still to be judged, in the order of tables and pages. */
static int list_visits(sweep_judge *self, const sweep_entry *entries, int count)
{
    int n = 0;

    if (count > self->capacity) {
        if (self->visit != NULL)
            pfree(self->visit);
        self->capacity = count;
        self->visit = palloc_extended((Size)count * sizeof(visit), MCXT_ALLOC_HUGE);
    }
    for (int i = 0; i < count; i++) {
        const sweep_entry *e = &entries[i];
        if (e->verdict == ENTRY_UNJUDGED)
            self->visit[n++] =
                (visit){(uint64)e->source << 48 | (uint64)ItemPointerGetBlockNumber(&e->row) << 16 |
                            ItemPointerGetOffsetNumber(&e->row),
                        (uint32)i, InvalidBuffer};
    }
    sort_visits(self->visit, (size_t)n);
    return n;
}

static uint64 page_of(const visit *v)
{
    return v->place >> 16;
}

static judged_table *table_of(sweep_judge *self, const visit *v)
{
    return &self->table[v->place >> 48];
}

/* The visits beside `at` that are to its page. */
static int count_page(const sweep_judge *self, int at, int n)
{
    int next = at + 1;

    while (next < n && page_of(&self->visit[next]) == page_of(&self->visit[at]))
        next++;
    return next - at;
}

/* Pages that lie before the reader: asked for from the system, not yet reached. */
typedef struct {
    int asked; /* visits to pages that have been asked for */
    int ahead; /* pages of them */
} lookout;

/* Has the system read the pages of the visits that come, as many as the tablespace's effective_io_concurrency says. */
static void look_out(sweep_judge *self, lookout *out, int n)
{
    while (out->asked < n) {
        visit *first = &self->visit[out->asked];
        judged_table *table = table_of(self, first);
        if (out->ahead > table->distance)
            return;
        out->asked += count_page(self, out->asked, n);
        if (!table->heap)
            continue;
        first->seen = PrefetchBuffer(table->table, MAIN_FORKNUM, (BlockNumber)page_of(first)).recent_buffer;
        out->ahead++;
    }
}

/* Pins the page of the visits from `at` on and has the processor fetch their line pointers. */
static page_visit pin_page(sweep_judge *self, lookout *out, int at, int n)
{
    page_visit v = {&self->visit[at], count_page(self, at, n), InvalidBuffer};
    const judged_table *table = table_of(self, v.visits);
    BlockNumber block = (BlockNumber)page_of(v.visits);

    if (!table->heap)
        return v;
    out->ahead--;
    v.buffer = v.visits->seen;
    if (!BufferIsValid(v.buffer) || !ekok_read_recent(table->table, block, v.buffer))
        v.buffer = ReadBuffer(table->table, block);
    const PageHeaderData *page = (const PageHeaderData *)BufferGetPage(v.buffer);
    for (int i = 0; i < v.count; i++)
        __builtin_prefetch(&page->pd_linp[(uint16)v.visits[i].place]);
    return v;
}

/* Judges by a page of a heap, under one lock. */
static void judge_by_page(Snapshot snapshot, Relation table, const page_visit *v, sweep_entry *entries)
{
    Page page = BufferGetPage(v->buffer);
    HeapTupleData row;

    LockBuffer(v->buffer, BUFFER_LOCK_SHARE);
    OffsetNumber last = PageGetMaxOffsetNumber(page);
    for (int i = 0; i < v->count; i++) {
        OffsetNumber n = (uint16)v->visits[i].place;
        if (n <= last)
            __builtin_prefetch((char *)page + ItemIdGetOffset(PageGetItemId(page, n)));
    }
    for (int i = 0; i < v->count; i++) {
        sweep_entry *entry = &entries[v->visits[i].entry];
        bool found = heap_hot_search_buffer(&entry->row, table, v->buffer, snapshot, &row, NULL, true);
        entry->verdict = found ? ENTRY_VISIBLE : ENTRY_GONE;
    }
    LockBuffer(v->buffer, BUFFER_LOCK_UNLOCK);
}

/* Judges as any kind of table must be asked. */
static void judge_by_row(Snapshot snapshot, judged_table *table, const page_visit *v, sweep_entry *entries)
{
    for (int i = 0; i < v->count; i++) {
        sweep_entry *entry = &entries[v->visits[i].entry];
        bool again = false;
        bool found = table_index_fetch_tuple(table->fetch, &entry->row, snapshot, table->slot, &again, NULL);
        entry->verdict = found ? ENTRY_VISIBLE : ENTRY_GONE;
    }
    ExecClearTuple(table->slot);
    table_index_fetch_reset(table->fetch);
}

int sweep_judge_by_table(sweep_judge *self, sweep_entry *entries, int count)
{
    int n = list_visits(self, entries, count);
    lookout out = {0};
    page_visit here = {.buffer = InvalidBuffer}, next = here;

    look_out(self, &out, n);
    for (int i = 0; i < n; i += here.count, here = next) {
        CHECK_FOR_INTERRUPTS();
        if (i == 0)
            here = pin_page(self, &out, 0, n);
        look_out(self, &out, n);
        if (i + here.count < n)
            next = pin_page(self, &out, i + here.count, n);
        judged_table *table = table_of(self, here.visits);
        if (table->heap)
            judge_by_page(self->snapshot, table->table, &here, entries);
        else
            judge_by_row(self->snapshot, table, &here, entries);
        if (BufferIsValid(here.buffer))
            ReleaseBuffer(here.buffer);
    }
    return n;
}

void sweep_judge_end(sweep_judge *self)
{
    sweep_judge_unpin(self);
    for (int i = 0; i < self->count; i++) {
        judged_table *table = &self->table[i];
        ExecDropSingleTupleTableSlot(table->slot);
        table_index_fetch_end(table->fetch);
    }
    if (self->visit != NULL)
        pfree(self->visit);
    pfree(self);
}
