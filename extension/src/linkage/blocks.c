/*
 * blocks.c - see blocks.h. Keys of a kind are dealt into lists by their first bits, each list small enough for a cache,
 * then each list is sorted. Of a key 30 bits more are kept: keys that meet by chance cost a comparison, and evidence is
 * looked at again.
 */
#include "linkage/blocks.h"

enum {
    HOLDERS_COMPARED = 50,
    GROUP_MOST = 16,
    LIST_ENTRIES = 2048,
    HASH_BITS = 30,
    ROW_BITS = 32,
    SEX_BITS = 2,
    AHEAD = 12
};

#define ST_SORT          sort_entries
#define ST_ELEMENT_TYPE  uint64
#define ST_COMPARE(x, y) (*(x) < *(y) ? -1 : *(x) > *(y))
#define ST_SCOPE         static
#define ST_DEFINE
#include "lib/sort_template.h"

/* What one task works with. */
typedef struct {
    link_blocks *blocks;
    const link_worker *worker;
    link_spill keys;
    uint64 *entry; /* of one list */
    size_t room;
    uint64 met;
    bool failed;
} gathering;

static uint32 row_of(uint64 entry)
{
    return (uint32)entry;
}

static bool may_be_one(uint64 one, uint64 other)
{
    ekok_sex a = (ekok_sex)(one >> ROW_BITS & 3), b = (ekok_sex)(other >> ROW_BITS & 3);

    return row_of(one) != row_of(other) && (a == b || a == EKOK_SEX_UNKNOWN || b == EKOK_SEX_UNKNOWN);
}

static void add_key(gathering *g, uint64 key, uint32 row)
{
    unsigned bits = g->blocks->key_bits;
    uint64 hash = key << bits >> (64 - HASH_BITS), sex = g->blocks->store->record[row].sex;
    uint32 list = bits == 0 ? 0 : (uint32)(key >> (64 - bits));

    if (!link_spill_add(&g->keys, list, hash << (ROW_BITS + SEX_BITS) | sex << ROW_BITS | row))
        g->failed = true;
}

static void add_pair(gathering *g, uint32 one, uint32 other, bool evidence)
{
    link_spill *pairs = &g->blocks->pairs[g->worker->number];

    g->met++;
    if (!link_spill_add(pairs, Min(one, other) >> g->blocks->pair_shift,
                        link_pair_entry(one, other, evidence)))
        g->failed = true;
}

/* Reads and sorts a list of keys; how many there are. */
static size_t take_up(gathering *g, uint32 list)
{
    size_t count = g->keys.list[list].count;

    if (count > g->room) {
        link_heap_give(g->blocks->heap, g->entry);
        g->room = count + count / 2;
        g->entry = link_heap_take(g->blocks->heap, g->room * sizeof(uint64));
        if (g->entry == NULL) {
            g->failed = true;
            g->room = 0;
            return 0;
        }
    }
    link_spill_read(&g->keys, list, g->entry);
    if (count > 1)
        sort_entries(g->entry, count);
    return count;
}

/* The end of the group of equal keys that begins at `from`. */
static size_t group_end(const uint64 *entry, size_t from, size_t count)
{
    size_t end = from + 1;

    while (end < count && entry[end] >> (ROW_BITS + SEX_BITS) == entry[from] >> (ROW_BITS + SEX_BITS))
        end++;
    return end;
}

static bool go_on(gathering *g)
{
    if (g->failed)
        link_pool_stop(g->worker->pool);
    return link_pool_go_on(g->worker);
}

static bool begin(gathering *g)
{
    uint32 lists = (uint32)1 << g->blocks->key_bits;
    link_spill *pairs = &g->blocks->pairs[g->worker->number];

    g->failed = !link_spill_make(&g->keys, g->blocks->heap, lists) ||
                (pairs->list == NULL && !link_spill_make(pairs, g->blocks->heap, g->blocks->lists));
    return go_on(g);
}

static void finish(gathering *g)
{
    link_spill_end(&g->keys);
    link_heap_give(g->blocks->heap, g->entry);
    atomic_fetch_add(&g->blocks->met, g->met);
    (void)go_on(g);
}

/* Keys of evidence are spread by its hash already; 52 bits of it, moved to the top. */
static uint64 evidence_key(const ekok_held *held)
{
    return held->key << EKOK_EVIDENCE_PROGRAMME_BITS | held->kind;
}

/* The piece of evidence of this entry's record that the other has as well; NULL: they met by chance. */
static ekok_held *held_alike(const record_store *store, uint64 entry, const ekok_held *other)
{
    const link_record *record = &store->record[row_of(entry)];

    for (uint32 i = 0; i < record->helds; i++) {
        ekok_held *held = &store->held[record->held + i];
        if (evidence_key(held) == evidence_key(other))
            return held;
    }
    return NULL;
}

