/*
 * match_level.c - see match.h: names, sex, place and evidence as levels of agreement. Thresholds of similarity are
 * those at which ekok_name_similarity changes its meaning; they are estimates, like all of match_weight.def.
 */
#include "match.h"

#include "name_key.h"

enum { COMMON_BITS = 8 * 16, RARE_BITS = 17 * 16 }; /* of a name, in sixteenths */

static const float SAME = 0.985f, NEAR = 0.93f, ALIKE = 0.85f, CLOSE = 0.80f, SIMILAR = 0.705f;

/* log2 in sixteenths; between powers of two on a straight line. */
static unsigned sixteenths(unsigned ratio)
{
    unsigned whole = 0;

    while (ratio >> (whole + 1) != 0) {
        whole++;
    }
    return 16 * whole + (16 * ratio >> whole) - 16;
}

unsigned ekok_name_information(const ekok_name *name)
{
    enum { NAMES = 10000, UNLISTED = 2 };
    unsigned sum = 0;

    for (size_t i = 0; i < name->tokens; i++) {
        if (name->token[i].kind == EKOK_NAME_WORD) {
            unsigned frequency = ekok_key_frequency(name->token[i].key);
            sum += sixteenths(NAMES / (frequency > UNLISTED ? frequency : UNLISTED));
        }
    }
    return sum;
}

static uint8_t own_name_level(float similarity, unsigned information)
{
    if (similarity >= SAME) {
        return information >= RARE_BITS     ? EKOK_NAME_SAME_RARE
               : information >= COMMON_BITS ? EKOK_NAME_SAME
                                            : EKOK_NAME_SAME_COMMON;
    }
    return similarity >= NEAR      ? EKOK_NAME_NEAR
           : similarity >= ALIKE   ? EKOK_NAME_ALIKE
           : similarity >= CLOSE   ? EKOK_NAME_CLOSE
           : similarity >= SIMILAR ? EKOK_NAME_SIMILAR
                                   : EKOK_NAME_DIFFERENT;
}

uint8_t ekok_name_level(ekok_field field, float similarity, unsigned information)
{
    uint8_t first = field == EKOK_FIELD_FATHER ? EKOK_FATHER_SAME : EKOK_MOTHER_SAME;

    if (field == EKOK_FIELD_NAME) {
        return own_name_level(similarity, information);
    }
    /* Father and mother have the same levels in the same order. */
    uint8_t step = similarity >= SAME      ? (information >= COMMON_BITS ? 0 : 1)
                   : similarity >= NEAR    ? 2
                   : similarity >= ALIKE   ? 3
                   : similarity >= SIMILAR ? 4
                                           : 5;
    return (uint8_t)(first + step);
}

uint8_t ekok_sex_level(ekok_sex a, ekok_sex b)
{
    if (a == EKOK_SEX_UNKNOWN || b == EKOK_SEX_UNKNOWN) {
        return EKOK_MISSING;
    }
    return a == b ? EKOK_SEX_SAME : EKOK_SEX_DIFFERENT;
}

uint8_t ekok_code_level(uint32_t a, int level_a, uint32_t b, int level_b)
{
    int level = level_a < level_b ? level_a : level_b;

    if (a == 0 || b == 0) {
        return EKOK_MISSING;
    }
    if (level == EKOK_GEOCODE_UNION && a == b) {
        return EKOK_PLACE_UNION;
    }
    if (level >= EKOK_GEOCODE_UPAZILA && a / 100 == b / 100) {
        return EKOK_PLACE_UPAZILA;
    }
    if (level >= EKOK_GEOCODE_DISTRICT && a / 10000 == b / 10000) {
        return EKOK_PLACE_DISTRICT;
    }
    return a / 1000000 == b / 1000000 ? EKOK_PLACE_DIVISION : EKOK_PLACE_MOVED;
}

/* Words for a place may be a village, a ward or a town: as much as an upazila is read from them, not more. */
uint8_t ekok_place_text_level(float similarity)
{
    return similarity >= NEAR    ? EKOK_PLACE_UPAZILA
           : similarity >= CLOSE ? EKOK_PLACE_DISTRICT
                                 : EKOK_PLACE_MOVED;
}

enum { PLACEHOLDER_FROM = 20 };

typedef enum { DENIES, DOUBTS, SILENT } when_other;

static const struct {
    uint8_t field, when_other;
} KINDS[EKOK_HELD_KINDS] = {
#define X(KIND, kind, FIELD, when_other) {EKOK_FIELD_##FIELD, when_other},
#include "match_evidence.def"
#undef X
};

/* The level for a key held by so many, of a field that grades it; every such field has the same five levels. */
static uint8_t graded(ekok_field field, uint32_t holders)
{
    uint32_t of = field == EKOK_FIELD_OTHER ? (holders + 1) / 2
                                            : holders; /* of unknown kind, perhaps each person's own */
    int step = of <= 2 ? 0 : of <= 5 ? 1 : of <= 10 ? 2 : 3;

    return (uint8_t)(ekok_field_first((int)field) + step);
}

static uint8_t level_of_same(const ekok_held *a, const ekok_held *b)
{
    ekok_field field = (ekok_field)KINDS[a->kind].field;

    if (field == EKOK_FIELD_NID || field == EKOK_FIELD_BRN) {
        return (uint8_t)ekok_field_first((int)field);
    }
    return graded(field, a->holders > b->holders ? a->holders : b->holders);
}

