/*
 * name_ask.c - what an index is asked for: the keys that name_index.c holds of the name itself, and of names that could
 * reach the threshold all the same, for want of a word or for one too many, written with an initial, under another
 * spelling of a known name, or with one consonant changed, lost or put in. What could not reach it is not asked for.
 */
#include <string.h>

#include "name_distance.h"
#include "name_index.h"
#include "name_key.h"
#include "name_known.h"
#include "name_phone.h"
#include "name_score.h"

enum {
    ONE = 10000,
    LEAST_WEIGHT = 350, /* of a word, in thousandths */
    LOST = 100,         /* a consonant, in hundredths */
    NEAR = 75           /* sounds this near may have one class in some spelling */
};

/* A name may lack this many times what the threshold leaves: as measured, since words and whole names both count. */
static const float UNMET_SHARE = 1.2f;

static const char CLASSES[] = "KGJTDNPBMRLS"; /* of index keys */

typedef struct {
    ekok_key_list list;
    ekok_index_name name;
    const ekok_name_token *token[EKOK_INDEX_WORDS]; /* of its words */
    uint32_t sounds[EKOK_INDEX_WORDS];              /* weights of the sounds of each */
    uint32_t threshold;                             /* in ten thousandths */
    uint32_t whole;                                 /* weight of all sounds */
    float all;                                      /* weight of the words */
    float floor;                                    /* share of both names that must be met */
} question;

/* Could a name reach the threshold that has words of this weight in common, and others that weigh extra? */
static bool may_reach(const question *q, unsigned common, unsigned extra)
{
    return 2.0f * (float)common >= q->floor * (q->all + (float)(common + extra));
}

/* Names of fewer words, or of more. */
static void ask_for_others(question *q)
{
    for (size_t i = 0; q->name.n == 3 && i < 2 && may_reach(q, (unsigned)q->all, LEAST_WEIGHT); i++) {
        ekok_index_word both = ekok_index_joined(&q->name, i);

        ekok_index_add_pair(&q->list, &both, &q->name.word[i == 0 ? 2 : 0], PAIR_OF_MORE, NULL);
    }
    for (size_t i = 0; i < q->name.n; i++) {
        const ekok_index_word *one = &q->name.word[i];

        if (q->name.n > 1 && may_reach(q, one->weight, 0)) {
            ekok_index_add_word(&q->list, one, ONLY_WORD);
        }
        for (size_t j = i + 1; j < q->name.n; j++) {
            const ekok_index_word *other = &q->name.word[j];
            unsigned both = (unsigned)one->weight + other->weight;

            if (q->name.n == 2 && may_reach(q, both, LEAST_WEIGHT)) {
                ekok_index_add_pair(&q->list, one, other, PAIR_OF_MORE, NULL);
            }
            if (q->name.n > 2 && may_reach(q, both, 0)) {
                ekok_index_add_pair(&q->list, one, other, ONLY_PAIR, NULL);
            }
        }
    }
}

/* A name of two words or one that has these in place of its own. */
static void ask_for_rest(question *q, const ekok_index_word *rest[], size_t n)
{
    if (n == 1) {
        ekok_index_add_word(&q->list, rest[0], ONLY_WORD);
    } else if (n == 2) {
        ekok_index_add_pair(&q->list, rest[0], rest[1], ONLY_PAIR, NULL);
    }
}

/* Abdul as one letter: an initial there, a word here, or the other way round. */
static void ask_for_abdul(question *q, const ekok_name *name)
{
    const ekok_index_word *rest[EKOK_INDEX_WORDS + 1];
    ekok_index_word abdul;
    size_t n = 0;
    bool initial = false, abbreviated = false;

    for (size_t i = 0; i < q->name.n; i++) {
        if (q->token[i]->bytes == 3) {
            abbreviated = true;
        } else {
            rest[n++] = &q->name.word[i];
        }
    }
    for (size_t i = 0; i < name->tokens; i++) {
        initial = initial || (name->token[i].kind == EKOK_NAME_INITIAL && name->token[i].key[0] == 'a');
    }
    if (initial) {
        ekok_index_make_word(&abdul, "ABDL", LEAST_WEIGHT);
        rest[n++] = &abdul;
    }
    if (initial || abbreviated) {
        ask_for_rest(q, rest, n);
    }
}

