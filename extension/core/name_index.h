/*
 * name_index.h - what the two sides of an index share: words by their coarse keys, and the hashes made of these. For
 * name_index.c, which says what is held, and name_ask.c, which says what is asked for.
 */
#ifndef EKOK_CORE_NAME_INDEX_H
#define EKOK_CORE_NAME_INDEX_H

#include <stdbool.h>

#include "name.h"

enum {
    EKOK_INDEX_WORDS = 6,      /* of a longer name the first six count */
    EKOK_INDEX_LACKING_MIN = 5 /* consonants of a word that is also held with one left out */
};

/* What a key says; part of its hash. */
typedef enum {
    ONLY_WORD = 1,
    ONLY_PAIR,
    PAIR_OF_MORE,
    LACKING_ONE,
    TWO_AS_ONE,
    ONLY_INITIALS
} ekok_index_kind;

typedef struct {
    char key[EKOK_NAME_KEY_MAX + 1];
    uint16_t weight;    /* in thousandths */
    uint16_t frequency; /* how many of ten thousand names hold such a word */
} ekok_index_word;

typedef struct {
    ekok_index_word word[EKOK_INDEX_WORDS];
    size_t n;
    uint32_t spelling;
} ekok_index_name;

typedef struct {
    uint32_t *out;
    size_t n, room;
} ekok_key_list;

/* Of a text and a kind, or a hash, before it. */
uint32_t ekok_index_hash(const char *text, uint32_t seed);

/* A y at the beginning of a word is heard as j too: Yasmin, Jesmin. as_j: so; returns whether there is one. */
bool ekok_index_read(const ekok_name *name, bool as_j, ekok_index_name *out);

/* Of a key as in name_key.h the coarse one. */
void ekok_index_coarse(const char *key, char out[EKOK_NAME_KEY_MAX + 1]);

/* A word of the coarse key; weight is that of the word. */
void ekok_index_make_word(ekok_index_word *word, const char *key, uint16_t weight);

/* Word i and the next run together, as the key of a word that joins them would be. */
ekok_index_word ekok_index_joined(const ekok_index_name *name, size_t i);

void ekok_index_add_word(ekok_key_list *list, const ekok_index_word *word, ekok_index_kind kind);

/* Both words of a name of two as one, held for whoever writes them so. spelling NULL: asked for. */
void ekok_index_add_run(ekok_key_list *list, const ekok_index_word *both, const uint32_t *spelling);

/* A common pair is spread over lists by spelling; NULL asks for all of them. */
void ekok_index_add_pair(ekok_key_list *list, const ekok_index_word *one, const ekok_index_word *other,
                         ekok_index_kind kind, const uint32_t *spelling);

/* What is held of a name of two words and more, and always asked for. */
void ekok_index_add_pairs(ekok_key_list *list, const ekok_index_name *name, const uint32_t *spelling);
void ekok_index_add_joined(ekok_key_list *list, const ekok_index_name *name, const uint32_t *spelling);

/* The word with each of its consonants left out in turn. */
void ekok_index_add_lacking(ekok_key_list *list, const ekok_index_word *word, ekok_index_kind kind);
void ekok_index_add_initials(ekok_key_list *list, const ekok_name *name);

/* Whether words i and j tell anything of the name, or are two common ones beside others. */
bool ekok_index_tells(const ekok_index_name *name, size_t i, size_t j);

#endif
