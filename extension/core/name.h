/*
 * name.h - names that sound alike, in Bengali and Latin letters: normal form, phonetic tokens, similarity, keys.
 * Promises: no allocation, no locale, bounded time and memory, the same answer for the same bytes for ever within
 * one EKOK_NAME_CODE_VERSION. Refuses: text that is not strict UTF-8, and text past EKOK_NAME_BYTES_MAX. A text
 * without letters is a name of no tokens: similar to nothing, without keys.
 */
#ifndef EKOK_CORE_NAME_H
#define EKOK_CORE_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"
#include "status.h"

enum {
    EKOK_NAME_CODE_VERSION =
        3, /* a change of it means: stored keys and indexes on them are to be made anew */
    EKOK_NAME_BYTES_MAX = 1024,
    EKOK_NAME_TEXT_MAX = 4 * 1024,
    EKOK_NAME_TOKENS_MAX = 16, /* a name of more words keeps its first 16 */
    EKOK_NAME_PHONES_MAX = 32, /* a word of more sounds keeps its first 32 */
    EKOK_NAME_WHOLE_MAX = 96,
    EKOK_NAME_WORD_MAX = 64, /* bytes of a token's own text, for explanations */
    EKOK_NAME_KEY_MAX = 12,  /* consonant classes of a key */
    EKOK_NAME_KEYS_MAX = 64,
    EKOK_NAME_ASKED_MAX = 256
};

/* One telling word: its sounds, keys and weight. */
typedef struct {
    uint8_t phone[EKOK_NAME_PHONES_MAX];
    uint8_t phones;
    uint8_t kind;  /* ekok_name_kind */
    uint8_t bytes; /* of text */
    uint8_t alternates;
    char key[EKOK_NAME_KEY_MAX + 1];          /* primary, NUL-terminated */
    char alternate[3][EKOK_NAME_KEY_MAX + 1]; /* secondary, where the spelling is truly ambiguous */
    uint32_t classes;                         /* set of consonant classes, for an early no */
    uint32_t doubled;                         /* set of the places in phone of consonants written twice */
    bool titled;                              /* first word of a name that has a title */
    uint16_t weight;                          /* how telling, in thousandths */
    uint16_t known;                           /* number of the common name it is (name_known.h), 0: none */
    char text[EKOK_NAME_WORD_MAX];            /* normalised, not terminated */
} ekok_name_token;

typedef struct {
    uint8_t tokens;
    uint8_t whole_phones;
    uint8_t
        whole[EKOK_NAME_WHOLE_MAX]; /* the telling words run together, initials and optional words left out */
    ekok_name_token token[EKOK_NAME_TOKENS_MAX];
} ekok_name;

typedef enum {
    EKOK_NAME_WORD,
    EKOK_NAME_INITIAL, /* one letter */
    EKOK_NAME_OPTIONAL /* Mohammad, Mosammat, bin: may be left out of a name */
} ekok_name_kind;

/*
 * The normal form: lower-case ASCII letters and digits, Bengali letters in one spelling of each character, words
 * parted by one space. Idempotent. NUL-terminated when there is room; EKOK_NAME_TEXT_MAX always is enough.
 */
EKOK_MUST_CHECK ekok_status ekok_bn_normalize(ekok_span text, char *out, size_t room, size_t *size);

/*
 * Never fails for valid UTF-8 of at most EKOK_NAME_BYTES_MAX bytes. Text with symbols that only Bijoy writes names
 * with, and nothing Bengali, is a name of no tokens: unconverted, it would meet others by accident alone.
 */
EKOK_MUST_CHECK ekok_status ekok_name_parse(ekok_span text, ekok_name *out);

/*
 * From 0 to 1, symmetric; 0 when either has no tokens. 1 for names of equal sound, less a ten thousandth for each
 * consonant that only one of them doubles and for a title that only one has: ties are settled so, not matches.
 */
