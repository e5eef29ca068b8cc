/*
 * name_index.c - what an index and a join hold of a name.
 *
 * An index holds no key of a word of several alone: Islam or Begum would fill a posting list with a tenth of
 * the table. It holds pairs of words, apart for names of just those two and for longer ones, and for a name of one word
 * that word and each form of it that lacks one consonant. What is asked for depends on the threshold: lists of names
 * that could not reach it, for want of a word or for one too many, are not read. A pair with a very common word is
 * spread over several lists by spelling, all of which are asked for, so that no list is long.
 *
 * Keys here are coarser than those of name_key.c: a vowel at the beginning, the difference of C and S and a class
 * written twice are left out, since names that the score takes for one another differ in these.
 */
#include "name.h"

#include <stdbool.h>
#include <string.h>

#include "name_key.h"
#include "name_phone.h"

enum {
    WORDS_MAX = 6,      /* of a longer name the first six count */
    LISTS = 4,          /* over which a common pair is spread */
    COMMON = 300,       /* of ten thousand names */
    LEAST_WEIGHT = 350, /* of a word, in thousandths */
    LACKING_MIN = 5     /* consonants of a word that is also held with one left out */
};

/* What a key says; part of its hash. */
enum { ONLY_WORD = 1, ONLY_PAIR, PAIR_OF_MORE, LACKING_ONE, TWO_AS_ONE, ONLY_INITIALS };

/* A name may lack this many times what the threshold leaves: as measured, since words and whole names both count. */
static const float UNMET_SHARE = 1.2f;

typedef struct {
    char key[EKOK_NAME_KEY_MAX + 1];
    uint16_t weight;
} index_word;

typedef struct {
    index_word word[WORDS_MAX];
    size_t n;
    uint32_t spelling;
} index_name;

typedef struct {
    uint32_t *out;
    size_t n, room;
} key_list;

/* FNV-1a, 32 bits (Fowler, Noll, Vo). */
static uint32_t hash(const char *text, uint32_t seed)
{
    uint32_t h = UINT32_C(2166136261) ^ seed;

    for (; *text != '\0'; text++) {
        h = (h ^ (unsigned char)*text) * UINT32_C(16777619);
    }
    return h;
}

static void add(key_list *list, uint32_t key)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->out[i] == key) {
            return;
        }
    }
    if (list->n < list->room) {
        list->out[list->n++] = key;
    }
}

static void make_word(index_word *word, const char *key, uint16_t weight)
{
    size_t n = 0;

    if (key[0] == 'A' && key[1] != '\0') {
        key++;
    }
    for (; *key != '\0' && n < EKOK_NAME_KEY_MAX; key++) {
        char class = *key == 'C' ? 'S' : *key;

        if (n == 0 || word->key[n - 1] != class) {
            word->key[n++] = class;
        }
    }
    word->key[n] = '\0';
    word->weight = weight;
}

static size_t words_of(const ekok_name *name, const ekok_name_token *words[EKOK_NAME_TOKENS_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < name->tokens; i++) {
        if (name->token[i].kind == EKOK_NAME_WORD) {
            words[n++] = &name->token[i];
        }
    }
    return n;
}

/* A y at the beginning of a word is heard as j too: Yasmin, Jesmin. as_j: so; returns whether there is one. */
static bool read_name(const ekok_name *name, bool as_j, index_name *out)
{
    const ekok_name_token *words[EKOK_NAME_TOKENS_MAX];
    size_t n = words_of(name, words);
    bool any = false;

    out->n = n < WORDS_MAX ? n : WORDS_MAX;
    out->spelling = 0;
    for (size_t i = 0; i < out->n; i++) {
        bool y = words[i]->phone[0] == PHONE_Y && words[i]->key[0] == 'A';
        char key[EKOK_NAME_KEY_MAX + 1];

        memcpy(key, words[i]->key, sizeof(key));
        key[0] = y && as_j ? 'J' : key[0];
        make_word(&out->word[i], key, words[i]->weight);
        any = any || y;
    }
    for (size_t i = 0; i < name->tokens; i++) {
        for (size_t k = 0; k < name->token[i].bytes; k++) {
            out->spelling = (out->spelling ^ (unsigned char)name->token[i].text[k]) * UINT32_C(16777619);
        }
    }
    return any;
}

