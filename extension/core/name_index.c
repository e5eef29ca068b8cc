/*
 * name_index.c - what an index and a join hold of a name.
 *
 * An index holds no key of a word of several alone: Islam or Begum would fill a posting list with a tenth of
 * the table. It holds pairs of words, apart for names of just those two and for longer ones, and for a name of one word
 * that word and each form of it that lacks one consonant. A pair with a very common word is spread over several lists
 * by spelling, all of which are asked for, so that no list is long. What is asked for is said in name_ask.c.
 *
 * Keys here are coarser than those of name_key.c: a vowel at the beginning, the difference of C and S and a class
 * written twice are left out, since names that the score takes for one another differ in these.
 */
#include "name_index.h"

#include <string.h>

#include "name_key.h"
#include "name_phone.h"

enum {
    LISTS = 4,    /* over which a common pair is spread */
    COMMON = 300, /* of ten thousand names */
    RARE = 25     /* with a word of fewer names than these no pair is common */
};

/* FNV-1a, 32 bits (Fowler, Noll, Vo). */
uint32_t ekok_index_hash(const char *text, uint32_t seed)
{
    uint32_t h = UINT32_C(2166136261) ^ seed;

    for (; *text != '\0'; text++) {
        h = (h ^ (unsigned char)*text) * UINT32_C(16777619);
    }
    return h;
}

static void add(ekok_key_list *list, uint32_t key)
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

/* Of the coarse key alone, so that whoever asks for a name and whoever holds it agree on it. */
static uint16_t frequency(const char *key)
{
    char with_vowel[EKOK_NAME_KEY_MAX + 2] = "A";
    unsigned bare = ekok_key_frequency(key);

    strcpy(with_vowel + 1, key);
    unsigned other = ekok_key_frequency(with_vowel);
    return (uint16_t)(bare > other ? bare : other);
}

void ekok_index_coarse(const char *key, char out[EKOK_NAME_KEY_MAX + 1])
{
    size_t n = 0;

    if (key[0] == 'A' && key[1] != '\0') {
        key++;
    }
    for (; *key != '\0' && n < EKOK_NAME_KEY_MAX; key++) {
        char class = *key == 'C' ? 'S' : *key;

        if (n == 0 || out[n - 1] != class) {
            out[n++] = class;
        }
    }
    out[n] = '\0';
}

