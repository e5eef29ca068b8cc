/*
 * name_similarity.c - which word of one name is which word of the other, in any order, joined or split, and how much of
 * both names is so explained, each word counting by how telling it is.
 */
#include "name.h"

#include <stdbool.h>
#include <string.h>

#include "name_distance.h"
#include "name_known.h"
#include "name_phone.h"
#include "name_score.h"
#include "name_veto.h"

/* Similarities are counted in ten thousandths, so that every machine and both orders of the names give one answer. */
enum {
    ONE = 10000,
    WORD_FLOOR = 5500,
    SPLIT_FLOOR = 8000,
    SPLIT_SEAM = 300,     /* what a word written in two costs */
    INITIAL_FITS = 5600,  /* an initial and a word that begins so */
    ABDUL_FITS = 9500,    /* an initial A and Abdul abbreviated */
    KNOWN_VALUE = 9700,   /* two spellings of one common name, at the least */
    SEX_CEILING = 6000,   /* of the names when words differ by sex */
    OTHER_CEILING = 7000, /* of the names when words are two known names */
    WHOLE_FLOOR = 3000,
    APART_MAX = 5,    /* ten thousandths that names of one sound may differ by */
    ORDER_COST = 2000 /* of the whole names, words put into the other's order */
};

typedef struct {
    int8_t to;      /* token of the other name, -1: none */
    uint16_t value; /* similarity to it */
    ekok_name_note note;
} meeting;

typedef struct {
    const ekok_name_view *a, *b;
    ekok_word_memory *memory; /* NULL: nothing is remembered */
    uint16_t s[EKOK_NAME_TOKENS_MAX][EKOK_NAME_TOKENS_MAX];
    meeting of_a[EKOK_NAME_TOKENS_MAX], of_b[EKOK_NAME_TOKENS_MAX];
    unsigned ceiling, apart;
} comparison;

static ekok_sounds sounds_of(const ekok_name_token *token)
{
    return (ekok_sounds){token->phone, token->phones};
}

static bool same_sounds(const ekok_name_token *a, const ekok_name_token *b)
{
    return a->phones == b->phones && memcmp(a->phone, b->phone, a->phones) == 0;
}

/* Abdul written as one letter with a mark. */
static bool is_abbreviation(const ekok_name_token *token)
{
    return token->kind == EKOK_NAME_WORD && token->bytes == 3;
}

/* Which of two names is compared as the first: an order of all that similarity looks at, so that it is symmetric. */
static bool is_first(const ekok_name_view *a, const ekok_name_view *b)
{
    size_t shared = a->tokens < b->tokens ? a->tokens : b->tokens;

    for (size_t i = 0; i < shared; i++) {
        const ekok_name_token *x = a->token[i], *y = b->token[i];

        if (x->phones != y->phones) {
            return x->phones < y->phones;
        }
        int order = memcmp(x->phone, y->phone, x->phones);
        if (order == 0 && x->kind == y->kind) {
            order = memcmp(x->key, y->key, sizeof(x->key)); /* of initials the letter */
        } else if (order == 0) {
            order = (int)x->kind - (int)y->kind;
        }
        if (order == 0) {
            order = (int)x->weight - (int)y->weight;
        }
        if (order == 0) {
            order = (int)is_abbreviation(x) - (int)is_abbreviation(y);
        }
        if (order != 0) {
            return order < 0;
        }
    }
    return a->tokens <= b->tokens;
}

static bool initial_of(const ekok_name_token *initial, const ekok_name_token *word)
{
    ekok_sounds one = {initial->phone, 1}, first = {word->phone, 1};

    return ekok_sounds_similarity(one, first, 6000) > 0;
}

/* Whether the consonants of two words can be the same ones. */
static bool share_key(const ekok_name_token *a, const ekok_name_token *b)
{
    for (size_t i = 0; i <= a->alternates; i++) {
        const char *one = i == 0 ? a->key : a->alternate[i - 1];

        for (size_t j = 0; j <= b->alternates; j++) {
            if (strcmp(one, j == 0 ? b->key : b->alternate[j - 1]) == 0) {
                return true;
            }
        }
    }
    return false;
}