/* Of neighbours in groups that share a number. */
typedef struct {
    uint64 others, one_day;   /* a number of no known kind; born on one day */
    uint64 numbers, together; /* an NID or a birth registration, programmes known; both of one programme */
} shared_count;

static void count_shared(const record_store *store, uint32 one, uint32 other, const ekok_held *held,
                         shared_count *shared)
{
    const ekok_held *of_one = held_alike(store, one, held);

    if (of_one == NULL)
        return;
    if (held->kind == EKOK_HELD_OTHER) {
        uint8 level = ekok_birth_level(store->record[one].birth, store->record[other].birth);
        shared->others += level != EKOK_MISSING;
        shared->one_day += level >= EKOK_BIRTH_EXACT && level <= EKOK_BIRTH_ONE_DIGIT;
    } else if (held->kind <= EKOK_HELD_BRN && of_one->programme != 0 && held->programme != 0) {
        shared->numbers++;
        shared->together += of_one->programme == held->programme;
    }
}

/* All of `entry` hold what `held`, of the first, is; those that do not are left out of `entry`. */
static void take_holders(gathering *g, uint64 *entry, size_t count, shared_count *shared)
{
    record_store *store = g->blocks->store;

    for (size_t i = 0; i < count; i++) {
        const link_record *record = &store->record[row_of(entry[i])];
        for (uint32 h = 0; h < record->helds; h++) {
            ekok_held *held = &store->held[record->held + h];
            uint64 key = evidence_key(held);
            uint32 holders = 0;

            if (key << g->blocks->key_bits >> (64 - HASH_BITS) != entry[i] >> (ROW_BITS + SEX_BITS))
                continue;
            for (size_t j = 0; j < count && count <= HOLDERS_COMPARED; j++)
                holders += held_alike(store, entry[j], held) != NULL;
            held->holders = count <= HOLDERS_COMPARED ? holders : (uint32)count;
            if (holders == 0)
                continue;
            if (i > 0)
                count_shared(store, row_of(entry[i - 1]), row_of(entry[i]), held, shared);
            for (size_t j = 0; j < i && count <= HOLDERS_COMPARED; j++) {
                if (row_of(entry[i]) != row_of(entry[j]) && held_alike(store, entry[j], held) != NULL)
                    add_pair(g, row_of(entry[i]), row_of(entry[j]), true);
            }
        }
    }
}

static void gather_evidence(gathering *g)
{
    enum { PAIRS_LEAST = 20, ONCE_OF = 50 };
    const record_store *store = g->blocks->store;
    shared_count shared = {0};

    for (uint32 row = 0; row < store->count && ((row & 1023) != 0 || go_on(g)); row++) {
        const link_record *record = &store->record[row];
        for (uint32 i = 0; i < record->helds; i++)
            add_key(g, evidence_key(&store->held[record->held + i]), row);
    }
    for (uint32 list = 0; list < g->keys.lists && go_on(g); list++) {
        size_t count = take_up(g, list);
        for (size_t from = 0, end; from < count; from = end) {
            end = group_end(g->entry, from, count);
            if (end - from > 1)
                take_holders(g, g->entry + from, end - from, &shared);
        }
    }
    g->blocks->own_others = shared.others >= PAIRS_LEAST && shared.one_day * 4 >= shared.others * 3;
    g->blocks->once_each = shared.together * ONCE_OF <= shared.numbers;
}

static void add_words(const name_store *names, name_ref ref, ekok_block_parts *parts, size_t *count)
{
    const stored_name *name = &names->name[name_of_ref(ref)];

    for (uint32 i = 0; i < name->words && *count < EKOK_BLOCK_WORDS; i++) {
        uint64 block = names->block[names->pool[name->first + i]];
        size_t at = 0;
        while (at < *count && parts->word[at] != block)
            at++;
        if (block != 0 && at == *count)
            parts->word[(*count)++] = block;
    }
}

static uint64 whole_of(const name_store *names, name_ref ref)
{
    return names->whole[name_of_ref(ref)];
}

/* As ekok_block_parts_of, from the stores, but only the parts needed. */
static void parts_of(const record_store *store, const link_record *record, unsigned needs,
                     ekok_block_parts *parts)
{
    size_t words = 0;

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
    if ((needs & (EKOK_BLOCK_UPAZILA | EKOK_BLOCK_UNION)) != 0)
        ekok_block_place(record->place, record->place_level, store->names.whole[record->place_text], parts);
}

/* Asks for what parts_of will read of a record further on. */
static void fetch_ahead(const record_store *store, uint32 row, unsigned needs)
{
    const name_store *names = &store->names;

    if (row + 2 * AHEAD >= store->count)
        return;
    const link_record *far = &store->record[row + 2 * AHEAD], *near = &store->record[row + AHEAD];
    for (int i = 0; i < 2; i++) {
        if ((needs & EKOK_BLOCK_NAME) != 0)
            __builtin_prefetch(&names->whole[name_of_ref(far->name[i])]);
        if ((needs & EKOK_BLOCK_WORD) != 0) {
            __builtin_prefetch(&names->name[name_of_ref(far->name[i])]);
            __builtin_prefetch(&names->pool[names->name[name_of_ref(near->name[i])].first]);
        }
    }
    if ((needs & EKOK_BLOCK_FATHER) != 0)
        __builtin_prefetch(&names->whole[name_of_ref(far->father)]);
    if ((needs & EKOK_BLOCK_MOTHER) != 0)
        __builtin_prefetch(&names->whole[name_of_ref(far->mother)]);
}

