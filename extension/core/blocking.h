/*
 * blocking.h - keys under which records of one person meet without all being compared with all: fuzzy evidence, by
 * blocking.def. Two records of one person share at least one of them nearly always; who shares one is compared, not
 * believed.
 * Promises: no allocation, at most EKOK_BLOCKING_MAX keys, distinct, the same for ever within one EKOK_BLOCKING_VERSION
 * and EKOK_NAME_CODE_VERSION. Names of one sound in any script and order of words give equal parts.
 */
#ifndef EKOK_CORE_BLOCKING_H
#define EKOK_CORE_BLOCKING_H

#include "match.h"

typedef enum {
#define X(KIND, kind, parts, FINER, most) EKOK_BLOCK_##KIND,
#include "blocking.def"
#undef X
    EKOK_BLOCK_KINDS,
    EKOK_BLOCK_NONE = EKOK_BLOCK_KINDS
} ekok_block_kind;

enum { EKOK_BLOCKING_VERSION = 1, EKOK_BLOCK_WORDS = 6, EKOK_BLOCKING_MAX = 8 * EKOK_BLOCK_KINDS };

/* Parts of a key, as bits. */
enum {
    EKOK_BLOCK_WORD = 1 << 0,
    EKOK_BLOCK_NAME = 1 << 1,
    EKOK_BLOCK_FATHER = 1 << 2,
    EKOK_BLOCK_MOTHER = 1 << 3,
    EKOK_BLOCK_DATE = 1 << 4,
    EKOK_BLOCK_YEAR = 1 << 5,
    EKOK_BLOCK_UPAZILA = 1 << 6,
    EKOK_BLOCK_UNION = 1 << 7
};

/* What keys are made of, each a hash or 0 where the record lacks it. */
typedef struct {
    uint64_t word[EKOK_BLOCK_WORDS];
    uint64_t name[2];
    uint64_t father, mother;
    uint64_t date, year, upazila, place_union;
} ekok_block_parts;

/* Of one word of a name, 0 when it is not telling; of a name, all telling words in any order, 0 when it has none. */
uint64_t ekok_block_word(const ekok_name_token *token);
uint64_t ekok_block_whole(const ekok_name *name);
/* The words of a name, distinct, as many as there is room for; returns how many. */
size_t ekok_block_words(const ekok_name *name, uint64_t word[], size_t room);
void ekok_block_birth(ekok_birth birth, ekok_block_parts *out);
/* code: filled to eight digits; text: hash of a place that is no code. */
void ekok_block_place(uint32_t code, int level, uint64_t text, ekok_block_parts *out);
void ekok_block_parts_of(const ekok_person *person, ekok_block_parts *out);

/* Keys of one kind, distinct; at most EKOK_BLOCK_KEYS. */
enum { EKOK_BLOCK_KEYS = EKOK_BLOCK_WORDS };
size_t ekok_block_keys(ekok_block_kind kind, const ekok_block_parts *parts, uint64_t out[EKOK_BLOCK_KEYS]);

/* Which parts its keys need; the others are not looked at. */
unsigned ekok_block_needs(ekok_block_kind kind);
const char *ekok_block_name_of(ekok_block_kind kind);
ekok_block_kind ekok_block_finer(ekok_block_kind kind);
/* Records that may hold a key before the finer kind takes over. */
uint32_t ekok_block_most(ekok_block_kind kind);

#endif
