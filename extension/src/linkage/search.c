/*
 * search.c - see search.h. Threads run the tasks of blocks.c and the one of this file, which call nothing of the
 * server; whatever ends the search, an error, a cancel or the end of the session, first awaits them.
 */
#include "linkage/search.h"

#include <pthread.h>

#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "storage/ipc.h"

#include "linkage/blocks.h"

enum { RECORDS_A_THREAD = 1000, AHEAD = 8 };

typedef struct {
    link_pair *pair;
    uint32 count;
} kept_list;

typedef struct {
    name_memories *memories;
    uint64 *entry;
    link_pair *pair;
    size_t entry_room, pair_room;
} bench; /* what one thread scores with */

typedef struct {
    link_scorer *scorer;
    record_store *store;
    link_heap heap;
    link_pool pool;
    link_blocks blocks;
    kept_list *kept; /* of each list of pairs */
    bench bench[LINK_WORKERS_MOST];
    atomic_ullong scored;
} search;

#define ST_SORT          sort_entries
#define ST_ELEMENT_TYPE  uint64
#define ST_COMPARE(x, y) (*(x) < *(y) ? -1 : *(x) > *(y))
#define ST_SCOPE         static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Room for so many elements, what is there being of no use any more. */
static bool make_room(link_heap *heap, void **array, size_t *room, size_t count, size_t element)
{
    if (count <= *room)
        return true;
    link_heap_give(heap, *array);
    *room = count + count / 2;
    *array = link_heap_take(heap, *room * element);
    if (*array == NULL)
        *room = 0;
    return *array != NULL;
}

static bool make_bench(search *s, bench *b, size_t pairs)
{
    if (b->memories == NULL) {
        b->memories = link_heap_take(&s->heap, sizeof *b->memories);
        if (b->memories != NULL)
            memset(b->memories, 0, sizeof *b->memories);
    }
    return b->memories != NULL &&
           make_room(&s->heap, (void **)&b->entry, &b->entry_room, pairs, sizeof b->entry[0]) &&
           make_room(&s->heap, (void **)&b->pair, &b->pair_room, pairs, sizeof b->pair[0]);
}

/* The pairs of a list, sorted, each once; how many. */
static size_t distinct_pairs(const search *s, uint64 *entry, uint32 list)
{
    size_t count = 0, distinct = 0;

    for (int worker = 0; worker < LINK_WORKERS_MOST; worker++) {
        if (s->blocks.pairs[worker].list != NULL) {
            link_spill_read(&s->blocks.pairs[worker], list, entry + count);
            count += s->blocks.pairs[worker].list[list].count;
        }
    }
    if (count > 1)
        sort_entries(entry, count);
    for (size_t i = 0; i < count; i++) {
        if (distinct == 0 || entry[distinct - 1] >> 1 != entry[i] >> 1)
            entry[distinct++] = entry[i];
    }
    return distinct;
}

static uint32 other_of(uint64 entry)
{
    return (uint32)(entry >> 1);
}

static size_t score_entries(search *s, const link_worker *worker, bench *b, size_t count)
{
    const record_store *store = s->store;
    size_t kept = 0;

    for (size_t i = 0; i < count && ((i & 255) != 0 || link_pool_go_on(worker)); i++) {
        if (i + 2 * AHEAD < count) {
            const link_record *near = &store->record[other_of(b->entry[i + AHEAD])];
            __builtin_prefetch(&store->record[other_of(b->entry[i + 2 * AHEAD])]);
            __builtin_prefetch(&store->held[near->held]);
            __builtin_prefetch(&store->names.name[name_of_ref(near->father)]);
            __builtin_prefetch(&store->names.name[name_of_ref(near->mother)]);
        }
        b->pair[kept].a = (uint32)(b->entry[i] >> 33);
        b->pair[kept].b = other_of(b->entry[i]);
        kept += link_score(s->scorer, b->memories, (b->entry[i] & 1) == 0, &b->pair[kept]);
    }
    return kept;
}