static uint16_t meet(const ekok_name_token *a, const ekok_name_token *b)
{
    if (a->kind == EKOK_NAME_INITIAL && b->kind == EKOK_NAME_INITIAL) {
        return a->key[0] == b->key[0] ? ONE : 0;
    }
    if (a->kind == EKOK_NAME_INITIAL || b->kind == EKOK_NAME_INITIAL) {
        const ekok_name_token *initial = a->kind == EKOK_NAME_INITIAL ? a : b, *word = initial == a ? b : a;

        if (is_abbreviation(word)) {
            return initial->key[0] == 'a' ? ABDUL_FITS : 0;
        }
        return initial_of(initial, word) ? INITIAL_FITS : 0;
    }
    if (same_sounds(a, b)) {
        return ONE;
    }
    uint16_t value = ekok_sounds_similarity(sounds_of(a), sounds_of(b), WORD_FLOOR);
    if (ekok_known_related(a->known, b->known) == EKOK_KNOWN_ONE) {
        return value < KNOWN_VALUE ? KNOWN_VALUE : value;
    }
    return value > 0 && !share_key(a, b) ? (uint16_t)ekok_odd_consonant(value) : value;
}

/* meet, remembered: the order of the two words does not matter to it. */
static uint16_t meeting_of(const comparison *c, size_t i, size_t j)
{
    const ekok_name_token *a = c->a->token[i], *b = c->b->token[j];

    if (a == b && c->memory != NULL) {
        return ONE;
    }
    if (c->memory == NULL || c->a->number[i] == UINT32_MAX || c->b->number[j] == UINT32_MAX) {
        return meet(a, b);
    }
    uint32_t x = c->a->number[i] + 1, y = c->b->number[j] + 1, low = x < y ? x : y, high = x < y ? y : x;
    uint64_t mixed = ((uint64_t)low << 32 | high) * UINT64_C(0x9E3779B97F4A7C15);
    ekok_word_memory *known = &c->memory[mixed >> (64 - EKOK_WORD_MEMORY_BITS)];

    if (known->a != low || known->b != high) {
        *known = (ekok_word_memory){low, high, meet(a, b)};
    }
    return known->similarity;
}

static void fill(comparison *c)
{
    static const meeting none = {-1, 0, EKOK_NAME_ALONE};

    for (size_t j = 0; j < c->b->tokens; j++) {
        c->of_b[j] = none;
    }
    for (size_t i = 0; i < c->a->tokens; i++) {
        c->of_a[i] = none;
        for (size_t j = 0; j < c->b->tokens; j++) {
            c->s[i][j] = meeting_of(c, i, j);
        }
    }
}

static void settle_meeting(comparison *c, size_t i, size_t j)
{
    const ekok_name_token *a = c->a->token[i], *b = c->b->token[j];
    uint16_t value = c->s[i][j];
    ekok_name_note note = value == ONE ? EKOK_NAME_SAME_SOUND : EKOK_NAME_NEAR_SOUND;
    bool words = a->kind != EKOK_NAME_INITIAL && b->kind != EKOK_NAME_INITIAL;

    if (!words && a->kind != b->kind && value < ABDUL_FITS) {
        note = EKOK_NAME_INITIAL_OF;
    } else if (words && value < ONE) {
        note = ekok_veto_on(a, b, value);
    }
    c->of_a[i] = (meeting){(int8_t)j, value, note};
    c->of_b[j] = (meeting){(int8_t)i, value, note};
}

