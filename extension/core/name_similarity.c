/*
 * name_similarity.c - which word of one name is which word of the other, in any order, joined or split, and how much of
 * both names is so explained, each word counting by how telling it is.
 */
#include "name.h"

#include <stdbool.h>
#include <string.h>

#include "name_distance.h"
#include "name_phone.h"

static const float WORD_FLOOR = 0.55f;
static const float SEX_CEILING = 0.5f;
static const float WORST_SHARE = 0.3f;
static const float SPLIT_FLOOR = 0.80f;

typedef struct {
    int8_t to;   /* token of the other name, -1: none */
    float value; /* similarity to it */
    ekok_name_note note;
} meeting;

typedef struct {
    const ekok_name *a, *b;
    float s[EKOK_NAME_TOKENS_MAX][EKOK_NAME_TOKENS_MAX];
    meeting of_a[EKOK_NAME_TOKENS_MAX], of_b[EKOK_NAME_TOKENS_MAX];
    bool sex;
} comparison;

static ekok_sounds sounds_of(const ekok_name_token *token)
{
    return (ekok_sounds){token->phone, token->phones};
}

/* The same sounds but for an a at the end, as Rahim and Rahima. */
static bool differ_by_sex(const ekok_name_token *a, const ekok_name_token *b)
{
    const ekok_name_token *longer = a->phones > b->phones ? a : b;
    const ekok_name_token *shorter = longer == a ? b : a;
    bool of_a = longer->phone[longer->phones - 1] == PHONE_FINAL_A;
    bool of_b = shorter->phone[shorter->phones - 1] == PHONE_FINAL_A ||
                ekok_phone_is_vowel(shorter->phone[shorter->phones - 1]);

    return longer->phones > shorter->phones && of_a && !of_b;
}

static bool initial_of(const ekok_name_token *initial, const ekok_name_token *word)
{
    ekok_sounds one = {initial->phone, 1}, first = {word->phone, 1};

    return ekok_sounds_similarity(one, first, 0.6f) > 0;
}

static float meet(const ekok_name_token *a, const ekok_name_token *b)
{
    if (a->kind == EKOK_NAME_INITIAL && b->kind == EKOK_NAME_INITIAL) {
        return a->key[0] == b->key[0] ? 1.0f : 0;
    }
    if (a->kind == EKOK_NAME_INITIAL || b->kind == EKOK_NAME_INITIAL) {
        bool fits = a->kind == EKOK_NAME_INITIAL ? initial_of(a, b) : initial_of(b, a);
        return fits ? 0.56f : 0;
    }
    if (a->phones == b->phones && memcmp(a->phone, b->phone, a->phones) == 0) {
        return 1.0f;
    }
    return ekok_sounds_similarity(sounds_of(a), sounds_of(b), WORD_FLOOR);
}

static void fill(comparison *c)
{
    for (size_t i = 0; i < c->a->tokens; i++) {
        c->of_a[i] = (meeting){-1, 0, EKOK_NAME_ALONE};
        for (size_t j = 0; j < c->b->tokens; j++) {
            c->s[i][j] = meet(&c->a->token[i], &c->b->token[j]);
        }
    }
    for (size_t j = 0; j < c->b->tokens; j++) {
        c->of_b[j] = (meeting){-1, 0, EKOK_NAME_ALONE};
    }
}

static void settle_meeting(comparison *c, size_t i, size_t j)
{
    const ekok_name_token *a = &c->a->token[i], *b = &c->b->token[j];
    float value = c->s[i][j];
    ekok_name_note note = value >= 1.0f ? EKOK_NAME_SAME_SOUND : EKOK_NAME_NEAR_SOUND;

    if (a->kind != b->kind && (a->kind == EKOK_NAME_INITIAL || b->kind == EKOK_NAME_INITIAL)) {
        note = EKOK_NAME_INITIAL_OF;
    } else if (a->kind != EKOK_NAME_INITIAL && value >= 0.7f && value < 1.0f && differ_by_sex(a, b)) {
        note = EKOK_NAME_SEX_DIFFERS;
        value = SEX_CEILING;
        c->sex = true;
    }
    c->of_a[i] = (meeting){(int8_t)j, value, note};
    c->of_b[j] = (meeting){(int8_t)i, value, note};
}

