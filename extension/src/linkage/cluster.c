/* cluster.c - see cluster.h. */
#include "linkage/cluster.h"

#include "miscadmin.h"

static const float FAR_APART = -12; /* posterior bits of two records that no third one ties together */

typedef struct {
    link_scorer *scorer;
    uint32 *root, *next, *members; /* next: a ring through each cluster */
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
    return ekok_match_contradiction(&pair.levels) != EKOK_APART_NOT || link_twins(f->scorer, &pair) ||
           pair.bits + f->scorer->prior < FAR_APART;
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

/* The surest first; records of a pair stand in the order of a hash, which settles ties. */
#define ST_SORT         sort_surest
#define ST_ELEMENT_TYPE link_pair
#define ST_COMPARE(x, y)                                                                                     \
    ((x)->state != (y)->state ? ((x)->state > (y)->state ? -1 : 1)                                           \
     : (x)->bits != (y)->bits ? ((x)->bits > (y)->bits ? -1 : 1)                                             \
     : (x)->a != (y)->a       ? ((x)->a < (y)->a ? -1 : 1)                                                   \
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
                link_take(scorer->memory, size)};

    for (uint32 i = 0; i < count; i++) {
        f.root[i] = f.next[i] = i;
        f.members[i] = 1;
    }
    return f;
}

/* The certain pairs of each record: those of record r stand from first[r] on, in the order of the other record. */
typedef struct {
    uint32 *first, *pair;
    Size entries;
} ties;

static uint32 other_end(const link_pair *pair, uint32 record)
{
    return pair->a == record ? pair->b : pair->a;
}

static ties ties_make(const link_scorer *s)
{
    uint32 records = s->store->count;
    ties t = {.first = link_take(s->memory, ((Size)records + 2) * sizeof(uint32))};

    memset(t.first, 0, ((Size)records + 2) * sizeof(uint32));
    for (uint32 i = 0; i < s->count; i++) {
        if (s->pair[i].state == LINK_CERTAIN) {
            t.first[s->pair[i].a + 2]++;
            t.first[s->pair[i].b + 2]++;
            t.entries += 2;
        }
    }
    t.pair = link_take(s->memory, t.entries * sizeof(uint32));
    for (uint32 i = 2; i < records + 2; i++)
        t.first[i] += t.first[i - 1];
    /* Pairs come in the order of a, then b, so of each record first those it is b of: others ascend. */
    for (int end = 1; end >= 0; end--) {
        for (uint32 i = 0; i < s->count; i++) {
            const link_pair *pair = &s->pair[i];
            if (pair->state == LINK_CERTAIN)
                t.pair[t.first[(end == 1 ? pair->b : pair->a) + 1]++] = i;
        }
    }
    return t;
}

static void doubt(link_pair *pair)
{
    bool same_number =
        pair->levels.of[EKOK_FIELD_NID] == EKOK_NID_SAME || pair->levels.of[EKOK_FIELD_BRN] == EKOK_BRN_SAME;

    if (!same_number)
        pair->state = LINK_PROBABLE;
}

/*
 * A record that is certain to be either of two twins, by what twins have in common, is for a human to place; a pair that
 * shares an NID or a birth registration stays. Decided on the pairs as they were scored, so in any order.
 */
static void doubt_twins(link_scorer *s)
{
    ties t = ties_make(s);

    for (uint32 i = 0; i < s->count; i++) {
        const link_pair *apart = &s->pair[i];
        CHECK_FOR_INTERRUPTS();
        if (apart->state == LINK_CERTAIN || !link_twins(s, apart))
            continue;
        uint32 x = t.first[apart->a], y = t.first[apart->b];
        while (x < t.first[apart->a + 1] && y < t.first[apart->b + 1]) {
            link_pair *of_a = &s->pair[t.pair[x]], *of_b = &s->pair[t.pair[y]];
            uint32 with_a = other_end(of_a, apart->a), with_b = other_end(of_b, apart->b);
            if (with_a == with_b) {
                doubt(of_a);
                doubt(of_b);
            }
            x += with_a <= with_b;
            y += with_b <= with_a;
        }
    }
    link_give(s->memory, t.pair, t.entries * sizeof(uint32));
    link_give(s->memory, t.first, ((Size)s->store->count + 2) * sizeof(uint32));
}

link_clusters link_cluster(link_scorer *scorer)
{
    forest f = forest_make(scorer);

    doubt_twins(scorer);
    if (scorer->count > 1)
        sort_surest(scorer->pair, scorer->count);
    for (uint32 i = 0; i < scorer->count && scorer->pair[i].state == LINK_CERTAIN; i++) {
        link_pair *pair = &scorer->pair[i];
        uint32 a = root_of(&f, pair->a), b = root_of(&f, pair->b);
        if (a != b && may_join(&f, a, b))
            join(&f, a, b);
    }
    for (uint32 i = 0; i < scorer->count && scorer->pair[i].state == LINK_CERTAIN; i++) {
        if (root_of(&f, scorer->pair[i].a) != root_of(&f, scorer->pair[i].b))
            scorer->pair[i].state = LINK_PROBABLE;
    }
    for (uint32 i = 0; i < scorer->store->count; i++)
        f.root[i] = root_of(&f, i);
    if (scorer->count > 1)
        sort_pairs(scorer->pair, scorer->count);
    return (link_clusters){f.root, f.members};
}
