/*
 * sweep.c - merges the entries of the indexes by key and finds the keys that span enough programmes.
 *
 * A key is a candidate by all entries that the indexes hold, dead rows among them, which costs nothing to know.
 * Only candidates are judged by visibility map and table; the key is then counted again without the rows that are
 * gone. A key shared by more than GROUP_ROWS_MAX rows is an error: such a key is a placeholder, not a person.
 */
#include "doubledip/sweep.h"

#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "doubledip/entry_scan.h"
#include "doubledip/judge.h"
#include "doubledip/leaf_walk.h"

enum { GROUP_ROWS_MAX = 1 << 24, LOT_FIRST = 256, LOT_MIN = 1024, LOT_MAX = 1 << 20 };
/* Entries of a lot that stays in the processor's cache. */
enum { LOT_CACHED = 1 << 13 };

/* The entries of one index, a lot at a time. */
typedef struct {
    leaf_walk *walk;  /* or, where it is NULL, */
    entry_scan *scan; /* for an index in descending order */
    const sweep_entry *at;
    const sweep_entry *end;
    BlockNumber blocks; /* of an index that is scanned, counted when it ends */
} source;

/* One candidate among the entries of the lot. */
typedef struct {
    int first;
    int count;
} candidate;

struct ekok_sweep {
    sweep_wish wish;
    sweep_judge *judge;
    source *source;
    int live; /* sources that have not ended */
    int64 candidates;
    int64 scanned_blocks;
    /* The lot: entries of all its candidates, the last perhaps still open. */
    sweep_entry *entry;
    int capacity;
    int filled; /* entries of candidates that are complete */
    int open;   /* entries of the key being gathered, which follow */
    int mapped; /* of those, how many have been looked up in the visibility map, or cannot be any more */
    candidate *candidate;
    int candidate_capacity;
    int candidate_count;
    int given; /* candidates given out, or passed over */
    int lot;   /* entries that make the lot full */
    int lot_max;
};

static int lot_ceiling(void)
{
    Size entries = (Size)work_mem * 1024 / 2 / (sizeof(sweep_entry) + 16);

    return (int)Min(Max(entries, LOT_MIN), LOT_MAX);
}

static void open_source(ekok_sweep *self, int n, Snapshot snapshot)
{
    const sweep_target *target = &self->wish.targets[n];
    source *from = &self->source[n];
    /* One index alone may drop small keys at once; among several a key may be small in each. */
    leaf_walk_wish wish = {.range = self->wish.range,
                           .fewest = self->wish.count == 1 ? self->wish.min_programmes : 1,
                           .source = (uint8)n,
                           .keep_pins = !self->wish.want_rows,
                           .pin_next = self->wish.count == 1};

    *from = (source){0};
    if (target->ascending == ForwardScanDirection) {
        from->walk = leaf_walk_begin(target->index, &wish);
    } else {
        from->scan = entry_scan_begin(target, snapshot, self->wish.range, (uint8)n);
        from->blocks = RelationGetNumberOfBlocks(target->index);
    }
}

ekok_sweep *sweep_begin(const sweep_wish *wish, Snapshot snapshot)
{
    ekok_sweep *self = palloc0(sizeof *self);

    if (!IsMVCCSnapshot(snapshot))
        elog(ERROR, "a sweep needs an MVCC snapshot");
    self->wish = *wish;
    self->lot = LOT_FIRST;
    self->lot_max = lot_ceiling();
    self->capacity = 2 * LOT_FIRST;
    self->entry = palloc((Size)self->capacity * sizeof(sweep_entry));
    self->candidate_capacity = LOT_FIRST;
    self->candidate = palloc((Size)self->candidate_capacity * sizeof(candidate));
    /* First of all, so that whoever writes after our first look at a page is seen to conflict. */
    self->judge = sweep_judge_begin(wish->targets, wish->count, snapshot);
    self->source = palloc((Size)wish->count * sizeof(source));
    self->live = wish->count;
    for (int i = 0; i < wish->count; i++)
        open_source(self, i, snapshot);
    return self;
}