/* Word i and the next run together, as the key of a word that joins them would be. */
static index_word joined(const index_name *name, size_t i)
{
    char both[2 * EKOK_NAME_KEY_MAX + 1];
    index_word word;

    strcpy(both, name->word[i].key);
    strcat(both, name->word[i + 1].key);
    make_word(&word, both, (uint16_t)(name->word[i].weight + name->word[i + 1].weight));
    return word;
}

static void add_word(key_list *list, const index_word *word, uint32_t kind)
{
    add(list, hash(word->key, kind));
}

/* A function of the coarse key alone, so that whoever asks for a name and whoever holds it agree on it. */
static bool is_common(const index_word *word)
{
    char with_vowel[EKOK_NAME_KEY_MAX + 2] = "A";

    strcpy(with_vowel + 1, word->key);
    return ekok_key_frequency(word->key) >= COMMON || ekok_key_frequency(with_vowel) >= COMMON;
}

/* One key spread over lists by spelling; NULL asks for all of them. */
static void add_spread(key_list *list, uint32_t key, const uint32_t *spelling)
{
    for (uint32_t i = 0; i < LISTS; i++) {
        if (spelling == NULL || *spelling % LISTS == i) {
            add(list, key + i);
        }
    }
}

static void add_pair(key_list *list, const index_word *one, const index_word *other, uint32_t kind,
                     const uint32_t *spelling)
{
    bool ordered = strcmp(one->key, other->key) <= 0;
    uint32_t key = hash(ordered ? other->key : one->key, hash(ordered ? one->key : other->key, kind));

    if (is_common(one) || is_common(other)) {
        add_spread(list, key, spelling);
    } else {
        add(list, key);
    }
}

/* In a name of three words and more, two very common ones tell nothing, unless there is nothing else. */
static bool tells(const index_name *name, size_t i, size_t j)
{
    if (name->n == 2 || !is_common(&name->word[i]) || !is_common(&name->word[j])) {
        return true;
    }
    for (size_t k = 0; k < name->n; k++) {
        if (!is_common(&name->word[k])) {
            return false;
        }
    }
    return true;
}

/* What is held of a name of two words and more, and always asked for. */
static void add_pairs(key_list *list, const index_name *name, const uint32_t *spelling)
{
    for (size_t i = 0; i < name->n; i++) {
        for (size_t j = i + 1; j < name->n; j++) {
            if (tells(name, i, j)) {
                add_pair(list, &name->word[i], &name->word[j], name->n == 2 ? ONLY_PAIR : PAIR_OF_MORE,
                         spelling);
            }
        }
    }
}

/* Both words of a name of two, held for whoever asks for them as one; asked for as the one word of another name. */
static void add_run(key_list *list, const index_word *both, const uint32_t *spelling)
{
    if (spelling == NULL) {
        add_word(list, both, ONLY_WORD);
    } else {
        add_spread(list, hash(both->key, TWO_AS_ONE), spelling);
    }
}

static void add_joined(key_list *list, const index_name *name, const uint32_t *spelling)
{
    for (size_t i = 0; i + 1 < name->n; i++) {
        index_word both = joined(name, i);

        if (name->n == 2) {
            add_run(list, &both, spelling);
        }
        for (size_t k = 0; k < name->n; k++) {
            if (k != i && k != i + 1) {
                add_pair(list, &both, &name->word[k], name->n == 3 ? ONLY_PAIR : PAIR_OF_MORE, spelling);
            }
        }
    }
}

/* The word with each of its consonants left out in turn. */
static void add_lacking(key_list *list, const index_word *word, uint32_t kind)
{
    size_t n = strlen(word->key);

    for (size_t out = 0; n >= LACKING_MIN && out < n; out++) {
        char key[EKOK_NAME_KEY_MAX + 1];

        memcpy(key, word->key, out);
        strcpy(key + out, word->key + out + 1);
        add(list, hash(key, kind));
    }
}

static void add_initials(key_list *list, const ekok_name *name)
{
    uint32_t sum = 0; /* in any order */

    for (size_t i = 0; i < name->tokens; i++) {
        sum += hash(name->token[i].key, ONLY_INITIALS);
    }
    if (name->tokens > 0) {
        add(list, sum);
    }
}

size_t ekok_name_keys(const ekok_name *name, uint32_t out[EKOK_NAME_KEYS_MAX])
{
    key_list list = {out, 0, EKOK_NAME_KEYS_MAX};
    index_name read;
    bool again = true;

    for (int as_j = 0; as_j < 2 && again; as_j++) {
        again = read_name(name, as_j == 1, &read);
        if (read.n == 0) {
            add_initials(&list, name);
        } else if (read.n == 1) {
            add_word(&list, &read.word[0], ONLY_WORD);
            add_lacking(&list, &read.word[0], LACKING_ONE);
        }
        add_pairs(&list, &read, &read.spelling);
        add_joined(&list, &read, &read.spelling);
    }
    return list.n;
}

