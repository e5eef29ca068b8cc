/*
 * judge.c - asks the visibility map and the tables about rows. Believes neither hints of the index nor the map
 * alone once a page is no longer pinned.
 */
#include "doubledip/judge.h"

#include "access/tableam.h"
#include "access/visibilitymap.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "utils/rel.h"
#include "utils/spccache.h"

/* One table as an index sees it. */
typedef struct {
    Relation table;
    IndexFetchTableData *fetch;
    TupleTableSlot *slot;
    Buffer map;
    int distance; /* blocks to read ahead */
} judged_table;

/* An entry's place: source, block and offset in one number, and which entry it is. */
typedef struct {
    uint64 place;
    uint32 entry;
} visit;

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
                           .fetch = table_index_fetch_begin(table),
                           .slot = table_slot_create(table, NULL),
                           .map = InvalidBuffer,
                           .distance = get_tablespace_io_concurrency(table->rd_rel->reltablespace)};
    }
    return self;
}

void sweep_judge_by_map(sweep_judge *self, sweep_entry *entry)
{
    judged_table *table = &self->table[entry->source];

    if (VM_ALL_VISIBLE(table->table, ItemPointerGetBlockNumber(&entry->row), &table->map))
        entry->verdict = ENTRY_VISIBLE;
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
                        (uint32)i};
    }
    sort_visits(self->visit, (size_t)n);
    return n;
}

static uint64 page_of(const visit *v)
{
    return v->place >> 16;
}

/* Reads ahead from visit *asked on, until `distance` pages beyond visit `at` are asked for. */
static void read_ahead(const sweep_judge *self, int at, int n, int *asked)
{
    const judged_table *table = &self->table[self->visit[at].place >> 48];

    if (*asked < at)
        *asked = at;
    while (*asked + 1 < n && *asked < at + table->distance) {
        int next = ++*asked;
        uint64 page = page_of(&self->visit[next]);
        if (page != page_of(&self->visit[next - 1]) && page >> 32 == self->visit[at].place >> 48)
            PrefetchBuffer(table->table, MAIN_FORKNUM, (BlockNumber)page);
    }
}

void sweep_judge_by_table(sweep_judge *self, sweep_entry *entries, int count)
{
    int n = list_visits(self, entries, count);
    int asked = 0;

    for (int i = 0; i < n; i++) {
        sweep_entry *entry = &entries[self->visit[i].entry];
        judged_table *table = &self->table[entry->source];
        bool again = false;

        CHECK_FOR_INTERRUPTS();
        read_ahead(self, i, n, &asked);
        bool found =
            table_index_fetch_tuple(table->fetch, &entry->row, self->snapshot, table->slot, &again, NULL);
        entry->verdict = found ? ENTRY_VISIBLE : ENTRY_GONE;
    }
    for (int i = 0; i < self->count; i++) {
        ExecClearTuple(self->table[i].slot);
        table_index_fetch_reset(self->table[i].fetch);
    }
}

void sweep_judge_end(sweep_judge *self)
{
    for (int i = 0; i < self->count; i++) {
        judged_table *table = &self->table[i];
        if (BufferIsValid(table->map))
            ReleaseBuffer(table->map);
        ExecDropSingleTupleTableSlot(table->slot);
        table_index_fetch_end(table->fetch);
    }
    if (self->visit != NULL)
        pfree(self->visit);
    pfree(self);
}
