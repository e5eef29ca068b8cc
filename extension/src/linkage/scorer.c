/* scorer.c - see scorer.h. */
#include "linkage/scorer.h"

#include "miscadmin.h"

enum { SLOTS_FIRST = 1 << 12, SAMPLED_FROM = 1000, SAMPLED_PAIRS = 20000 };

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

static void compare_names(name_store *names, name_ref a, name_ref b, likeness *best)
{
    float similarity = name_store_similarity(names, name_of_ref(a), name_of_ref(b));

    if (similarity > best->similarity) {
        unsigned of_a = names->name[name_of_ref(a)].information,
                 of_b = names->name[name_of_ref(b)].information;
        *best = (likeness){similarity, Min(of_a, of_b)};
    }
}

/* As own_names of match_level.c: like scripts first. */
static uint8 name_level(name_store *names, const link_record *a, const link_record *b)
{
    likeness best = {-1, 0};

    for (int like = 1; like >= 0 && best.similarity < 0; like--) {
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++) {
                if (a->name[i] != 0 && b->name[j] != 0 &&
                    (ref_is_bengali(a->name[i]) == ref_is_bengali(b->name[j])) == (like != 0))
                    compare_names(names, a->name[i], b->name[j], &best);
            }
        }
    }
    return best.similarity < 0 ? EKOK_MISSING
                               : ekok_name_level(EKOK_FIELD_NAME, best.similarity, best.information);
}