float ekok_name_similarity(const ekok_name *a, const ekok_name *b);

/*
 * The same for whoever holds each word once and compares many names: words by reference, and how near any two sound
 * remembered between calls. What is at most 0.7, two names
 * that is, is only told to be at most 0.7. number: the word's own, equal numbers mean equal words. The table
 * is the caller's; all
 * zeros is an empty one; not for use by two threads at a time.
 */
typedef struct {
    uint32_t a, b; /* numbers + 1, a <= b; 0: free */
    uint16_t similarity;
} ekok_word_memory;

typedef struct {
    const ekok_name_token *token[EKOK_NAME_TOKENS_MAX];
    uint32_t number[EKOK_NAME_TOKENS_MAX];
    const uint8_t *whole;
    uint8_t tokens, whole_phones;
} ekok_name_view;

/* Of words that have no number: nothing is remembered of them. The view points into the name. */
void ekok_name_view_of(const ekok_name *name, ekok_name_view *out);

enum { EKOK_WORD_MEMORY_BITS = 16, EKOK_WORD_MEMORY = 1 << EKOK_WORD_MEMORY_BITS };

float ekok_name_similarity_of(const ekok_name_view *a, const ekok_name_view *b,
                              ekok_word_memory memory[EKOK_WORD_MEMORY]);

/*
 * Whether ekok_name_similarity is at least the threshold, exactly so, found with less work. memory may be NULL.
 */
bool ekok_name_is_alike(const ekok_name_view *a, const ekok_name_view *b,
                        ekok_word_memory memory[EKOK_WORD_MEMORY], float threshold);

/* Hashes that an index holds of a name: distinct, unordered; none of a name without tokens. */
size_t ekok_name_keys(const ekok_name *name, uint32_t out[EKOK_NAME_KEYS_MAX]);

/*
 * Hashes that an index is asked for: of the names that are similar at least by the threshold, 0.99 hold one (measured;
 * see the README of this folder). Below the least threshold many do not, and all names are to be looked at.
 */
static const float EKOK_NAME_ASKED_LEAST = 0.75f;
size_t ekok_name_keys_asked(const ekok_name *name, float threshold, uint32_t out[EKOK_NAME_ASKED_MAX]);

/* Readable primary keys in the order of the words, parted by a space; EKOK_NAME_KEYS_TEXT bytes are always enough. */
enum { EKOK_NAME_KEYS_TEXT = EKOK_NAME_TOKENS_MAX * (EKOK_NAME_KEY_MAX + 1) + 1 };
size_t ekok_name_key_text(const ekok_name *name, char *out, size_t room);

/* The same sorted, optional words left out: equal for names that sound exactly alike. */
size_t ekok_name_equal_key(const ekok_name *name, char *out, size_t room);

/* Which word met which and what it cost; a side without a word is UINT8_MAX. */
typedef enum {
    EKOK_NAME_SAME_SOUND,
    EKOK_NAME_NEAR_SOUND,
    EKOK_NAME_INITIAL_OF,  /* one is the first letter of the other */
    EKOK_NAME_ALONE,       /* met nothing */
    EKOK_NAME_LEFT_OUT,    /* optional, met nothing */
    EKOK_NAME_SEX_DIFFERS, /* differ by the ending that marks a woman's name */
    EKOK_NAME_TWO_KNOWN,   /* sound near, and are two common names */
    EKOK_NAME_RUN_TOGETHER /* last line: the whole names, words joined */
} ekok_name_note;

typedef struct {
    uint8_t a, b;     /* indexes into the tokens */
    float similarity; /* of the two words */
    float weight;     /* share of the score that hangs on it */
    ekok_name_note note;
} ekok_name_line;

enum { EKOK_NAME_LINES_MAX = 2 * EKOK_NAME_TOKENS_MAX + 1 };
size_t ekok_name_explain(const ekok_name *a, const ekok_name *b, ekok_name_line out[], size_t room);

#endif
