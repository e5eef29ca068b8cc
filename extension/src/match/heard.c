/*
 * heard.c - see heard.h. A word is known again by all that a comparison looks at, and then has its number; numbers are
 * given once, so that one which lost its place is never another word's.
 */
#include "heard.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "name_cache.h"

enum { NUMBERED = 4096 /* a power of two */, COMPARED_BYTES = offsetof(ekok_name_token, text) };

typedef struct {
    uint32 number; /* 0: a free place */
    char compared[COMPARED_BYTES];
} numbered_word;

typedef struct {
    ekok_name_cache words;
    uint32 last; /* number given */
    numbered_word numbered[NUMBERED];
    ekok_word_memory pairs[EKOK_WORD_MEMORY];
} heard_names;

static heard_names *heard(void)
{
    static heard_names *kept = NULL;

    if (kept == NULL)
        kept = MemoryContextAllocZero(TopMemoryContext, sizeof *kept);
    return kept;
}

bool ekok_heard_parse(ekok_span given, ekok_name *out)
{
    return ekok_name_parse_with(&heard()->words, given, out).code == EKOK_OK;
}

static uint32 number_of(heard_names *h, const ekok_name_token *word)
{
    uint32 hash = hash_bytes((const unsigned char *)word, COMPARED_BYTES);
    numbered_word *place = &h->numbered[hash % NUMBERED];

    if (place->number == 0 || memcmp(place->compared, word, COMPARED_BYTES) != 0) {
        if (h->last == UINT32_MAX - 1) { /* UINT32_MAX says that a word has none */
            memset(h->numbered, 0, sizeof h->numbered);
            memset(h->pairs, 0, sizeof h->pairs);
            h->last = 0;
        }
        memcpy(place->compared, word, COMPARED_BYTES);
        place->number = ++h->last;
    }
    return place->number;
}

void ekok_heard_view(const ekok_name *name, ekok_name_view *out)
{
    heard_names *h = heard();

    ekok_name_view_of(name, out);
    for (int i = 0; i < out->tokens; i++)
        out->number[i] = number_of(h, out->token[i]);
}

bool ekok_heard_alike(const ekok_name_view *a, const ekok_name_view *b, float4 threshold)
{
    return ekok_name_is_alike(a, b, heard()->pairs, threshold);
}
