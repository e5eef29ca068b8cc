/*
 * name_cache.h - words already heard, so that a name made of known words is parsed by looking them up: for whoever
 * parses many names, whose words are few. The table is the caller's, of fixed size; a word takes the place of
 * another. Answers are those of ekok_name_parse, byte by byte, whatever the table has seen. Not for use by two
 * threads at a time.
 */
#ifndef EKOK_CORE_NAME_CACHE_H
#define EKOK_CORE_NAME_CACHE_H

#include <stdbool.h>

#include "name.h"
#include "name_word.h"

enum {
    EKOK_NAME_CACHE_WORDS = 8192,   /* a power of two; 240 bytes each */
    EKOK_NAME_CACHE_WORD_BYTES = 46 /* a longer word is heard anew each time */
};

typedef enum {
    EKOK_CACHED_NOTHING, /* an empty place */
    EKOK_CACHED_UNFIT,   /* several words, brackets, or refused: the name is read as a whole */
    EKOK_CACHED_BLANK,   /* no word at all */
    EKOK_CACHED_TOKEN,   /* its token, the same whatever stands beside it */
    EKOK_CACHED_SILENT,  /* a word of no sounds, which makes no token */
    EKOK_CACHED_LETTERS  /* initials and single letters, read with the word behind them */
} ekok_cached_kind;

typedef struct {
    uint8_t bytes, kind; /* of given; an ekok_cached_kind */
    char given[EKOK_NAME_CACHE_WORD_BYTES];
    uint32_t c[4]; /* the first characters of the normal form */
    uint32_t n;    /* of how many */
    const ekok_affix *affix;
    ekok_name_token token; /* its text always, the rest of EKOK_CACHED_TOKEN alone */
} ekok_cached_word;

typedef struct {
    ekok_cached_word word[EKOK_NAME_CACHE_WORDS];
} ekok_name_cache;

/* All zeros also is an empty table. */
void ekok_name_cache_clear(ekok_name_cache *cache);

/* As ekok_name_parse. */
EKOK_MUST_CHECK ekok_status ekok_name_parse_with(ekok_name_cache *cache, ekok_span text, ekok_name *out);

/* For the parser: the place of a word, whether or not the word is in it. */
ekok_cached_word *ekok_name_cache_place(ekok_name_cache *cache, ekok_span given);
bool ekok_name_cache_holds(const ekok_cached_word *place, ekok_span given);

#endif
