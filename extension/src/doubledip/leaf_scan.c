/*
 * leaf_scan.c - see leaf_scan.h. Nearly every key stands on a page once, so the page is searched for two neighbours
 * of one key and different programmes, by a loop that does nothing else; only where it finds them is a key looked at
 * as a whole.
 */
#include "doubledip/leaf_scan.h"

#include "access/itup.h"
#include "utils/rel.h"

#include "doubledip/btree_page.h"

/* Entries of a page, none NULL, all within the range; none when last < first. */
typedef struct {
    OffsetNumber first;
    OffsetNumber last;
} stretch;

static inline IndexTuple tuple_at(Page page, OffsetNumber n)
{
    return (IndexTuple)((char *)page + ItemIdGetOffset(PageGetItemId(page, n)));
}

/* Of a tuple whose first column is not NULL; others may be, which moves the first. */
static inline ekok_evidence evidence_at(Page page, OffsetNumber n)
{
    IndexTuple tuple = tuple_at(page, n);

    return *(const ekok_evidence *)((const char *)tuple + IndexInfoFindDataOffset(tuple->t_info));
}

static inline bool same_key(ekok_evidence a, ekok_evidence b)
{
    return (a.bits ^ b.bits) >> EKOK_EVIDENCE_PROGRAMME_BITS == 0;
}

static bool living(const leaf_scan *self, Page page, OffsetNumber n)
{
    return !(ItemIdIsDead(PageGetItemId(page, n)) && self->heed_killed);
}

static void take(leaf_scan *self, IndexTuple tuple, ekok_evidence evidence)
{
    int rows = BTreeTupleIsPosting(tuple) ? BTreeTupleGetNPosting(tuple) : 1;
    ItemPointer row = BTreeTupleIsPosting(tuple) ? BTreeTupleGetPosting(tuple) : &tuple->t_tid;

    if (self->count + rows > (int)lengthof(self->entry))
        ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED),
                errmsg("a page of index \"%s\" holds more entries than fit",
                       RelationGetRelationName(self->index)),
                errhint("Check the index with amcheck, then rebuild it with REINDEX INDEX."));
    for (int i = 0; i < rows; i++)
        self->entry[self->count++] = (sweep_entry){evidence, row[i], self->source, ENTRY_UNJUDGED};
}

/* Takes the living entries of the key that begins at `from`, if they span `fewest` evidences; returns its end. */
static OffsetNumber take_key(leaf_scan *self, Page page, OffsetNumber from, OffsetNumber last, int fewest)
{
    ekok_evidence key = evidence_at(page, from), before = key;
    int different = 0;
    OffsetNumber n;

    for (n = from; n <= last && same_key(evidence_at(page, n), key); n++) {
        ekok_evidence evidence = evidence_at(page, n);
        if (!living(self, page, n))
            continue;
        different += different == 0 || evidence.bits != before.bits;
        before = evidence;
    }
    for (OffsetNumber i = from; different >= fewest && i < n; i++) {
        if (living(self, page, i))
            take(self, tuple_at(page, i), evidence_at(page, i));
    }
    return n;
}

/*
 * The first entry from n on that has the key of the one before it and another programme; last + 1 when there is
 * none. Dead entries are not told apart: where they stand among them two living ones differ as well, or the key is
 * judged in vain.
 */
static OffsetNumber next_mixed(Page page, OffsetNumber n, OffsetNumber last)
{
    uint64 before = evidence_at(page, n).bits;

    for (n++; n <= last; n++) {
        uint64 bits = evidence_at(page, n).bits;
        if ((bits ^ before) - 1 < EKOK_EVIDENCE_PROGRAMME_MAX)
            return n;
        before = bits;
    }
    return n;
}

static OffsetNumber key_begin(Page page, OffsetNumber first, OffsetNumber n)
{
    ekok_evidence key = evidence_at(page, n);

    while (n > first && same_key(evidence_at(page, (OffsetNumber)(n - 1)), key))
        n--;
    return n;
}

/* Takes what matters of keys that the page holds whole. */
static void take_whole_keys(leaf_scan *self, Page page, stretch s)
{
    OffsetNumber n = s.first;

    while (n <= s.last) {
        OffsetNumber begin = n;
        if (self->fewest > 1) {
            OffsetNumber mixed = next_mixed(page, n, s.last);
            if (mixed > s.last)
                return;
            begin = key_begin(page, n, mixed);
        }
        n = take_key(self, page, begin, s.last, self->fewest);
    }
}

static bool null_at(Page page, OffsetNumber n)
{
    bool null = false;

    (void)btree_tuple_evidence(tuple_at(page, n), &null);
    return null;
}

/* Without NULLs and what lies outside the range. *more: what follows the page may be within it. */
static stretch within_range(const leaf_scan *self, Page page, bool *more)
{
    stretch s = {P_FIRSTDATAKEY(BTPageGetOpaque(page)), PageGetMaxOffsetNumber(page)};

    *more = true;
    if (self->nulls_first) {
        while (s.first <= s.last && null_at(page, s.first))
            s.first++;
    }
    for (; s.first <= s.last; s.last--) {
        bool null = !self->nulls_first && null_at(page, s.last);
        if (!null && evidence_at(page, s.last).bits <= self->range.greatest.bits)
            break;
        *more = false;
    }
    while (s.first <= s.last && evidence_at(page, s.first).bits < self->range.least.bits)
        s.first++;
    return s;
}

/*
 * Can the key of `last`, the page's last entry, not go on to the right? Pages there hold nothing below the page's high
 * key, whatever is split or deleted later.
 */
static bool ends_here(const leaf_scan *self, Page page, ekok_evidence last)
{
    BTPageOpaque opaque = BTPageGetOpaque(page);
    IndexTuple high;
    bool null = false;

    if (P_RIGHTMOST(opaque))
        return false;
    high = tuple_at(page, P_HIKEY);
    if (BTreeTupleGetNAtts(high, self->index) == 0)
        return false;
    ekok_evidence bound = btree_tuple_evidence(high, &null);
    return !null && bound.bits > last.bits && !same_key(bound, last);
}

bool leaf_scan_page(leaf_scan *self, Page page)
{
    bool more;
    stretch s = within_range(self, page, &more);

    self->count = 0;
    if (s.last < s.first)
        return more;
    ekok_evidence last = evidence_at(page, s.last);
    if (self->open && same_key(evidence_at(page, s.first), self->last))
        s.first = take_key(self, page, s.first, s.last, 1);
    self->open = !ends_here(self, page, last);
    self->last = last;
    OffsetNumber tail = (OffsetNumber)(s.last + 1);
    if (self->open && s.first <= s.last)
        tail = key_begin(page, s.first, s.last);
    take_whole_keys(self, page, (stretch){s.first, (OffsetNumber)(tail - 1)});
    if (tail <= s.last)
        (void)take_key(self, page, tail, s.last, 1);
    return more;
}