/* Scores one list of pairs. */
static void score_task(void *work, const link_worker *worker, uint32 list)
{
    search *s = work;
    bench *b = &s->bench[worker->number];
    size_t pairs = 0;

    for (int i = 0; i < LINK_WORKERS_MOST; i++)
        pairs += s->blocks.pairs[i].list != NULL ? s->blocks.pairs[i].list[list].count : 0;
    if (pairs == 0)
        return;
    if (!make_bench(s, b, pairs)) {
        link_pool_stop(worker->pool);
        return;
    }
    size_t distinct = distinct_pairs(s, b->entry, list);
    size_t kept = score_entries(s, worker, b, distinct);
    atomic_fetch_add(&s->scored, distinct);
    if (kept == 0)
        return;
    s->kept[list].pair = link_heap_take(&s->heap, kept * sizeof(link_pair));
    if (s->kept[list].pair == NULL) {
        link_pool_stop(worker->pool);
        return;
    }
    memcpy(s->kept[list].pair, b->pair, kept * sizeof(link_pair));
    s->kept[list].count = (uint32)kept;
}

static void breathe(void)
{
    CHECK_FOR_INTERRUPTS();
}

static void run_tasks(search *s, void (*task)(void *, const link_worker *, uint32), void *work, uint32 tasks)
{
    int more = Min(max_parallel_maintenance_workers, max_parallel_workers);

    more = Min(more, (int)(s->store->count / RECORDS_A_THREAD));
    s->pool.task = task;
    s->pool.work = work;
    s->pool.breathe = breathe;
    s->pool.tasks = tasks;
    s->pool.workers = (unsigned)Min(more + 1, (int)LINK_WORKERS_MOST);
    link_pool_run(&s->pool);
    if (link_heap_short(&s->heap))
        link_memory_refuse();
}

/* The lists of pairs one after the other: sorted, since each was and their records ascend. */
static void collect(search *s)
{
    Size count = 0;

    for (uint32 list = 0; list < s->blocks.lists; list++)
        count += s->kept[list].count;
    if (count > PG_UINT32_MAX)
        link_memory_refuse();
    for (int i = 0; i < LINK_WORKERS_MOST; i++) {
        if (s->blocks.pairs[i].list != NULL)
            link_spill_end(&s->blocks.pairs[i]);
    }
    s->store->memory->most = Max(s->store->memory->most, s->store->memory->taken + s->heap.most);
    s->scorer->pair = link_take(s->store->memory, count * sizeof(link_pair));
    for (uint32 list = 0; list < s->blocks.lists; list++) {
        memcpy(s->scorer->pair + s->scorer->count, s->kept[list].pair,
               s->kept[list].count * sizeof(link_pair));
        s->scorer->count += s->kept[list].count;
    }
}

static void end_search(int code, Datum work)
{
    search *s = (search *)DatumGetPointer(work);

    link_pool_end(&s->pool);
    link_heap_end(&s->heap);
}

void link_search(link_scorer *scorer, record_store *store, const float *weights)
{
    link_memory *memory = store->memory;
    search *s = MemoryContextAllocZero(memory->context, sizeof *s);

    s->scorer = scorer;
    s->store = store;
    link_heap_make(&s->heap, memory->ceiling - memory->taken);
    PG_ENSURE_ERROR_CLEANUP(end_search, PointerGetDatum(s));
    {
        Size lists;

        link_blocks_make(&s->blocks, store, &s->heap);
        lists = s->blocks.lists * sizeof(kept_list);
        run_tasks(s, link_block_task, &s->blocks, link_block_tasks());
        link_scorer_make(scorer, store, weights);
        scorer->own_others = s->blocks.own_others;
        scorer->once_each = s->blocks.once_each;
        s->kept = link_heap_take(&s->heap, lists);
        if (s->kept == NULL)
            link_memory_refuse();
        memset(s->kept, 0, lists);
        run_tasks(s, score_task, s, s->blocks.lists);
        collect(s);
    }
    PG_END_ENSURE_ERROR_CLEANUP(end_search, PointerGetDatum(s));
    end_search(0, PointerGetDatum(s));
    ereport(DEBUG1, errmsg_internal("%llu pairs met, %llu scored, %u kept",
                                    (unsigned long long)atomic_load(&s->blocks.met),
                                    (unsigned long long)atomic_load(&s->scored), scorer->count));
}