/* The name with another word in place of word i, where no other pair of its words is held. */
static void ask_with(question *q, size_t i, const ekok_index_word *word)
{
    const ekok_index_word *beside = NULL;

    for (size_t k = 0; k < q->name.n; k++) {
        if (k != i && (beside == NULL || q->name.word[k].frequency < beside->frequency)) {
            beside = &q->name.word[k];
        }
    }
    if (beside == NULL) {
        ekok_index_add_word(&q->list, word, ONLY_WORD);
    } else {
        ekok_index_add_pair(&q->list, word, beside, q->name.n == 2 ? ONLY_PAIR : PAIR_OF_MORE, NULL);
    }
}

static bool another_pair_is_held(const question *q, size_t i)
{
    for (size_t j = 0; j < q->name.n; j++) {
        for (size_t k = j + 1; k < q->name.n; k++) {
            if (j != i && k != i && ekok_index_tells(&q->name, j, k)) {
                return true;
            }
        }
    }
    return false;
}

/* Other spellings of a known name. */
static void ask_for_known(question *q, size_t i)
{
    const char *key[EKOK_KNOWN_SPELLINGS];
    size_t n = ekok_known_spellings(q->token[i]->known, key);

    for (size_t k = 0; k < n; k++) {
        ekok_index_word word;

        ekok_index_make_word(&word, key[k], LEAST_WEIGHT);
        ask_with(q, i, &word);
    }
}

/* Consonants of a word with one of its sounds taken for another, or one put in. */
typedef struct {
    size_t at, taken; /* sounds left out */
    char put;         /* class put there instead, 0: none */
    unsigned cost;    /* in hundredths */
    unsigned heavier; /* by how much the word then is */
} change;

/* What the name scores, all else the same, beside one in which word i has cost so much; weight is that of its word. */
static uint32_t best_score(const question *q, size_t i, const change *c, uint32_t weight)
{
    uint32_t of_word = q->sounds[i] + c->heavier;
    uint32_t value = c->cost < of_word ? ONE - c->cost * ONE / of_word : 0;
    uint32_t joined = c->cost < q->whole ? ONE - c->cost * ONE / (q->whole + c->heavier) : 0;
    uint32_t mine = q->name.word[i].weight, others = 2 * ((uint32_t)q->all - mine);

    if (value < 5500) {
        return 0;
    }
    value = ekok_sharpen(c->cost > NEAR ? ekok_odd_consonant(value) : value);
    uint32_t words = (others * ONE + (mine + weight) * value) / (others + mine + weight);
    return ekok_score(words, joined, value);
}

static void ask_for_change(question *q, size_t i, const change *c)
{
    const ekok_name_token *token = q->token[i];
    char key[EKOK_NAME_PHONES_MAX + 2];
    ekok_index_word word;
    size_t n = 0;

    if (best_score(q, i, c, LEAST_WEIGHT) < q->threshold) {
        return;
    }
    for (size_t k = 0; k <= token->phones; k++) {
        if (k == c->at && c->put != 0) {
            key[n++] = c->put;
        }
        char class =
            k < token->phones && (k < c->at || k >= c->at + c->taken) ? ekok_phone_class(token->phone[k]) : 0;
        if (class != 0) {
            key[n++] = class;
        }
    }
    key[n] = '\0';
    if (n == 0) {
        return;
    }
    char coarse[EKOK_NAME_KEY_MAX + 1];
    ekok_index_coarse(key, coarse);
    if (token->known != 0 && ekok_known_key(coarse)) { /* a known name, and another */
        return;
    }
    ekok_index_make_word(&word, coarse, 0);
    uint16_t bare = ekok_key_weight(word.key);
    if (best_score(q, i, c, bare < LEAST_WEIGHT ? LEAST_WEIGHT : bare) >= q->threshold) {
        ask_with(q, i, &word);
    }
}

