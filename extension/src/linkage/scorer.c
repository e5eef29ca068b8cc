/* scorer.c - see scorer.h. */
#include "linkage/scorer.h"

enum { SAMPLED_FROM = 1000, SAMPLED_PAIRS = 20000 };

static const float NO_LEAST = -1e6f;

static uint8 cheap_place(const link_record *a, const link_record *b)
{
    return ekok_code_level(a->place, a->place_level, b->place, b->place_level);
}

static ekok_person evidence_of(const record_store *store, const link_record *record)
{
    return (ekok_person){.held = store->held + record->held, .helds = record->helds};
}

/* Everything but names: what costs no more than a few comparisons. */
static void cheap_levels(const record_store *store, const link_record *a, const link_record *b,
                         ekok_levels *out)
{
    ekok_person held_a = evidence_of(store, a), held_b = evidence_of(store, b);

    out->of[EKOK_FIELD_NAME] = out->of[EKOK_FIELD_FATHER] = out->of[EKOK_FIELD_MOTHER] = EKOK_MISSING;
    out->of[EKOK_FIELD_BIRTH] = ekok_birth_level(a->birth, b->birth);
    out->of[EKOK_FIELD_SEX] = ekok_sex_level((ekok_sex)a->sex, (ekok_sex)b->sex);
    out->of[EKOK_FIELD_PLACE] = cheap_place(a, b);
    ekok_held_levels(&held_a, &held_b, out);
}

typedef struct {
    float similarity;
    unsigned information;
} likeness;

typedef struct {
    const name_store *names;
    name_memories *memories;
} hearing;

static void compare_names(const hearing *h, name_ref a, name_ref b, likeness *best)
{
    const name_store *names = h->names;
    float similarity = name_store_similarity(names, h->memories, name_of_ref(a), name_of_ref(b));

    if (similarity > best->similarity) {
        unsigned of_a = names->name[name_of_ref(a)].information,
                 of_b = names->name[name_of_ref(b)].information;
        *best = (likeness){similarity, Min(of_a, of_b)};
    }
}

/* As own_names of match_level.c: like scripts first. */
static uint8 name_level(const hearing *h, const link_record *a, const link_record *b)
{
    likeness best = {-1, 0};

    for (int like = 1; like >= 0 && best.similarity < 0; like--) {
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++) {
                if (a->name[i] != 0 && b->name[j] != 0 &&
                    (ref_is_bengali(a->name[i]) == ref_is_bengali(b->name[j])) == (like != 0))
                    compare_names(h, a->name[i], b->name[j], &best);
            }
        }
    }
    return best.similarity < 0 ? EKOK_MISSING
                               : ekok_name_level(EKOK_FIELD_NAME, best.similarity, best.information);
}

static uint8 parent_level(const hearing *h, ekok_field field, name_ref a, name_ref b)
{
    likeness best = {-1, 0};

    if (a == 0 || b == 0)
        return EKOK_MISSING;
    compare_names(h, a, b, &best);
    return ekok_name_level(field, best.similarity, best.information);
}

/* What the names of a pair can add at most. */
static float hope(const link_scorer *s, const link_record *a, const link_record *b)
{
    float sum = 0;

    sum += (a->name[0] | a->name[1]) != 0 && (b->name[0] | b->name[1]) != 0 ? s->best[EKOK_FIELD_NAME] : 0;
    sum += a->father != 0 && b->father != 0 ? s->best[EKOK_FIELD_FATHER] : 0;
    sum += a->mother != 0 && b->mother != 0 ? s->best[EKOK_FIELD_MOTHER] : 0;
    return sum + (a->place_text != 0 && b->place_text != 0 ? s->best[EKOK_FIELD_PLACE] : 0);
}

/* Fills the levels of names one after the other; false once the pair can't be kept any more. */
static bool name_levels(const link_scorer *s, name_memories *memories, link_pair *pair, float least)
{
    const link_record *a = &s->store->record[pair->a], *b = &s->store->record[pair->b];
    uint8 *level = pair->levels.of;
    hearing h = {&s->store->names, memories};
    float bits = ekok_match_score(&pair->levels, s->weights), left = hope(s, a, b);

    if (bits + left < least)
        return false;
    level[EKOK_FIELD_FATHER] = parent_level(&h, EKOK_FIELD_FATHER, a->father, b->father);
    if (level[EKOK_FIELD_FATHER] != EKOK_MISSING) {
        bits += s->weights[level[EKOK_FIELD_FATHER]];
        left -= s->best[EKOK_FIELD_FATHER];
        if (bits + left < least)
            return false;
    }
    level[EKOK_FIELD_MOTHER] = parent_level(&h, EKOK_FIELD_MOTHER, a->mother, b->mother);
    if (level[EKOK_FIELD_MOTHER] != EKOK_MISSING) {
        bits += s->weights[level[EKOK_FIELD_MOTHER]];
        left -= s->best[EKOK_FIELD_MOTHER];
        if (bits + left < least || (least > NO_LEAST && ekok_match_strangers(&pair->levels)))
            return false;
    }
    if (a->place_text != 0 && b->place_text != 0) {
        float similarity = name_store_similarity(h.names, memories, a->place_text, b->place_text);
        level[EKOK_FIELD_PLACE] = ekok_place_text_level(similarity);
        bits += s->weights[level[EKOK_FIELD_PLACE]];
        left -= s->best[EKOK_FIELD_PLACE];
        if (bits + left < least)
            return false;
    }
    level[EKOK_FIELD_NAME] = name_level(&h, a, b);
    return true;
}

float link_levels(const link_scorer *s, uint32 a, uint32 b, ekok_levels *levels)
{
    link_pair pair = {.a = a, .b = b};

    cheap_levels(s->store, &s->store->record[a], &s->store->record[b], &pair.levels);
    (void)name_levels(s, s->memories, &pair, NO_LEAST);
    *levels = pair.levels;
    return ekok_match_score(levels, s->weights);
}