typedef struct {
    key_list list;
    index_name name;
    float all;   /* weight of the words */
    float floor; /* share of both names that must be met */
} question;

/* Could a name reach the threshold that has words of this weight in common, and others that weigh extra? */
static bool may_reach(const question *q, unsigned common, unsigned extra)
{
    return 2.0f * (float)common >= q->floor * (q->all + (float)(common + extra));
}

/* Names of fewer words, or of more. */
static void ask_for_others(question *q)
{
    for (size_t i = 0; i < q->name.n; i++) {
        const index_word *one = &q->name.word[i];

        if (q->name.n > 1 && may_reach(q, one->weight, 0)) {
            add_word(&q->list, one, ONLY_WORD);
        }
        for (size_t j = i + 1; j < q->name.n; j++) {
            const index_word *other = &q->name.word[j];
            unsigned both = (unsigned)one->weight + other->weight;

            if (q->name.n == 2 && may_reach(q, both, LEAST_WEIGHT)) {
                add_pair(&q->list, one, other, PAIR_OF_MORE, NULL);
            }
            if (q->name.n > 2 && may_reach(q, both, 0)) {
                add_pair(&q->list, one, other, ONLY_PAIR, NULL);
            }
        }
    }
}

static void ask(question *q, const ekok_name *name)
{
    q->all = 0;
    for (size_t i = 0; i < q->name.n; i++) {
        q->all += (float)q->name.word[i].weight;
    }
    if (q->name.n == 0) {
        add_initials(&q->list, name);
    } else if (q->name.n == 1) {
        add_word(&q->list, &q->name.word[0], ONLY_WORD);
        add_word(&q->list, &q->name.word[0], LACKING_ONE);
        add_spread(&q->list, hash(q->name.word[0].key, TWO_AS_ONE), NULL);
        add_lacking(&q->list, &q->name.word[0], ONLY_WORD);
        add_lacking(&q->list, &q->name.word[0], LACKING_ONE);
    }
    add_pairs(&q->list, &q->name, NULL);
    add_joined(&q->list, &q->name, NULL);
    ask_for_others(q);
}

size_t ekok_name_keys_asked(const ekok_name *name, float threshold, uint32_t out[EKOK_NAME_ASKED_MAX])
{
    question q = {.list = {out, 0, EKOK_NAME_ASKED_MAX}, .floor = 1.0f - UNMET_SHARE * (1.0f - threshold)};
    bool again = true;

    for (int as_j = 0; as_j < 2 && again; as_j++) {
        again = read_name(name, as_j == 1, &q.name);
        ask(&q, name);
    }
    return q.list.n;
}

static size_t put(char *out, size_t room, size_t at, const char *key)
{
    size_t n = strlen(key), gap = at > 0;

    if (at + gap + n + 1 > room) {
        return at;
    }
    if (gap) {
        out[at] = ' ';
    }
    memcpy(out + at + gap, key, n);
    out[at + gap + n] = '\0';
    return at + gap + n;
}

size_t ekok_name_key_text(const ekok_name *name, char *out, size_t room)
{
    size_t at = 0;

    for (size_t i = 0; i < name->tokens; i++) {
        at = name->token[i].key[0] != '\0' ? put(out, room, at, name->token[i].key) : at;
    }
    if (room > 0) {
        out[at] = '\0';
    }
    return at;
}

size_t ekok_name_equal_key(const ekok_name *name, char *out, size_t room)
{
    const ekok_name_token *words[EKOK_NAME_TOKENS_MAX];
    size_t n = words_of(name, words), at = 0;

    for (size_t i = 1; i < n; i++) {
        for (size_t j = i; j > 0 && strcmp(words[j - 1]->key, words[j]->key) > 0; j--) {
            const ekok_name_token *swap = words[j];
            words[j] = words[j - 1];
            words[j - 1] = swap;
        }
    }
    for (size_t i = 0; i < n; i++) {
        at = words[i]->key[0] != '\0' ? put(out, room, at, words[i]->key) : at;
    }
    if (room > 0) {
        out[at] = '\0';
    }
    return at;
}