/* The best pair first, then the best of what is left. */
static void assign(comparison *c)
{
    for (;;) {
        uint16_t best = 0;
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
        if (best == 0) {
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
static void split(const ekok_name_view *one, meeting of_one[], const ekok_name_view *two, meeting of_two[])
{
    for (size_t i = 0; i < one->tokens; i++) {
        for (size_t j = 0; of_one[i].value < SPLIT_FLOOR && j + 1 < two->tokens; j++) {
            const ekok_name_token *whole = one->token[i], *first = two->token[j], *second = two->token[j + 1];
            ekok_phones raw = {.n = 0}, joined;

            if (of_one[i].value >= SPLIT_FLOOR || whole->kind != EKOK_NAME_WORD ||
                first->kind != EKOK_NAME_WORD || second->kind != EKOK_NAME_WORD ||
                !may_be_joined(whole, first, second) ||
                (of_two[j].value >= 9000 && of_two[j + 1].value >= 9000) ||
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
            uint16_t value =
                ekok_sounds_similarity(sounds_of(whole), (ekok_sounds){joined.p, joined.n}, SPLIT_FLOOR);
            value = value > SPLIT_SEAM ? (uint16_t)(value - SPLIT_SEAM) : 0;
            if (value > of_one[i].value) {
                of_one[i] = (meeting){(int8_t)j, value, EKOK_NAME_NEAR_SOUND};
                of_two[j] = of_two[j + 1] = (meeting){(int8_t)i, value, EKOK_NAME_NEAR_SOUND};
            }
        }
    }
}

typedef struct {
    uint32_t value, weight, worst;
} sum;

static void add_up(const ekok_name_view *name, const meeting of[], sum *total)
{
    for (size_t i = 0; i < name->tokens; i++) {
        uint32_t weight = name->token[i]->weight, value = ekok_sharpen(of[i].value);

        if (name->token[i]->kind == EKOK_NAME_OPTIONAL && of[i].to < 0) {
            weight = weight / 2;
        } else if (of[i].note == EKOK_NAME_INITIAL_OF && name->token[i]->kind != EKOK_NAME_INITIAL) {
            weight = weight * 6 / 10;
        }
        if (name->token[i]->kind == EKOK_NAME_WORD && of[i].to >= 0 && of[i].note != EKOK_NAME_INITIAL_OF) {
            total->worst = value < total->worst ? value : total->worst;
        }
        if (of[i].to < 0 && name->token[i]->kind == EKOK_NAME_WORD) {
            weight = weight * 18 / 10; /* a word too many weighs more than one agreeing */
        }
        total->value += weight * value;
        total->weight += weight;
    }
}

static uint32_t whole(const ekok_name_view *a, const ekok_name_view *b)
{
    return ekok_sounds_similarity((ekok_sounds){a->whole, a->whole_phones},
                                  (ekok_sounds){b->whole, b->whole_phones}, WHOLE_FLOOR);
}

/* The words of b as those of a that they met stand, one that met nothing behind its neighbour; 0 if so they stand. */
static size_t reorder(const comparison *c, uint8_t order[EKOK_NAME_TOKENS_MAX])
{
    int8_t place[EKOK_NAME_TOKENS_MAX], to = -1;
    size_t n = 0;
    bool moved = false;

    for (size_t j = 0; j < c->b->tokens; j++) {
        size_t at = n;

        if (c->b->token[j]->kind != EKOK_NAME_WORD) {
            continue;
        }
        to = c->of_b[j].to >= 0 ? c->of_b[j].to : to;
        for (; at > 0 && place[at - 1] > to; at--) {
            place[at] = place[at - 1];
            order[at] = order[at - 1];
            moved = true;
        }
        place[at] = to;
        order[at] = (uint8_t)j;
        n++;
    }
    return moved ? n : 0;
}

/* The names with their words run together, in the order in which they stand or in that of the meetings. */
static uint32_t run_together(const comparison *c)
{
    uint8_t order[EKOK_NAME_TOKENS_MAX], run[EKOK_NAME_WHOLE_MAX];
    uint32_t as_they_stand = whole(c->a, c->b);
    size_t words = as_they_stand < ONE - ORDER_COST ? reorder(c, order) : 0, n = 0;

    if (words == 0) {
        return as_they_stand;
    }
    for (size_t i = 0; i < words; i++) {
        const ekok_name_token *token = c->b->token[order[i]];

        for (size_t k = 0; k < token->phones && n < EKOK_NAME_WHOLE_MAX; k++) {
            run[n++] = token->phone[k] == PHONE_FINAL_A ? PHONE_A : token->phone[k];
        }
    }
    uint32_t moved = ekok_sounds_similarity((ekok_sounds){c->a->whole, c->a->whole_phones},
                                            (ekok_sounds){run, n}, as_they_stand + ORDER_COST);
    return moved > as_they_stand + ORDER_COST ? moved - ORDER_COST : as_they_stand;
}

/* Whether word i of a meets its word of b under a veto, and both still do now that words written in two have met. */
static bool stands(const comparison *c, size_t i, ekok_name_note note)
{
    const meeting *here = &c->of_a[i];

    return here->note == note && here->to >= 0 && c->of_b[here->to].note == note &&
           c->of_b[here->to].to == (int8_t)i;
}

/* What the names can be worth under the vetoes. */
static unsigned ceiling_of(const comparison *c)
{
    unsigned ceiling = ONE;

    for (size_t i = 0; i < c->a->tokens; i++) {
        if (stands(c, i, EKOK_NAME_SEX_DIFFERS)) {
            return SEX_CEILING;
        }
        ceiling = stands(c, i, EKOK_NAME_TWO_KNOWN) ? OTHER_CEILING : ceiling;
    }
    return ceiling;
}

/* What tells names of one sound apart: consonants that one of them doubles, a title that one of them has. */
static unsigned spelt_apart(const comparison *c)
{
    unsigned apart = 0;

    for (size_t i = 0; i < c->a->tokens; i++) {
        const meeting *here = &c->of_a[i];

        if (here->value == ONE) {
            uint32_t once = c->a->token[i]->doubled ^ c->b->token[here->to]->doubled;
            for (; once != 0; once &= once - 1) {
                apart++;
            }
        }
    }
    bool both = c->a->tokens > 0 && c->b->tokens > 0;
    apart += both && c->a->token[0]->titled != c->b->token[0]->titled;
    return apart < APART_MAX ? apart : APART_MAX;
}

static void compare(comparison *c, const ekok_name_view *a, const ekok_name_view *b)
{
    c->a = a;
    c->b = b;
    fill(c);
    assign(c);
    split(c->a, c->of_a, c->b, c->of_b);
    split(c->b, c->of_b, c->a, c->of_a);
    c->ceiling = ceiling_of(c);
    c->apart = spelt_apart(c);
}

static uint32_t weigh(comparison *c, const ekok_name_view *a, const ekok_name_view *b, uint32_t *worst)
{
    sum total = {0, 0, ONE};
    bool ordered = is_first(a, b);
    compare(c, ordered ? a : b, ordered ? b : a);
    add_up(c->a, c->of_a, &total);
    add_up(c->b, c->of_b, &total);
    *worst = total.worst;
    return a->tokens > 0 && b->tokens > 0 && total.weight > 0 ? total.value / total.weight : 0;
}

static float score(const comparison *c, uint32_t words, uint32_t joined, uint32_t worst)
{
    return (float)(ekok_under_ceiling(ekok_score(words, joined, worst), c->ceiling) - c->apart) / ONE;
}

/* Names of initials alone have no words to run together. */
static float score_joined(const comparison *c, uint32_t words, uint32_t worst)
{
    return score(c, words, c->a->whole_phones + c->b->whole_phones == 0 ? words : run_together(c), worst);
}

float ekok_name_similarity_of(const ekok_name_view *a, const ekok_name_view *b,
                              ekok_word_memory memory[EKOK_WORD_MEMORY])
{
    comparison c = {.memory = memory};
    uint32_t worst, words = weigh(&c, a, b, &worst);

    if (words < WHOLE_FLOOR || (memory != NULL && 7 * words + 3 * ONE < 10 * OTHER_CEILING)) {
        return (float)words / ONE;
    }
    return score_joined(&c, words, worst);
}

bool ekok_name_is_alike(const ekok_name_view *a, const ekok_name_view *b,
                        ekok_word_memory memory[EKOK_WORD_MEMORY], float threshold)
{
    comparison c = {.memory = memory};
    uint32_t worst, words = weigh(&c, a, b, &worst);

    if (words < WHOLE_FLOOR) {
        return (float)words / ONE >= threshold;
    }
    return score(&c, words, 0, worst) >= threshold ||
           (score(&c, words, ONE, worst) >= threshold && score_joined(&c, words, worst) >= threshold);
}

float ekok_name_similarity(const ekok_name *a, const ekok_name *b)
{
    ekok_name_view of_a, of_b;

    ekok_name_view_of(a, &of_a);
    ekok_name_view_of(b, &of_b);
    return ekok_name_similarity_of(&of_a, &of_b, NULL);
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
                .similarity = (float)of[i].value / ONE,
                .weight = (float)name->token[i].weight / 1000.0f,
                .note = optional ? EKOK_NAME_LEFT_OUT : of[i].note,
            };
        }
    }
    return n;
}

size_t ekok_name_explain(const ekok_name *a, const ekok_name *b, ekok_name_line out[], size_t room)
{
    comparison c = {.memory = NULL};
    ekok_name_view of_a, of_b;
    ekok_name_line line[EKOK_NAME_LINES_MAX];

    if (a->tokens == 0 || b->tokens == 0) {
        return 0;
    }
    ekok_name_view_of(a, &of_a);
    ekok_name_view_of(b, &of_b);
    bool ordered = is_first(&of_a, &of_b);
    compare(&c, ordered ? &of_a : &of_b, ordered ? &of_b : &of_a);
    size_t n = explain_side(a, ordered ? c.of_a : c.of_b, true, line);
    n += explain_side(b, ordered ? c.of_b : c.of_a, false, line + n);
    line[n++] =
        (ekok_name_line){UINT8_MAX, UINT8_MAX, (float)run_together(&c) / ONE, 0.3f, EKOK_NAME_RUN_TOGETHER};
    n = n < room ? n : room;
    memcpy(out, line, n * sizeof(line[0]));
    return n;
}