/* By class, the least that it costs to take a sound for one of it; at 0 for one that keys leave out. */
static void least_changes(uint8_t phone, unsigned least[128])
{
    for (const char *c = CLASSES; *c != '\0'; c++) {
        least[(unsigned char)*c] = LOST;
    }
    least[0] = LOST;
    for (uint8_t other = 0; other < PHONE_COUNT; other++) {
        char class = ekok_phone_class(other);
        unsigned *of_class = &least[class == 'C' ? 'S' : class], cost = ekok_sound_change(phone, other);

        *of_class = cost < *of_class ? cost : *of_class;
    }
}

static void ask_for_changes(question *q, size_t i)
{
    const ekok_name_token *token = q->token[i];

    for (size_t at = 0; at <= token->phones; at++) {
        uint8_t phone = at < token->phones ? token->phone[at] : PHONE_SILENT;
        char class = ekok_phone_class(phone) == 'C' ? 'S' : ekok_phone_class(phone);
        unsigned least[128];
        unsigned surest = at == 0 ? 50 : 0;
        bool gap = at == 0 || class != 0 || at == token->phones;

        least_changes(phone, least);
        if (class != 0) {
            unsigned lost = least[0];
            ask_for_change(q, i, &(change){at, 1, 0, lost < LOST ? lost : LOST + surest, 0});
        }
        for (const char *c = CLASSES; *c != '\0'; c++) {
            unsigned cost = at < token->phones && *c != class ? least[(unsigned char)*c] : LOST + 1;
            if (cost < LOST || (class != 0 && cost == LOST)) {
                cost += at == 0 && cost >= 55 ? cost / 5 : 0;
                ask_for_change(q, i, &(change){at, 1, *c, cost, class == 0 ? LOST / 2 : 0});
            }
            if (gap) {
                ask_for_change(q, i, &(change){at, 0, *c, LOST + surest, LOST});
            }
        }
    }
}

static void ask_otherwise(question *q)
{
    for (size_t i = 0; i < q->name.n; i++) {
        if (another_pair_is_held(q, i)) {
            continue;
        }
        ask_for_known(q, i);
        if (q->name.n > 1 || strlen(q->name.word[i].key) < EKOK_INDEX_LACKING_MIN) {
            ask_for_changes(q, i);
        }
    }
}

static void ask(question *q, const ekok_name *name)
{
    size_t n = 0;

    q->all = 0;
    q->whole = ekok_sounds_weight((ekok_sounds){name->whole, name->whole_phones});
    for (size_t i = 0; i < name->tokens && n < q->name.n; i++) {
        if (name->token[i].kind == EKOK_NAME_WORD) {
            q->sounds[n] = ekok_sounds_weight((ekok_sounds){name->token[i].phone, name->token[i].phones});
            q->token[n++] = &name->token[i];
        }
    }
    for (size_t i = 0; i < q->name.n; i++) {
        q->all += (float)q->name.word[i].weight;
    }
    if (q->name.n == 0) {
        ekok_index_add_initials(&q->list, name);
    } else if (q->name.n == 1) {
        ekok_index_add_word(&q->list, &q->name.word[0], ONLY_WORD);
        ekok_index_add_word(&q->list, &q->name.word[0], LACKING_ONE);
        ekok_index_add_run(&q->list, &q->name.word[0], NULL);
        ekok_index_add_lacking(&q->list, &q->name.word[0], ONLY_WORD);
        ekok_index_add_lacking(&q->list, &q->name.word[0], LACKING_ONE);
    }
    ekok_index_add_pairs(&q->list, &q->name, NULL);
    ekok_index_add_joined(&q->list, &q->name, NULL);
    ask_for_others(q);
    ask_for_abdul(q, name);
    ask_otherwise(q);
}

size_t ekok_name_keys_asked(const ekok_name *name, float threshold, uint32_t out[EKOK_NAME_ASKED_MAX])
{
    question q = {.list = {out, 0, EKOK_NAME_ASKED_MAX},
                  .threshold = (uint32_t)(threshold * ONE),
                  .floor = 1.0f - UNMET_SHARE * (1.0f - threshold)};
    bool again = true;

    for (int as_j = 0; as_j < 2 && again; as_j++) {
        again = ekok_index_read(name, as_j == 1, &q.name);
        ask(&q, name);
    }
    return q.list.n;
}