/* Asks the visibility map about the open key's entries, before any page they came from is let go. */
static void judge_open_by_map(ekok_sweep *self)
{
    if (self->wish.want_rows)
        return;
    for (; self->mapped < self->open; self->mapped++) {
        sweep_entry *entry = &self->entry[self->filled + self->mapped];
        const source *from = &self->source[entry->source];
        if (from->walk != NULL && leaf_walk_pinned(from->walk))
            sweep_judge_by_map(self->judge, entry);
    }
}

/* Reads on in a source whose entries are used up; false when it has ended. */
static bool refill(ekok_sweep *self, source *from)
{
    int count;

    if (from->at < from->end)
        return true;
    if (from->walk == NULL && from->scan == NULL)
        return false;
    judge_open_by_map(self);
    count =
        from->walk != NULL ? leaf_walk_read(from->walk, &from->at) : entry_scan_read(from->scan, &from->at);
    from->end = from->at + count;
    if (count > 0)
        return true;
    if (from->scan != NULL)
        entry_scan_end(from->scan);
    self->scanned_blocks += from->walk != NULL ? leaf_walk_pages(from->walk) : from->blocks;
    if (from->walk != NULL)
        leaf_walk_end(from->walk);
    *from = (source){0};
    self->live--;
    return false;
}

static void refuse_group(void) pg_attribute_noreturn();

static void refuse_group(void)
{
    ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
            errmsg("more than %d rows share one piece of evidence", GROUP_ROWS_MAX),
            errhint("Look for a placeholder that stands in place of a value, and set it to NULL."));
}

static void append(ekok_sweep *self, const sweep_entry *entries, int count)
{
    int need = self->filled + self->open + count;

    if (self->open + count > GROUP_ROWS_MAX)
        refuse_group();
    if (need > self->capacity) {
        while (self->capacity < need)
            self->capacity *= 2;
        self->entry = repalloc_huge(self->entry, (Size)self->capacity * sizeof(sweep_entry));
    }
    memcpy(&self->entry[self->filled + self->open], entries, (Size)count * sizeof(sweep_entry));
    self->open += count;
}

/* How many programmes there are among entries in order of programme. */
static int count_programmes(const sweep_entry *entries, int count)
{
    int programmes = count > 0;

    for (int i = 1; i < count; i++)
        programmes += entries[i].evidence.bits != entries[i - 1].evidence.bits;
    return programmes;
}

/* The open key has no more entries: keeps it as a candidate, or forgets it. */
static void close_key(ekok_sweep *self)
{
    if (self->open == 0)
        return;
    if (count_programmes(&self->entry[self->filled], self->open) >= self->wish.min_programmes) {
        judge_open_by_map(self);
        if (self->candidate_count == self->candidate_capacity) {
            self->candidate_capacity *= 2;
            self->candidate =
                repalloc_huge(self->candidate, (Size)self->candidate_capacity * sizeof(candidate));
        }
        self->candidate[self->candidate_count++] = (candidate){self->filled, self->open};
        self->filled += self->open;
    }
    self->open = 0;
    self->mapped = 0;
}

static uint64 open_key(const ekok_sweep *self)
{
    return ekok_evidence_key(self->entry[self->filled].evidence);
}

/* The source whose next entry is the least, or NULL when all have ended. */
static source *least_source(ekok_sweep *self)
{
    source *least = NULL;

    for (int i = 0; i < self->wish.count; i++) {
        source *from = &self->source[i];
        if (refill(self, from) && (least == NULL || from->at->evidence.bits < least->at->evidence.bits))
            least = from;
    }
    return least;
}

/* Entries at `from`, up to `end`, that belong to the same key. */
static int run_length(const sweep_entry *from, const sweep_entry *end)
{
    const sweep_entry *at = from + 1;

    while (at < end && (at->evidence.bits ^ from->evidence.bits) >> EKOK_EVIDENCE_PROGRAMME_BITS == 0)
        at++;
    return (int)(at - from);
}

/* Of several indexes the entries must come one evidence at a time, so that programmes stay in order. */
static int equal_length(const sweep_entry *from, const sweep_entry *end)
{
    const sweep_entry *at = from + 1;

    while (at < end && at->evidence.bits == from->evidence.bits)
        at++;
    return (int)(at - from);
}

