/*
 * name_word.h - what a word of a name is, before it is heard: title, Mohammad, another's name, initials, a surname
 * whose romanisation no rule reaches. The words stand in name_affix.def.
 */
#ifndef EKOK_CORE_NAME_WORD_H
#define EKOK_CORE_NAME_WORD_H

#include <stdint.h>

#include "span.h"

typedef enum {
    WORD_PLAIN,
    WORD_TITLE,       /* left out */
    WORD_OPTIONAL,    /* counts for little; sounds are the canonical ones */
    WORD_RELATION,    /* another person's name follows */
    WORD_ALIAS,       /* another name of the same person follows */
    WORD_ABBREVIATED, /* stands for a word of these sounds */
    WORD_INITIALS,    /* sounds are letters, one for each initial */
    WORD_LETTER       /* the Bengali name of a Latin letter */
} ekok_word_kind;

typedef struct {
    const char *word;
    size_t bytes; /* of word */
    ekok_word_kind kind;
    const char *sounds; /* of name_phone.def, or Latin letters for initials */
} ekok_affix;

/* The entry of a word of the normal form, or NULL. */
const ekok_affix *ekok_affix_of(ekok_span word);

#endif
