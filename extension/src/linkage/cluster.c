/* cluster.c - see cluster.h. */
#include "linkage/cluster.h"

#include "miscadmin.h"

#include "linkage/twins.h"

static const float FAR_APART = -12; /* posterior bits of two records that no third one ties together */

typedef struct {
    link_scorer *scorer;
    uint32 *root, *next, *members; /* next: a ring through each cluster */
    bool by_number;                /* joins pairs that share an NID or a birth registration */
} forest;

static uint32 root_of(forest *f, uint32 record)
{
    while (f->root[record] != record) {
        f->root[record] = f->root[f->root[record]];
        record = f->root[record];
    }
    return record;
}

static bool contradict(forest *f, uint32 a, uint32 b)
{
    link_pair pair = {.a = a, .b = b};

    pair.bits = link_levels(f->scorer, a, b, &pair.levels);
    return ekok_match_contradiction(&pair.levels) != EKOK_APART_NOT ||
           (!f->by_number && link_twins(f->scorer, &pair)) || pair.bits + f->scorer->prior < FAR_APART;
}

static bool may_join(forest *f, uint32 a, uint32 b)
{
    uint32 x = a;

    if (f->members[a] + f->members[b] > LINK_CLUSTER_MOST)
        return false;
    if (f->members[a] == 1 && f->members[b] == 1)
        return true; /* the pair itself was judged */
    do {
        uint32 y = b;
        CHECK_FOR_INTERRUPTS();
        do {
            if (contradict(f, x, y))
                return false;
            y = f->next[y];
        } while (y != b);
        x = f->next[x];
    } while (x != a);
    return true;
}

static void join(forest *f, uint32 a, uint32 b)
{
    uint32 low = Min(a, b), high = Max(a, b), swap = f->next[a];

    f->next[a] = f->next[b];
    f->next[b] = swap;
    f->root[high] = low;
    f->members[low] += f->members[high];
}

/* Those of one number first, then the surest; records of a pair stand in the order of a hash, which settles ties. */
#define ST_SORT         sort_surest
#define ST_ELEMENT_TYPE link_pair
#define ST_COMPARE(x, y)                                                                                     \
    ((x)->state != (y)->state                     ? ((x)->state > (y)->state ? -1 : 1)                       \
     : link_same_number(x) != link_same_number(y) ? (link_same_number(x) ? -1 : 1)                           \
     : (x)->bits != (y)->bits                     ? ((x)->bits > (y)->bits ? -1 : 1)                         \
     : (x)->a != (y)->a                           ? ((x)->a < (y)->a ? -1 : 1)                               \
                                                  : ((x)->b < (y)->b ? -1 : (x)->b > (y)->b))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT         sort_pairs
#define ST_ELEMENT_TYPE link_pair
#define ST_COMPARE(x, y)                                                                                     \
    ((x)->a != (y)->a ? ((x)->a < (y)->a ? -1 : 1) : (x)->b < (y)->b ? -1 : (x)->b > (y)->b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

static forest forest_make(link_scorer *scorer)
{
    uint32 count = scorer->store->count;
    Size size = (Size)count * sizeof(uint32);
    forest f = {scorer, link_take(scorer->memory, size), link_take(scorer->memory, size),
                link_take(scorer->memory, size), false};

    for (uint32 i = 0; i < count; i++) {
        f.root[i] = f.next[i] = i;
        f.members[i] = 1;
    }
    return f;
}

/* Joins what is certain of the pairs from `from` to `end`. */
static void join_pairs(forest *f, uint32 from, uint32 end)
{
    for (uint32 i = from; i < end; i++) {
        const link_pair *pair = &f->scorer->pair[i];
        uint32 a = root_of(f, pair->a), b = root_of(f, pair->b);
        if (pair->state == LINK_CERTAIN && a != b && may_join(f, a, b))
            join(f, a, b);
    }
}

static void settle_roots(forest *f)
{
    for (uint32 i = 0; i < f->scorer->store->count; i++)
        f->root[i] = root_of(f, i);
}

link_clusters link_cluster(link_scorer *scorer)
{
    forest f = forest_make(scorer);
    uint32 certain = 0, numbered = 0;

    link_doubt_twins(scorer);
    if (scorer->count > 1)
        sort_surest(scorer->pair, scorer->count);
    while (numbered < scorer->count && scorer->pair[numbered].state == LINK_CERTAIN &&
           link_same_number(&scorer->pair[numbered]))
        numbered++;
    for (certain = numbered; certain < scorer->count && scorer->pair[certain].state == LINK_CERTAIN;)
        certain++;
    f.by_number = true;
    join_pairs(&f, 0, numbered);
    settle_roots(&f);
    f.by_number = false;
    link_doubt_alike(scorer, f.root, numbered, certain);
    join_pairs(&f, numbered, certain);
    settle_roots(&f);
    for (uint32 i = 0; i < certain; i++) {
        if (f.root[scorer->pair[i].a] != f.root[scorer->pair[i].b])
            scorer->pair[i].state = LINK_PROBABLE;
    }
    if (scorer->count > 1)
        sort_pairs(scorer->pair, scorer->count);
    return (link_clusters){f.root, f.members};
}