/* Pairs of groups of the keys of one kind; records of groups too large are marked in `left`, of that many bits. */
static void score_groups(gathering *g, ekok_block_kind kind, uint8 *left)
{
    for (uint32 list = 0; list < g->keys.lists && go_on(g); list++) {
        size_t count = take_up(g, list);
        for (size_t from = 0, end; from < count; from = end) {
            end = group_end(g->entry, from, count);
            bool common = end - from > Min(ekok_block_most(kind), GROUP_MOST);
            for (size_t i = from; i < end && common && left != NULL; i++)
                left[row_of(g->entry[i]) / 8] |= (uint8)(1 << row_of(g->entry[i]) % 8);
            for (size_t i = from; i < end && !common; i++) {
                for (size_t j = i + 1; j < end; j++) {
                    if (may_be_one(g->entry[i], g->entry[j]))
                        add_pair(g, row_of(g->entry[i]), row_of(g->entry[j]), false);
                }
            }
        }
    }
}

/* One kind, of the records marked in `only`, or of all; then what it leaves, to the finer kind. */
static void gather_kind(gathering *g, ekok_block_kind kind, const uint8 *only)
{
    const record_store *store = g->blocks->store;
    unsigned needs = ekok_block_needs(kind);
    uint8 *left = NULL;
    Size marks = (Size)store->count / 8 + 1;

    for (uint32 row = 0; row < store->count && ((row & 1023) != 0 || go_on(g)); row++) {
        uint64 keys[EKOK_BLOCK_KEYS];
        ekok_block_parts parts;
        if (only != NULL && (only[row / 8] >> row % 8 & 1) == 0)
            continue;
        fetch_ahead(store, row, needs);
        parts_of(store, &store->record[row], needs, &parts);
        size_t count = ekok_block_keys(kind, &parts, keys);
        for (size_t i = 0; i < count; i++)
            add_key(g, keys[i], row);
    }
    if (ekok_block_finer(kind) != EKOK_BLOCK_NONE) {
        left = link_heap_take(g->blocks->heap, marks);
        g->failed = g->failed || left == NULL;
        if (left != NULL)
            memset(left, 0, marks);
    }
    score_groups(g, kind, left);
    link_spill_clear(&g->keys);
    if (left != NULL && go_on(g))
        gather_kind(g, ekok_block_finer(kind), left);
    link_heap_give(g->blocks->heap, left);
}

/* The kinds that no other leaves its records to, one after the other; EKOK_BLOCK_NONE behind the last. */
static ekok_block_kind first_kind(uint32 number)
{
    uint32 finer = 0;

    StaticAssertStmt(EKOK_BLOCK_KINDS <= 32, "kinds of blocking keys do not fit into 32 bits");
    for (int kind = 0; kind < EKOK_BLOCK_KINDS; kind++) {
        if (ekok_block_finer((ekok_block_kind)kind) != EKOK_BLOCK_NONE)
            finer |= (uint32)1 << ekok_block_finer((ekok_block_kind)kind);
    }
    for (int kind = 0; kind < EKOK_BLOCK_KINDS; kind++) {
        if ((finer >> kind & 1) == 0 && number-- == 0)
            return (ekok_block_kind)kind;
    }
    return EKOK_BLOCK_NONE;
}

uint32 link_block_tasks(void)
{
    uint32 tasks = 0;

    while (first_kind(tasks) != EKOK_BLOCK_NONE)
        tasks++;
    return tasks + 1;
}

void link_block_task(void *work, const link_worker *worker, uint32 number)
{
    gathering g = {.blocks = work, .worker = worker};

    if (!begin(&g))
        return;
    if (number == 0)
        gather_evidence(&g);
    else
        gather_kind(&g, first_kind(number - 1), NULL);
    finish(&g);
}

void link_blocks_make(link_blocks *blocks, record_store *store, link_heap *heap)
{
    memset(blocks, 0, sizeof *blocks);
    blocks->store = store;
    blocks->heap = heap;
    while (((uint32)LIST_ENTRIES << blocks->key_bits) < store->count &&
           2u << blocks->key_bits <= LINK_LISTS_MOST)
        blocks->key_bits++;
    while (store->count >> blocks->pair_shift >= LINK_LISTS_MOST || (1u << blocks->pair_shift) < LIST_ENTRIES)
        blocks->pair_shift++;
    blocks->lists = (store->count >> blocks->pair_shift) + 1;
}