/* The best pair first, then the best of what is left: symmetric, as ties between equal values exchange equals. */
static void assign(comparison *c)
{
    for (;;) {
        float best = 0;
        size_t at_i = 0, at_j = 0;

        for (size_t i = 0; i < c->a->tokens; i++) {
            for (size_t j = 0; c->of_a[i].to < 0 && j < c->b->tokens; j++) {
                if (c->of_b[j].to < 0 && c->s[i][j] > best) {
                    best = c->s[i][j];
                    at_i = i;
                    at_j = j;
                }
            }
        }
        if (best <= 0) {
            return;
        }
        settle_meeting(c, at_i, at_j);
    }
}

/* An early no: lengths too different, or more than two classes of consonants that one side alone has. */
static bool may_be_joined(const ekok_name_token *whole, const ekok_name_token *first,
                          const ekok_name_token *second)
{
    int longer = (int)whole->phones - (int)first->phones - (int)second->phones;
    uint32_t apart = whole->classes ^ (first->classes | second->classes);

    apart &= apart - 1;
    apart &= apart - 1;
    return longer >= -4 && longer <= 4 && (apart & (apart - 1)) == 0;
}

/* Words of name `one` that met badly, tried against two neighbours of the other that did too: Salah Uddin. */
static void split(const ekok_name *one, meeting of_one[], const ekok_name *two, meeting of_two[])
{
    for (size_t i = 0; i < one->tokens; i++) {
        for (size_t j = 0; of_one[i].value < SPLIT_FLOOR && j + 1 < two->tokens; j++) {
            const ekok_name_token *whole = &one->token[i], *first = &two->token[j],
                                  *second = &two->token[j + 1];
            ekok_phones raw = {.n = 0}, joined;

            if (of_one[i].value >= SPLIT_FLOOR || whole->kind != EKOK_NAME_WORD ||
                first->kind != EKOK_NAME_WORD || second->kind != EKOK_NAME_WORD ||
                !may_be_joined(whole, first, second) ||
                (of_two[j].value >= 0.9f && of_two[j + 1].value >= 0.9f) ||
                (of_two[j].to >= 0 && of_two[j].to != (int8_t)i && of_two[j].value >= SPLIT_FLOOR) ||
                (of_two[j + 1].to >= 0 && of_two[j + 1].to != (int8_t)i &&
                 of_two[j + 1].value >= SPLIT_FLOOR)) {
                continue;
            }
            for (size_t k = 0; k < first->phones; k++) {
                ekok_phones_push(&raw,
                                 first->phone[k] == PHONE_FINAL_A ? PHONE_A : (ekok_phone)first->phone[k]);
            }
            for (size_t k = 0; k < second->phones; k++) {
                ekok_phones_push(&raw, (ekok_phone)second->phone[k]);
            }
            ekok_phones_settle(&raw, &joined);
            float value =
                ekok_sounds_similarity(sounds_of(whole), (ekok_sounds){joined.p, joined.n}, SPLIT_FLOOR);
            if (value > of_one[i].value) {
                of_one[i] = (meeting){(int8_t)j, value, EKOK_NAME_NEAR_SOUND};
                of_two[j] = of_two[j + 1] = (meeting){(int8_t)i, value, EKOK_NAME_NEAR_SOUND};
            }
        }
    }
}

typedef struct {
    float value, weight, worst;
} sum;

/* A small difference of sound is noise, two of them or a large one another name: dearer than in proportion. */
static float sharpen(float similarity)
{
    float d = 1.0f - similarity;

    d *= 0.7f + 4.0f * d;
    return d < 1.0f ? 1.0f - d : 0;
}

