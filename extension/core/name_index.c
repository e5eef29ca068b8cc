/*
 * name_index.c - what an index and a join hold of a name. A common key says little and would fill a posting list, so
 * it is held only together with each other word of its name; alone when it is the whole name.
 */
#include "name.h"

#include <stdbool.h>
#include <string.h>

#include "name_key.h"

enum { COMMON = 60, JOINED_MAX = 2 * EKOK_NAME_KEY_MAX + 2 }; /* COMMON: of ten thousand names */

typedef struct {
    uint32_t *out;
    size_t n;
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
    if (list->n < EKOK_NAME_KEYS_MAX) {
        list->out[list->n++] = key;
    }
}

static void add_pair(key_list *list, const char *one, const char *other)
{
    bool ordered = strcmp(one, other) <= 0;

    add(list, hash(ordered ? other : one, hash(ordered ? one : other, 2)));
}

static bool is_common(const ekok_name_token *token)
{
    return token->key[0] == '\0' || token->key[1] == '\0' || ekok_key_frequency(token->key) > COMMON;
}

/* Two neighbours run together, as the key of a word that joins them would be: a vowel at the seam leaves no trace. */
static void add_joined(key_list *list, const char *first, const char *second)
{
    char joined[JOINED_MAX];
    size_t n = strlen(first);

    memcpy(joined, first, n);
    second += *second == 'A';
    strcpy(joined + n, second);
    joined[EKOK_NAME_KEY_MAX] = '\0';
    if (n > 0) {
        add(list, hash(joined, 1));
    }
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

size_t ekok_name_keys(const ekok_name *name, uint32_t out[EKOK_NAME_KEYS_MAX])
{
    const ekok_name_token *words[EKOK_NAME_TOKENS_MAX];
    size_t n = words_of(name, words);
    key_list list = {out, 0};

    for (size_t i = 0; i < n; i++) {
        if (!is_common(words[i]) || n == 1) {
            add(&list, hash(words[i]->key, 1));
        }
        for (size_t k = 0; k < words[i]->alternates; k++) {
            add(&list, hash(words[i]->alternate[k], 1));
        }
        if (i + 1 < n) {
            add_joined(&list, words[i]->key, words[i + 1]->key);
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n && is_common(words[i]); j++) {
            add_pair(&list, words[i]->key, words[j]->key);
        }
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