void ekok_index_make_word(ekok_index_word *word, const char *key, uint16_t weight)
{
    ekok_index_coarse(key, word->key);
    word->weight = weight;
    word->frequency = frequency(word->key);
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

bool ekok_index_read(const ekok_name *name, bool as_j, ekok_index_name *out)
{
    const ekok_name_token *words[EKOK_NAME_TOKENS_MAX];
    size_t n = words_of(name, words);
    bool any = false;

    out->n = n < EKOK_INDEX_WORDS ? n : EKOK_INDEX_WORDS;
    out->spelling = 0;
    for (size_t i = 0; i < out->n; i++) {
        bool y = words[i]->phone[0] == PHONE_Y && words[i]->key[0] == 'A';
        char key[EKOK_NAME_KEY_MAX + 1];

        memcpy(key, words[i]->key, sizeof(key));
        key[0] = y && as_j ? 'J' : key[0];
        ekok_index_make_word(&out->word[i], key, words[i]->weight);
        any = any || y;
    }
    for (size_t i = 0; i < name->tokens; i++) {
        for (size_t k = 0; k < name->token[i].bytes; k++) {
            out->spelling = (out->spelling ^ (unsigned char)name->token[i].text[k]) * UINT32_C(16777619);
        }
    }
    return any;
}

ekok_index_word ekok_index_joined(const ekok_index_name *name, size_t i)
{
    char both[2 * EKOK_NAME_KEY_MAX + 1];
    ekok_index_word word;

    strcpy(both, name->word[i].key);
    strcat(both, name->word[i + 1].key);
    ekok_index_make_word(&word, both, (uint16_t)(name->word[i].weight + name->word[i + 1].weight));
    return word;
}

void ekok_index_add_word(ekok_key_list *list, const ekok_index_word *word, ekok_index_kind kind)
{
    add(list, ekok_index_hash(word->key, kind));
}

static bool is_common(const ekok_index_word *word)
{
    return word->frequency >= COMMON;
}

/* One key spread over lists by spelling; NULL asks for all of them. */
static void add_spread(ekok_key_list *list, uint32_t key, const uint32_t *spelling)
{
    for (uint32_t i = 0; i < LISTS; i++) {
        if (spelling == NULL || *spelling % LISTS == i) {
            add(list, key + i);
        }
    }
}

void ekok_index_add_pair(ekok_key_list *list, const ekok_index_word *one, const ekok_index_word *other,
                         ekok_index_kind kind, const uint32_t *spelling)
{
    bool ordered = strcmp(one->key, other->key) <= 0;
    uint32_t key = ekok_index_hash(ordered ? other->key : one->key,
                                   ekok_index_hash(ordered ? one->key : other->key, kind));

    if ((is_common(one) && other->frequency >= RARE) || (is_common(other) && one->frequency >= RARE)) {
        add_spread(list, key, spelling);
    } else {
        add(list, key);
    }
}

/* In a name of three words and more, two very common ones tell nothing, unless there is nothing else. */
bool ekok_index_tells(const ekok_index_name *name, size_t i, size_t j)
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

void ekok_index_add_pairs(ekok_key_list *list, const ekok_index_name *name, const uint32_t *spelling)
{
    for (size_t i = 0; i < name->n; i++) {
        for (size_t j = i + 1; j < name->n; j++) {
            if (ekok_index_tells(name, i, j)) {
                ekok_index_add_pair(list, &name->word[i], &name->word[j],
                                    name->n == 2 ? ONLY_PAIR : PAIR_OF_MORE, spelling);
            }
        }
    }
}

void ekok_index_add_run(ekok_key_list *list, const ekok_index_word *both, const uint32_t *spelling)
{
    add_spread(list, ekok_index_hash(both->key, TWO_AS_ONE), spelling);
}

void ekok_index_add_joined(ekok_key_list *list, const ekok_index_name *name, const uint32_t *spelling)
{
    for (size_t i = 0; i + 1 < name->n; i++) {
        ekok_index_word both = ekok_index_joined(name, i);

        if (name->n == 2 && spelling != NULL) {
            ekok_index_add_run(list, &both, spelling);
        } else if (name->n == 2) { /* the one word of another name */
            ekok_index_add_word(list, &both, ONLY_WORD);
        }
        for (size_t k = 0; k < name->n; k++) {
            if (k != i && k != i + 1) {
                ekok_index_add_pair(list, &both, &name->word[k], name->n == 3 ? ONLY_PAIR : PAIR_OF_MORE,
                                    spelling);
            }
        }
    }
}

void ekok_index_add_lacking(ekok_key_list *list, const ekok_index_word *word, ekok_index_kind kind)
{
    size_t n = strlen(word->key);

    for (size_t out = 0; n >= EKOK_INDEX_LACKING_MIN && out < n; out++) {
        char key[EKOK_NAME_KEY_MAX + 1];

        memcpy(key, word->key, out);
        strcpy(key + out, word->key + out + 1);
        add(list, ekok_index_hash(key, kind));
    }
}

void ekok_index_add_initials(ekok_key_list *list, const ekok_name *name)
{
    uint32_t sum = 0; /* in any order */

    for (size_t i = 0; i < name->tokens; i++) {
        sum += ekok_index_hash(name->token[i].key, ONLY_INITIALS);
    }
    if (name->tokens > 0) {
        add(list, sum);
    }
}

size_t ekok_name_keys(const ekok_name *name, uint32_t out[EKOK_NAME_KEYS_MAX])
{
    ekok_key_list list = {out, 0, EKOK_NAME_KEYS_MAX};
    ekok_index_name read;
    bool again = true;

    for (int as_j = 0; as_j < 2 && again; as_j++) {
        again = ekok_index_read(name, as_j == 1, &read);
        if (read.n == 0) {
            ekok_index_add_initials(&list, name);
        } else if (read.n == 1) {
            ekok_index_add_word(&list, &read.word[0], ONLY_WORD);
            ekok_index_add_lacking(&list, &read.word[0], LACKING_ONE);
        }
        ekok_index_add_pairs(&list, &read, &read.spelling);
        ekok_index_add_joined(&list, &read, &read.spelling);
    }
    return list.n;
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
