/*
 * blocks.c - see blocks.h. Keys of a kind are dealt into buckets by their first bits, in place (McIlroy, Bostic and
 * McIlroy, "Engineering Radix Sort", 1993), then each bucket is sorted.
 */
#include "linkage/blocks.h"

#include "miscadmin.h"

enum { HOLDERS_COMPARED = 50, BUCKET_BITS = 11, BUCKETS = 1 << BUCKET_BITS };

typedef struct {
    uint64 key;
    uint32 row;
} block_entry;

typedef struct {
    link_memory *memory;
    block_entry *entry;
    uint32 count, room;
} entry_list;

#define ST_SORT         sort_entries
#define ST_ELEMENT_TYPE block_entry
#define ST_COMPARE(x, y)                                                                                     \
    ((x)->key != (y)->key ? ((x)->key < (y)->key ? -1 : 1) : (x)->row < (y)->row ? -1 : (x)->row > (y)->row)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static uint32 bucket_of(const block_entry *entry)
{
    return (uint32)(entry->key >> (64 - BUCKET_BITS));
}

static void deal(block_entry *entry, const uint32 first[BUCKETS + 1], uint32 next[BUCKETS])
{
    for (uint32 bucket = 0; bucket < BUCKETS; bucket++) {
        while (next[bucket] < first[bucket + 1]) {
            block_entry held = entry[next[bucket]];
            for (uint32 to = bucket_of(&held); to != bucket; to = bucket_of(&held)) {
                block_entry other = entry[next[to]];
                entry[next[to]++] = held;
                held = other;
            }
            entry[next[bucket]++] = held;
        }
    }
}

static void sort_list(entry_list *list)
{
    uint32 first[BUCKETS + 1] = {0}, next[BUCKETS];

    for (uint32 i = 0; i < list->count; i++)
        first[bucket_of(&list->entry[i]) + 1]++;
    for (uint32 bucket = 0; bucket < BUCKETS; bucket++) {
        first[bucket + 1] += first[bucket];
        next[bucket] = first[bucket];
    }
    deal(list->entry, first, next);
    for (uint32 bucket = 0; bucket < BUCKETS; bucket++) {
        CHECK_FOR_INTERRUPTS();
        if (first[bucket + 1] - first[bucket] > 1)
            sort_entries(list->entry + first[bucket], first[bucket + 1] - first[bucket]);
    }
}

static void list_add(entry_list *list, uint64 key, uint32 row)
{
    if (list->count == list->room) {
        uint32 room = list->room == 0 ? 1 << 16 : list->room + list->room / 2;
        list->entry = link_grow(list->memory, list->entry, sizeof(block_entry), list->room, room);
        list->room = room;
    }
    list->entry[list->count++] = (block_entry){key, row};
}

static void list_free(entry_list *list)
{
    if (list->entry != NULL)
        link_give(list->memory, list->entry, list->room * sizeof(block_entry));
}

/* The end of the group of equal keys that begins at `from`. */
static uint32 group_end(const entry_list *list, uint32 from)
{
    uint32 end = from + 1;

    while (end < list->count && list->entry[end].key == list->entry[from].key)
        end++;
    return end;
}

static void score_group(link_scorer *scorer, const entry_list *list, uint32 from, uint32 end, bool evidence)
{
    for (uint32 i = from; i < end; i++) {
        CHECK_FOR_INTERRUPTS();
        for (uint32 j = i + 1; j < end; j++) {
            if (list->entry[i].row != list->entry[j].row)
                link_score(scorer, list->entry[i].row, list->entry[j].row, evidence);
        }
    }
}

/* Keys of evidence are spread by its hash already; 52 bits of it, moved to the top. */
static void list_evidence(const record_store *store, entry_list *list, bool by_record)
{
    for (uint32 row = 0; row < store->count; row++) {
        const link_record *record = &store->record[row];
        for (uint32 i = 0; i < record->helds; i++) {
            uint32 at = record->held + i;
            list_add(list, store->held[at].key << EKOK_EVIDENCE_PROGRAMME_BITS | store->held[at].kind,
                     by_record ? row : at);
        }
    }
    sort_list(list);
}

void link_count_holders(record_store *store)
{
    entry_list list = {.memory = store->memory};

    list_evidence(store, &list, false);
    for (uint32 from = 0, end; from < list.count; from = end) {
        end = group_end(&list, from);
        for (uint32 i = from; i < end; i++)
            store->held[list.entry[i].row].holders = end - from;
    }
    list_free(&list);
}

/* Neighbours in groups that share a number of no known kind, and how many of them were born on one day. */
static bool others_are_own(const record_store *store, const entry_list *list)
{
    enum { PAIRS_LEAST = 20 };
    uint64 known = 0, same = 0;

    for (uint32 i = 1; i < list->count; i++) {
        const block_entry *one = &list->entry[i - 1], *other = &list->entry[i];
        if (one->key != other->key ||
            (one->key & ((1 << EKOK_EVIDENCE_PROGRAMME_BITS) - 1)) != EKOK_HELD_OTHER)
            continue;
        uint8 level = ekok_birth_level(store->record[one->row].birth, store->record[other->row].birth);
        known += level != EKOK_MISSING;
        same += level >= EKOK_BIRTH_EXACT && level <= EKOK_BIRTH_ONE_DIGIT;
    }
    return known >= PAIRS_LEAST && same * 4 >= known * 3;
}

