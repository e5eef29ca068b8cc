/*
 * name_known.h - common names that are told apart however near they sound: Kamal and Kamil, Abdur and Abidur.
 */
#ifndef EKOK_CORE_NAME_KNOWN_H
#define EKOK_CORE_NAME_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "name.h"

enum {
    EKOK_KNOWN_SOUNDS_MAX = 33,
    EKOK_KNOWN_PLAIN =
        1001, /* numbers from here are told apart only by what no two spellings of one name exchange */
    EKOK_KNOWN_SETS = 32768, /* numbers from here stand for several names */
    EKOK_KNOWN_SET = 4,
    EKOK_KNOWN_SPELLINGS = 32 /* 8 of a name, which the table's writer refuses to exceed */
};

typedef enum {
    EKOK_KNOWN_UNTOLD, /* one of them is in no table, or they may be one name */
    EKOK_KNOWN_ONE,    /* two forms of one name */
    EKOK_KNOWN_TWO,    /* two names, unless one may be a spelling of the other */
    EKOK_KNOWN_APART   /* two names however near they sound */
} ekok_known_relation;

/* Of two numbers of ekok_known_name. */
ekok_known_relation ekok_known_related(uint16_t a, uint16_t b);

/*
 * The number of the common name that has just these sounds, breath and the hardly heard set aside; 0 for none. bengali:
 * written in Bengali letters, which tell more names apart.
 */
uint16_t ekok_known_name(const uint8_t *phone, size_t phones, bool bengali);

/* Whether a word is written in Bengali letters. */
bool ekok_in_bengali(const ekok_name_token *token);

/* What the table is searched by: classes of consonants, vowels as they are; NUL-terminated. */
void ekok_known_sounds(const uint8_t *phone, size_t phones, char out[EKOK_KNOWN_SOUNDS_MAX]);

/* Whether a name that is told apart from all others is written with these consonants, a key of ekok_index_coarse. */
bool ekok_known_key(const char *key);

/* The consonants that forms of the name are written with, where they differ; none where they don't. */
size_t ekok_known_spellings(uint16_t number, const char *key[EKOK_KNOWN_SPELLINGS]);

#endif