/* Gathers candidates until the lot is full or the indexes have ended. */
static void gather(ekok_sweep *self)
{
    source *from;

    while (self->filled < self->lot && (from = least_source(self)) != NULL) {
        int run;

        if (self->open > 0 && ekok_evidence_key(from->at->evidence) != open_key(self))
            close_key(self);
        run = self->wish.count == 1 ? run_length(from->at, from->end) : equal_length(from->at, from->end);
        append(self, from->at, run);
        from->at += run;
    }
    if (self->live == 0)
        close_key(self);
}

/* Lets all pages go while the caller has the word. What is not yet judged is then judged by the table. */
static void pause_sources(ekok_sweep *self)
{
    judge_open_by_map(self);
    for (int i = 0; i < self->wish.count; i++) {
        if (self->source[i].walk != NULL)
            leaf_walk_unpin(self->source[i].walk);
    }
    sweep_judge_unpin(self->judge);
}

/* Gathers and judges the next lot; false when there is none. The open key moves to its front. */
static bool next_lot(ekok_sweep *self)
{
    if (self->open > 0)
        memmove(self->entry, &self->entry[self->filled], (Size)self->open * sizeof(sweep_entry));
    self->filled = 0;
    self->candidate_count = 0;
    self->given = 0;
    if (self->live == 0 && self->open == 0)
        return false;
    gather(self);
    pause_sources(self);
    int asked = sweep_judge_by_table(self->judge, self->entry, self->filled);
    self->candidates += self->candidate_count;
    /* Many at a time pay only where a table is asked: then its pages come in order. */
    self->lot = Min(self->lot * 4, asked > self->filled / 8 ? self->lot_max : Min(LOT_CACHED, self->lot_max));
    return true;
}

static int compare_entries(const void *a, const void *b)
{
    const sweep_entry *one = a;
    const sweep_entry *other = b;

    if (one->evidence.bits != other->evidence.bits)
        return one->evidence.bits < other->evidence.bits ? -1 : 1;
    if (one->source != other->source)
        return one->source < other->source ? -1 : 1;
    return ItemPointerCompare((ItemPointer)&one->row, (ItemPointer)&other->row);
}

/* A row's own TID may sort otherwise than the root of its chain did. */
static void put_in_order(sweep_entry *entries, int count)
{
    for (int i = 1; i < count; i++) {
        if (compare_entries(&entries[i - 1], &entries[i]) > 0) {
            qsort(entries, (size_t)count, sizeof *entries, compare_entries);
            return;
        }
    }
}

bool sweep_next(ekok_sweep *self, sweep_group *group)
{
    for (;;) {
        while (self->given < self->candidate_count) {
            const candidate *judged = &self->candidate[self->given++];
            sweep_entry *entries = &self->entry[judged->first];
            int count = 0;

            for (int i = 0; i < judged->count; i++) {
                if (entries[i].verdict == ENTRY_VISIBLE)
                    entries[count++] = entries[i];
            }
            int programmes = count_programmes(entries, count);
            if (programmes < self->wish.min_programmes)
                continue;
            put_in_order(entries, count);
            *group = (sweep_group){ekok_evidence_key(entries[0].evidence), programmes, count, entries};
            return true;
        }
        if (!next_lot(self))
            return false;
    }
}

int64 sweep_pages(const ekok_sweep *self)
{
    int64 pages = self->scanned_blocks;

    for (int i = 0; i < self->wish.count; i++)
        pages += self->source[i].walk != NULL ? leaf_walk_pages(self->source[i].walk) : 0;
    return pages;
}

int64 sweep_candidates(const ekok_sweep *self)
{
    return self->candidates;
}

void sweep_end(ekok_sweep *self)
{
    for (int i = 0; i < self->wish.count; i++) {
        if (self->source[i].walk != NULL)
            leaf_walk_end(self->source[i].walk);
        if (self->source[i].scan != NULL)
            entry_scan_end(self->source[i].scan);
    }
    sweep_judge_end(self->judge);
    pfree(self->source);
    pfree(self->candidate);
    pfree(self->entry);
    pfree(self);
}