static void score_evidence(link_scorer *scorer)
{
    entry_list list = {.memory = scorer->memory};

    list_evidence(scorer->store, &list, true);
    scorer->own_others = others_are_own(scorer->store, &list);
    for (uint32 from = 0, end; from < list.count; from = end) {
        end = group_end(&list, from);
        if (end - from <= HOLDERS_COMPARED)
            score_group(scorer, &list, from, end, true);
    }
    list_free(&list);
}

static void add_words(const name_store *names, name_ref ref, ekok_block_parts *parts, size_t *count)
{
    const stored_name *name = &names->name[name_of_ref(ref)];

    for (uint32 i = 0; i < name->words && *count < EKOK_BLOCK_WORDS; i++) {
        uint64 block = names->word[names->pool[name->first + i]].block;
        size_t at = 0;
        while (at < *count && parts->word[at] != block)
            at++;
        if (block != 0 && at == *count)
            parts->word[(*count)++] = block;
    }
}

static uint64 whole_of(const name_store *names, name_ref ref)
{
    return ref == 0 ? 0 : names->name[name_of_ref(ref)].whole;
}

/* As ekok_block_parts_of, from the stores, but only the parts needed. */
static void parts_of(const record_store *store, const link_record *record, unsigned needs,
                     ekok_block_parts *parts)
{
    size_t words = 0;
    uint64 place = record->place_text == 0 ? 0 : store->names.name[record->place_text].whole;

    for (int i = 0; i < 2 && (needs & EKOK_BLOCK_NAME) != 0; i++)
        parts->name[i] = whole_of(&store->names, record->name[i]);
    if ((needs & EKOK_BLOCK_WORD) != 0) {
        memset(parts->word, 0, sizeof parts->word);
        for (int i = 0; i < 2; i++) {
            if (record->name[i] != 0)
                add_words(&store->names, record->name[i], parts, &words);
        }
    }
    if ((needs & EKOK_BLOCK_FATHER) != 0)
        parts->father = whole_of(&store->names, record->father);
    if ((needs & EKOK_BLOCK_MOTHER) != 0)
        parts->mother = whole_of(&store->names, record->mother);
    ekok_block_birth(record->birth, parts);
    ekok_block_place(record->place, record->place_level, place, parts);
}

typedef struct {
    link_scorer *scorer;
    uint32 *left_to; /* for each record, the kinds that take over for one too common for it, as bits */
    uint32 finer;    /* kinds that are only ever taken over to */
} block_run;

static uint32 finer_kinds(void)
{
    uint32 finer = 0;

    StaticAssertStmt(EKOK_BLOCK_KINDS <= 32, "kinds of blocking keys do not fit into 32 bits");
    for (int kind = 0; kind < EKOK_BLOCK_KINDS; kind++) {
        if (ekok_block_finer((ekok_block_kind)kind) != EKOK_BLOCK_NONE)
            finer |= (uint32)1 << ekok_block_finer((ekok_block_kind)kind);
    }
    return finer;
}

static void score_kind(block_run *run, ekok_block_kind kind)
{
    const record_store *store = run->scorer->store;
    entry_list list = {.memory = run->scorer->memory};
    ekok_block_kind finer = ekok_block_finer(kind);
    uint32 bit = (uint32)1 << kind;
    unsigned needs = ekok_block_needs(kind);

    for (uint32 row = 0; row < store->count; row++) {
        uint64 keys[EKOK_BLOCK_KEYS];
        ekok_block_parts parts;
        if ((run->finer & bit) != 0 && (run->left_to[row] & bit) == 0)
            continue;
        parts_of(store, &store->record[row], needs, &parts);
        size_t count = ekok_block_keys(kind, &parts, keys);
        for (size_t i = 0; i < count; i++)
            list_add(&list, keys[i], row);
    }
    sort_list(&list);
    for (uint32 from = 0, end; from < list.count; from = end) {
        end = group_end(&list, from);
        if (end - from <= ekok_block_most(kind)) {
            score_group(run->scorer, &list, from, end, false);
        } else if (finer != EKOK_BLOCK_NONE) {
            for (uint32 i = from; i < end; i++)
                run->left_to[list.entry[i].row] |= (uint32)1 << finer;
        }
    }
    list_free(&list);
}

void link_score_blocks(link_scorer *scorer)
{
    Size size = (Size)scorer->store->count * sizeof(uint32);
    block_run run = {.scorer = scorer, .left_to = link_take(scorer->memory, size), .finer = finer_kinds()};

    memset(run.left_to, 0, size);
    score_evidence(scorer);
    for (int kind = 0; kind < EKOK_BLOCK_KINDS; kind++) {
        score_kind(&run, (ekok_block_kind)kind);
        ereport(DEBUG1,
                errmsg_internal("blocks %s: " UINT64_FORMAT " scored, %u kept",
                                ekok_block_name_of((ekok_block_kind)kind), scorer->scored, scorer->count));
    }
    link_give(scorer->memory, run.left_to, size);
}