static uint8 parent_level(name_store *names, ekok_field field, name_ref a, name_ref b)
{
    likeness best = {-1, 0};

    if (a == 0 || b == 0)
        return EKOK_MISSING;
    compare_names(names, a, b, &best);
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
static bool name_levels(link_scorer *s, link_pair *pair, float least)
{
    const link_record *a = &s->store->record[pair->a], *b = &s->store->record[pair->b];
    uint8 *level = pair->levels.of;
    name_store *names = &s->store->names;
    float bits = ekok_match_score(&pair->levels, s->weights), left = hope(s, a, b);

    if (bits + left < least)
        return false;
    level[EKOK_FIELD_FATHER] = parent_level(names, EKOK_FIELD_FATHER, a->father, b->father);
    if (level[EKOK_FIELD_FATHER] != EKOK_MISSING) {
        bits += s->weights[level[EKOK_FIELD_FATHER]];
        left -= s->best[EKOK_FIELD_FATHER];
        if (bits + left < least)
            return false;
    }
    level[EKOK_FIELD_MOTHER] = parent_level(names, EKOK_FIELD_MOTHER, a->mother, b->mother);
    if (level[EKOK_FIELD_MOTHER] != EKOK_MISSING) {
        bits += s->weights[level[EKOK_FIELD_MOTHER]];
        left -= s->best[EKOK_FIELD_MOTHER];
        if (bits + left < least || (least > -1e5f && ekok_match_strangers(&pair->levels)))
            return false;
    }
    if (a->place_text != 0 && b->place_text != 0) {
        float similarity = name_store_similarity(names, a->place_text, b->place_text);
        level[EKOK_FIELD_PLACE] = ekok_place_text_level(similarity);
        bits += s->weights[level[EKOK_FIELD_PLACE]];
        left -= s->best[EKOK_FIELD_PLACE];
        if (bits + left < least)
            return false;
    }
    level[EKOK_FIELD_NAME] = name_level(names, a, b);
    return true;
}

float link_levels(link_scorer *s, uint32 a, uint32 b, ekok_levels *levels)
{
    link_pair pair = {.a = a, .b = b};

    cheap_levels(s->store, &s->store->record[a], &s->store->record[b], &pair.levels);
    (void)name_levels(s, &pair, -1e6f);
    *levels = pair.levels;
    return ekok_match_score(levels, s->weights);
}

static uint64 pair_key(const link_pair *pair)
{
    return (uint64)pair->a << 32 | pair->b; /* never 0, as a < b */
}

static uint64 spread(uint64 pair)
{
    return pair * UINT64CONST(0x9E3779B97F4A7C15);
}

static pair_slot *slot_of(const link_scorer *s, uint64 pair)
{
    uint32 at = (uint32)(spread(pair) >> 32) & (s->slots - 1);

    while (s->slot[at].pair != 0 && s->slot[at].pair != pair)
        at = (at + 1) & (s->slots - 1);
    return &s->slot[at];
}

static void widen_slots(link_scorer *s, uint32 slots)
{
    if (s->slot != NULL)
        link_give(s->memory, s->slot, s->slots * sizeof(pair_slot));
    s->slot = link_take(s->memory, slots * sizeof(pair_slot));
    memset(s->slot, 0, slots * sizeof(pair_slot));
    s->slots = slots;
    for (uint32 i = 0; i < s->count; i++)
        *slot_of(s, pair_key(&s->pair[i])) = (pair_slot){pair_key(&s->pair[i]), i};
}

static void keep(link_scorer *s, const link_pair *pair)
{
    if (s->count == s->room) {
        uint32 room = s->room == 0 ? 1024 : s->room + s->room / 2;
        s->pair = link_grow(s->memory, s->pair, sizeof(link_pair), s->room, room);
        s->room = room;
    }
    if (s->count >= s->slots / 2)
        widen_slots(s, s->slots * 2);
    s->pair[s->count] = *pair;
    *slot_of(s, pair_key(pair)) = (pair_slot){pair_key(pair), s->count++};
}

/* What a score allows for a pair that shares evidence or not; false when the pair is not to be kept. */
static bool judge(link_scorer *s, link_pair *pair, bool evidence)
{
    pair->bits = ekok_match_score(&pair->levels, s->weights);
    switch (ekok_match_verdict_in(&pair->levels, pair->bits + s->prior, s->own_others)) {
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

void link_score(link_scorer *s, uint32 a, uint32 b, bool evidence)
{
    link_pair pair = {.a = Min(a, b), .b = Max(a, b)};
    const link_record *one = &s->store->record[pair.a], *other = &s->store->record[pair.b];
    float least = evidence ? -1e6f : EKOK_PROBABLE_BITS - s->prior;
    uint64 *rejected = &s->rejected[spread(pair_key(&pair)) >> (64 - LINK_REJECTED_BITS)];

    s->scored++;
    if (!evidence && one->sex != other->sex &&
        ekok_sex_level((ekok_sex)one->sex, (ekok_sex)other->sex) != EKOK_MISSING)
        return;
    if (*rejected == pair_key(&pair) || slot_of(s, pair_key(&pair))->pair != 0)
        return;
    cheap_levels(s->store, one, other, &pair.levels);
    if (name_levels(s, &pair, least) && judge(s, &pair, evidence))
        keep(s, &pair);
    else
        *rejected = pair_key(&pair);
}

/*
 * How often two of these records agree by chance: neighbours in the order of a hash are pairs at random. Each share is
 * drawn towards the standard one as if that had been seen twice, so a level too rare for the sample keeps its own.
 */
static void fit_chance(link_scorer *s)
{
    static const ekok_field FITTED[] = {EKOK_FIELD_NAME,  EKOK_FIELD_FATHER, EKOK_FIELD_MOTHER,
                                        EKOK_FIELD_BIRTH, EKOK_FIELD_SEX,    EKOK_FIELD_PLACE};
    enum { SEEN_BEFORE = 2 };
    double seen[EKOK_LEVELS] = {0}, of[EKOK_FIELDS] = {0};
    uint32 step = Max(1, s->store->count / SAMPLED_PAIRS);

    for (uint32 i = 0; i + 1 < s->store->count; i += step) {
        ekok_levels levels;
        (void)link_levels(s, i, i + 1, &levels);
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
    s->rejected = link_take(s->memory, LINK_REJECTED * sizeof(uint64));
    memset(s->rejected, 0, LINK_REJECTED * sizeof(uint64));
    widen_slots(s, SLOTS_FIRST);
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

#define ST_SORT         sort_pairs
#define ST_ELEMENT_TYPE link_pair
#define ST_COMPARE(x, y)                                                                                     \
    ((x)->a != (y)->a ? ((x)->a < (y)->a ? -1 : 1) : (x)->b < (y)->b ? -1 : (x)->b > (y)->b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

void link_sort_pairs(link_scorer *s)
{
    if (s->count > 1)
        sort_pairs(s->pair, s->count);
}