/* The level for two numbers that differ: the last of the field, or that of two registrations in one programme. */
static uint8_t level_of_other(const ekok_held *a, const ekok_held *b)
{
    if (a->kind == EKOK_HELD_BRN && a->programme != 0 && a->programme == b->programme) {
        return EKOK_BRN_TOGETHER;
    }
    return (uint8_t)(ekok_field_first(KINDS[a->kind].field + 1) - 1);
}

/* A number of the kinds that a person has one of, on more records than one person can have: a placeholder. */
static bool placeholder(const ekok_held *held)
{
    return held->holders > PLACEHOLDER_FROM && KINDS[held->kind].when_other != DOUBTS;
}

/* Better levels stand first, so the lesser number is kept. */
static void compare_held(const ekok_held *a, const ekok_held *b, ekok_levels *out)
{
    uint8_t *level = &out->of[KINDS[a->kind].field];

    if (placeholder(a) || placeholder(b) || ekok_nid_slip(a->nid, b->nid)) {
        return;
    }
    if (a->key == b->key || KINDS[a->kind].when_other != SILENT) {
        uint8_t found = a->key == b->key ? level_of_same(a, b) : level_of_other(a, b);
        *level = found < *level ? found : *level;
    }
}

void ekok_held_levels(const ekok_person *a, const ekok_person *b, ekok_levels *out)
{
    for (int field = EKOK_FIELD_NID; field < EKOK_FIELDS; field++) {
        out->of[field] = EKOK_MISSING;
    }
    for (size_t i = 0; i < a->helds && i < EKOK_HELD_MAX; i++) {
        for (size_t j = 0; j < b->helds && j < EKOK_HELD_MAX; j++) {
            if (a->held[i].kind == b->held[j].kind) {
                compare_held(&a->held[i], &b->held[j], out);
            }
        }
    }
}

ekok_held_kind ekok_held_kind_of(ekok_span name)
{
    static const ekok_span NAMES[EKOK_HELD_KINDS] = {
#define X(KIND, kind, FIELD, when_other) {#kind, sizeof #kind - 1},
#include "match_evidence.def"
#undef X
    };

    for (int kind = 0; kind < EKOK_HELD_KINDS; kind++) {
        size_t i = 0;
        while (i < name.n && i < NAMES[kind].n && NAMES[kind].p[i] == name.p[i]) {
            i++;
        }
        if (i == name.n && i == NAMES[kind].n) {
            return (ekok_held_kind)kind;
        }
    }
    return EKOK_HELD_OTHER;
}

static bool present(const ekok_match_name *name)
{
    return name->name != NULL && name->name->tokens > 0;
}

typedef struct {
    float similarity;
    unsigned information;
} likeness;

static void compare_names(const ekok_match_name *a, const ekok_match_name *b, likeness *best)
{
    float similarity = ekok_match_similarity(a->name, b->name);

    if (similarity > best->similarity) {
        unsigned of_a = ekok_name_information(a->name), of_b = ekok_name_information(b->name);
        *best = (likeness){similarity, of_a < of_b ? of_a : of_b};
    }
}

static uint8_t own_names(const ekok_person *a, const ekok_person *b)
{
    likeness best = {-1, 0};

    for (int like = 1; like >= 0 && best.similarity < 0; like--) {
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++) {
                if (present(&a->name[i]) && present(&b->name[j]) &&
                    (a->name[i].bengali == b->name[j].bengali) == (like != 0)) {
                    compare_names(&a->name[i], &b->name[j], &best);
                }
            }
        }
    }
    return best.similarity < 0 ? EKOK_MISSING : own_name_level(best.similarity, best.information);
}

static uint8_t parents_names(ekok_field field, const ekok_match_name *a, const ekok_match_name *b)
{
    likeness best = {-1, 0};

    if (!present(a) || !present(b)) {
        return EKOK_MISSING;
    }
    compare_names(a, b, &best);
    return ekok_name_level(field, best.similarity, best.information);
}

static uint8_t places(const ekok_match_place *a, const ekok_match_place *b)
{
    if (a->text != NULL && b->text != NULL && a->text->tokens > 0 && b->text->tokens > 0) {
        return ekok_place_text_level(ekok_match_similarity(a->text, b->text));
    }
    return ekok_code_level(a->code, a->level, b->code, b->level);
}

void ekok_match_levels(const ekok_person *a, const ekok_person *b, ekok_levels *out)
{
    ekok_held_levels(a, b, out);
    out->of[EKOK_FIELD_NAME] = own_names(a, b);
    out->of[EKOK_FIELD_FATHER] = parents_names(EKOK_FIELD_FATHER, &a->father, &b->father);
    out->of[EKOK_FIELD_MOTHER] = parents_names(EKOK_FIELD_MOTHER, &a->mother, &b->mother);
    out->of[EKOK_FIELD_BIRTH] = ekok_birth_level(a->birth, b->birth);
    out->of[EKOK_FIELD_SEX] = ekok_sex_level(a->sex, b->sex);
    out->of[EKOK_FIELD_PLACE] = places(&a->place, &b->place);
}