static void add_up(const ekok_name *name, const meeting of[], sum *total)
{
    for (size_t i = 0; i < name->tokens; i++) {
        float weight = (float)name->token[i].weight / 1000.0f;

        if (name->token[i].kind == EKOK_NAME_OPTIONAL && of[i].to < 0) {
            weight *= 0.5f;
        } else if (of[i].note == EKOK_NAME_INITIAL_OF && name->token[i].kind != EKOK_NAME_INITIAL) {
            weight *= 0.6f;
        }
        float value = sharpen(of[i].value);
        if (name->token[i].kind == EKOK_NAME_WORD && of[i].to >= 0 && of[i].note != EKOK_NAME_INITIAL_OF) {
            total->worst = value < total->worst ? value : total->worst;
        }
        total->value += weight * value;
        total->weight += weight;
    }
}

static float whole(const ekok_name *a, const ekok_name *b)
{
    return ekok_sounds_similarity((ekok_sounds){a->whole, a->whole_phones},
                                  (ekok_sounds){b->whole, b->whole_phones}, 0.3f);
}

static void compare(comparison *c)
{
    c->sex = false;
    fill(c);
    assign(c);
    split(c->a, c->of_a, c->b, c->of_b);
    split(c->b, c->of_b, c->a, c->of_a);
}

float ekok_name_similarity(const ekok_name *a, const ekok_name *b)
{
    comparison c;
    sum total = {0, 0, 1};

    if (a->tokens == 0 || b->tokens == 0) {
        return 0;
    }
    c.a = a;
    c.b = b;
    compare(&c);
    add_up(a, c.of_a, &total);
    add_up(b, c.of_b, &total);
    float words = total.weight > 0 ? total.value / total.weight : 0;
    if (words < 0.3f) {
        return words;
    }
    bool words_only = a->whole_phones == 0 && b->whole_phones == 0; /* of initials alone */
    float joined = words_only ? words : whole(a, b);
    float score = 0.7f * words + 0.3f * (joined > words ? joined : words * 0.5f + joined * 0.5f);
    score -= total.worst < words ? WORST_SHARE * (words - total.worst) : 0;
    score = score > 0 ? score : 0;
    return c.sex && score > 0.6f ? 0.6f : score;
}

static size_t explain_side(const ekok_name *name, const meeting of[], bool first, ekok_name_line *line)
{
    size_t n = 0;

    for (size_t i = 0; i < name->tokens; i++) {
        uint8_t other = of[i].to < 0 ? UINT8_MAX : (uint8_t)of[i].to;
        bool optional = name->token[i].kind == EKOK_NAME_OPTIONAL && of[i].to < 0;

        if (first || other == UINT8_MAX) {
            line[n++] = (ekok_name_line){
                .a = first ? (uint8_t)i : other,
                .b = first ? other : (uint8_t)i,
                .similarity = of[i].value,
                .weight = (float)name->token[i].weight / 1000.0f,
                .note = optional ? EKOK_NAME_LEFT_OUT : of[i].note,
            };
        }
    }
    return n;
}

size_t ekok_name_explain(const ekok_name *a, const ekok_name *b, ekok_name_line out[], size_t room)
{
    comparison c;
    ekok_name_line line[EKOK_NAME_LINES_MAX];

    if (a->tokens == 0 || b->tokens == 0) {
        return 0;
    }
    c.a = a;
    c.b = b;
    compare(&c);
    size_t n = explain_side(a, c.of_a, true, line);
    n += explain_side(b, c.of_b, false, line + n);
    line[n++] = (ekok_name_line){UINT8_MAX, UINT8_MAX, whole(a, b), 0.3f, EKOK_NAME_RUN_TOGETHER};
    n = n < room ? n : room;
    memcpy(out, line, n * sizeof(line[0]));
    return n;
}
