/*
 * argument.c - see argument.h. What is remembered lives in fn_extra, as long as the call site.
 */
#include "argument.h"

#include "common/hashfn.h"

#include "heard.h"

enum { SIDES = 2, SCORES = 4096 /* a power of two */, SCORED_BYTES_MAX = 70 };

typedef struct {
    bool filled, readable;
    size_t n;
    char bytes[EKOK_NAME_BYTES_MAX];
    ekok_name name;
} remembered;

/* What was found of a text beside the other argument, as long as that is the one of `against`. */
typedef struct {
    uint32 against;
    uint8 n;
    char bytes[SCORED_BYTES_MAX];
    float4 found;
} score;

typedef struct {
    remembered side[SIDES];
    int constant;     /* the side that stays, -1: neither */
    float4 threshold; /* of the answers kept, 0: they are similarities */
    uint32 against;   /* changes with either */
    score *scores;    /* NULL until one side has stayed */
} memory;

static memory *memory_of(FunctionCallInfo fcinfo)
{
    memory *m = fcinfo->flinfo->fn_extra;

    if (m == NULL) {
        m = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof *m);
        for (int i = 0; i < SIDES; i++)
            m->side[i].filled = false;
        m->constant = -1;
        m->threshold = 0;
        m->against = 0;
        m->scores = NULL;
        fcinfo->flinfo->fn_extra = m;
    }
    return m;
}

ekok_span ekok_text_argument(FunctionCallInfo fcinfo, int n)
{
    text *given = PG_GETARG_TEXT_PP(n);

    return (ekok_span){VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given)};
}

static bool is_known(const remembered *known, ekok_span given)
{
    return known->filled && known->n == given.n && memcmp(known->bytes, given.p, given.n) == 0;
}

static const ekok_name *name_of(remembered *known, ekok_span given)
{
    if (given.n > EKOK_NAME_BYTES_MAX)
        return NULL;
    if (!is_known(known, given)) {
        memcpy(known->bytes, given.p, given.n);
        known->n = given.n;
        known->readable = ekok_heard_parse(given, &known->name);
        known->filled = true;
    }
    return known->readable ? &known->name : NULL;
}

const ekok_name *ekok_name_argument(FunctionCallInfo fcinfo, int n)
{
    return name_of(&memory_of(fcinfo)->side[n], ekok_text_argument(fcinfo, n));
}

static bool is_score_of(const memory *m, const score *kept, ekok_span passing)
{
    return kept->against == m->against && kept->n == passing.n &&
           memcmp(kept->bytes, passing.p, passing.n) == 0;
}

/* Each text has two places: where it is, or one that is free, or the first. */
static score *place_of(memory *m, ekok_span passing)
{
    uint32 hash = hash_bytes((const unsigned char *)passing.p, (int)passing.n);
    score *first = &m->scores[hash % SCORES], *second = &m->scores[(hash % SCORES) ^ 1];

    if (is_score_of(m, first, passing) || first->against != m->against)
        return first;
    return is_score_of(m, second, passing) || second->against != m->against ? second : first;
}

/* Where a text's score is kept; NULL when it is not, as while neither side stays the same. */
static score *score_of(FunctionCallInfo fcinfo, memory *m, const ekok_span given[SIDES], float4 threshold)
{
    int stays = m->constant;

    if (stays < 0 || !is_known(&m->side[stays], given[stays]) || m->threshold != threshold) {
        stays = is_known(&m->side[1], given[1]) ? 1 : is_known(&m->side[0], given[0]) ? 0 : -1;
        m->constant = stays;
        m->threshold = threshold;
        m->against++;
    }
    if (stays < 0 || given[1 - stays].n > SCORED_BYTES_MAX)
        return NULL;
    if (m->scores == NULL)
        m->scores = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, SCORES * sizeof *m->scores);
    return place_of(m, given[1 - stays]);
}

/* The similarity, or with a threshold 1 where it is reached and 0 where not. */
static float4 compare(const ekok_name *a, const ekok_name *b, float4 threshold)
{
    ekok_name_view of_a, of_b;

    if (a == NULL || b == NULL)
        return 0.0f;
    if (threshold == 0)
        return ekok_name_similarity(a, b);
    ekok_heard_view(a, &of_a);
    ekok_heard_view(b, &of_b);
    return ekok_heard_alike(&of_a, &of_b, threshold) ? 1.0f : 0.0f;
}

static float4 find(FunctionCallInfo fcinfo, float4 threshold)
{
    memory *m = memory_of(fcinfo);
    ekok_span given[SIDES] = {ekok_text_argument(fcinfo, 0), ekok_text_argument(fcinfo, 1)};
    score *kept = score_of(fcinfo, m, given, threshold);
    ekok_span passing = given[kept != NULL && m->constant == 0 ? 1 : 0];

    if (kept != NULL && is_score_of(m, kept, passing))
        return kept->found;
    float4 found = compare(name_of(&m->side[0], given[0]), name_of(&m->side[1], given[1]), threshold);
    if (kept != NULL) {
        kept->against = m->against;
        kept->n = (uint8)passing.n;
        memcpy(kept->bytes, passing.p, passing.n);
        kept->found = found;
    }
    return found;
}

float4 ekok_arguments_similarity(FunctionCallInfo fcinfo)
{
    return find(fcinfo, 0);
}

bool ekok_arguments_alike(FunctionCallInfo fcinfo, float4 threshold)
{
    return find(fcinfo, threshold) > 0;
}
