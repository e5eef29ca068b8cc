/*
 * name_cache.c - the table of name_cache.h: each word has one place, found by a hash of its bytes. What it holds is
 * made by name_parse.c.
 */
#include "name_cache.h"

#include <string.h>

void ekok_name_cache_clear(ekok_name_cache *cache)
{
    memset(cache, 0, sizeof(*cache));
}

/* Eight bytes at a time, mixed as by SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t hash(ekok_span given)
{
    uint64_t h = given.n;

    for (size_t i = 0; i < given.n; i += 8) {
        uint64_t part = 0;

        memcpy(&part, given.p + i, given.n - i < 8 ? given.n - i : 8);
        h = (h ^ part) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return h ^ h >> 32;
}

ekok_cached_word *ekok_name_cache_place(ekok_name_cache *cache, ekok_span given)
{
    return &cache->word[hash(given) & (EKOK_NAME_CACHE_WORDS - 1)];
}

bool ekok_name_cache_holds(const ekok_cached_word *place, ekok_span given)
{
    return place->kind != EKOK_CACHED_NOTHING && place->bytes == given.n &&
           memcmp(place->given, given.p, given.n) == 0;
}

void ekok_name_view_of(const ekok_name *name, ekok_name_view *out)
{
    out->tokens = name->tokens;
    out->whole = name->whole;
    out->whole_phones = name->whole_phones;
    for (size_t i = 0; i < name->tokens; i++) {
        out->token[i] = &name->token[i];
        out->number[i] = UINT32_MAX;
    }
}
