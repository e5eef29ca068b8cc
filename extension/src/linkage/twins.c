/* twins.c - see twins.h. */
#include "linkage/twins.h"

#include "miscadmin.h"

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

static bool marked(const uint8 *marks, uint32 record)
{
    return (marks[record / 8] >> record % 8 & 1) != 0;
}

static void doubt(link_pair *pair)
{
    if (pair->state == LINK_CERTAIN && !link_same_number(pair)) {
        pair->state = LINK_PROBABLE;
        pair->doubted = true;
    }
}

/* Doubts what ties one record to both of two twins, and marks those that no number places. */
static void doubt_either(link_scorer *s, const ties *t, const link_pair *apart, uint8 *torn)
{
    uint32 x = t->first[apart->a], y = t->first[apart->b];

    while (x < t->first[apart->a + 1] && y < t->first[apart->b + 1]) {
        link_pair *of_a = &s->pair[t->pair[x]], *of_b = &s->pair[t->pair[y]];
        uint32 with_a = other_end(of_a, apart->a), with_b = other_end(of_b, apart->b);
        if (with_a == with_b) {
            doubt(of_a);
            doubt(of_b);
            if (!link_same_number(of_a) && !link_same_number(of_b))
                torn[with_a / 8] |= (uint8)(1 << with_a % 8);
        }
        x += with_a <= with_b;
        y += with_b <= with_a;
    }
}

void link_doubt_twins(link_scorer *s)
{
    ties t = ties_make(s);
    Size marks = (Size)s->store->count / 8 + 1;
    uint8 *torn = link_take(s->memory, marks);

    memset(torn, 0, marks);

    for (uint32 i = 0; i < s->count; i++) {
        const link_pair *apart = &s->pair[i];
        CHECK_FOR_INTERRUPTS();
        if (apart->state == LINK_CERTAIN || apart->doubted || !link_twins(s, apart))
            continue;
        doubt_either(s, &t, apart, torn);
    }
    for (uint32 i = 0; i < s->count; i++) {
        if (marked(torn, s->pair[i].a) && marked(torn, s->pair[i].b))
            doubt(&s->pair[i]);
    }
    link_give(s->memory, torn, marks);
    link_give(s->memory, t.pair, t.entries * sizeof(uint32));
    link_give(s->memory, t.first, ((Size)s->store->count + 2) * sizeof(uint32));
}

static uint64 roots_of(const link_pair *pair, const uint32 *root)
{
    uint32 a = root[pair->a], b = root[pair->b];

    return (uint64)Min(a, b) << 32 | Max(a, b);
}

#define ST_SORT          sort_roots
#define ST_ELEMENT_TYPE  uint64
#define ST_COMPARE(x, y) (*(x) < *(y) ? -1 : *(x) > *(y))
#define ST_SCOPE         static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

static int compare_roots(const void *x, const void *y)
{
    uint64 one = *(const uint64 *)x, other = *(const uint64 *)y;

    return one < other ? -1 : one > other;
}

void link_doubt_alike(link_scorer *s, const uint32 *root, uint32 from, uint32 end)
{
    Size doubted = 0, at = 0;

    for (uint32 i = end; i < s->count; i++)
        doubted += s->pair[i].doubted;
    uint64 *roots = link_take(s->memory, doubted * sizeof(uint64));
    for (uint32 i = end; i < s->count; i++) {
        if (s->pair[i].doubted)
            roots[at++] = roots_of(&s->pair[i], root);
    }
    if (doubted > 1)
        sort_roots(roots, doubted);
    for (uint32 i = from; i < end && doubted > 0; i++) {
        uint64 own = roots_of(&s->pair[i], root);
        if (bsearch(&own, roots, doubted, sizeof own, compare_roots) != NULL)
            doubt(&s->pair[i]);
    }
    link_give(s->memory, roots, doubted * sizeof(uint64));
}