/* A number of the kinds that everybody has one of; NULL when the record holds none. */
static const ekok_held *own_number(const record_store *store, uint32 record)
{
    const ekok_held *held = &store->held[store->record[record].held];

    for (uint32 i = 0; i < store->record[record].helds; i++) {
        if (held[i].kind == EKOK_HELD_NID10 || held[i].kind == EKOK_HELD_NID13 ||
            held[i].kind == EKOK_HELD_BRN)
            return &held[i];
    }
    return NULL;
}

/* Only of pairs that share none. */
static ekok_numbers numbers_of(const link_scorer *s, const link_pair *pair)
{
    const ekok_held *a = own_number(s->store, pair->a), *b = own_number(s->store, pair->b);

    if (a == NULL || b == NULL || ekok_nid_slip(a->nid, b->nid))
        return EKOK_NUMBERS_LACKING;
    return s->once_each && a->programme != 0 && a->programme == b->programme ? EKOK_NUMBERS_TOGETHER
                                                                             : EKOK_NUMBERS_APART;
}

bool link_twins(const link_scorer *s, const link_pair *pair)
{
    return ekok_match_twins(&pair->levels, numbers_of(s, pair));
}

/* What a score allows for a pair that shares evidence or not; false when the pair is not to be kept. */
static bool judge(const link_scorer *s, link_pair *pair, bool evidence)
{
    ekok_match_context context = {s->own_others, numbers_of(s, pair)};

    pair->bits = ekok_match_score(&pair->levels, s->weights);
    pair->doubted = false;
    switch (ekok_match_verdict_in(&pair->levels, pair->bits + s->prior, context)) {
    case EKOK_VERDICT_CERTAIN:
        pair->state = LINK_CERTAIN;
        return true;
    case EKOK_VERDICT_PROBABLE:
        pair->state = LINK_PROBABLE;
        return true;
    default:
        pair->state = LINK_SHARED;
        return evidence;
    }
}

bool link_score(const link_scorer *s, name_memories *memories, bool evidence, link_pair *pair)
{
    float least = evidence ? NO_LEAST : EKOK_PROBABLE_BITS - s->prior;

    cheap_levels(s->store, &s->store->record[pair->a], &s->store->record[pair->b], &pair->levels);
    if (!evidence && ekok_match_contradiction(&pair->levels) != EKOK_APART_NOT)
        return false;
    return name_levels(s, memories, pair, least) && judge(s, pair, evidence);
}

/* A record at random, the n-th one drawn; the same for the same records (SplitMix64, Steele, Lea and Flood 2014). */
static uint32 draw(const link_scorer *s, uint64 n)
{
    uint64 h = (n + 1) * UINT64CONST(0x9E3779B97F4A7C15);

    h = (h ^ h >> 30) * UINT64CONST(0xBF58476D1CE4E5B9);
    h = (h ^ h >> 27) * UINT64CONST(0x94D049BB133111EB);
    return (uint32)(((h ^ h >> 31) >> 32) * s->store->count >> 32);
}

/*
 * How often two of these records agree by chance, seen on pairs at random. Each share is drawn towards the standard
 * one as if that had been seen twice, so a level too rare for the sample keeps its own.
 */
static void fit_chance(link_scorer *s)
{
    static const ekok_field FITTED[] = {EKOK_FIELD_NAME,  EKOK_FIELD_FATHER, EKOK_FIELD_MOTHER,
                                        EKOK_FIELD_BIRTH, EKOK_FIELD_SEX,    EKOK_FIELD_PLACE};
    enum { SEEN_BEFORE = 2 };
    double seen[EKOK_LEVELS] = {0}, of[EKOK_FIELDS] = {0};
    uint32 pairs = Min(s->store->count, SAMPLED_PAIRS);

    for (uint32 i = 0; i < pairs; i++) {
        ekok_levels levels;
        uint32 a = draw(s, 2 * i), b = draw(s, 2 * i + 1);
        if (a == b)
            continue;
        (void)link_levels(s, a, b, &levels);
        for (size_t f = 0; f < lengthof(FITTED); f++) {
            uint8 level = levels.of[FITTED[f]];
            if (level < EKOK_LEVELS) {
                seen[level]++;
                of[FITTED[f]]++;
            }
        }
    }
    for (size_t f = 0; f < lengthof(FITTED); f++) {
        for (int level = ekok_field_first((int)FITTED[f]); level < ekok_field_first((int)FITTED[f] + 1);
             level++) {
            double u = ekok_level_u((uint8)level);
            double fitted = (seen[level] + SEEN_BEFORE) / (of[FITTED[f]] + SEEN_BEFORE / u);
            s->weights[level] = (float)(ekok_log2(ekok_level_m((uint8)level)) - ekok_log2(fitted));
        }
    }
}

void link_scorer_make(link_scorer *s, record_store *store, const float *weights)
{
    memset(s, 0, sizeof *s);
    s->store = store;
    s->memory = store->memory;
    s->prior = ekok_match_prior((double)store->count);
    s->memories = link_take(s->memory, sizeof *s->memories);
    memset(s->memories, 0, sizeof *s->memories);
    if (weights != NULL)
        memcpy(s->weights, weights, sizeof s->weights);
    else
        ekok_match_standard(s->weights);
    if (weights == NULL && store->count >= SAMPLED_FROM)
        fit_chance(s);
    for (int field = 0; field < EKOK_FIELDS; field++) {
        for (int level = ekok_field_first(field); level < ekok_field_first(field + 1); level++)
            s->best[field] = Max(s->best[field], s->weights[level]);
    }
}
