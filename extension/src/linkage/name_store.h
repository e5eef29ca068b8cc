/*
 * name_store.h - the names of all records, each distinct text parsed once, each distinct word kept once. How similar
 * any two are is remembered in tables of fixed size, one for each thread that asks.
 *
 * Texts are told apart by 64 bits of hash: of a million different texts two meet with a chance of 3 in 10^8.
 */
#ifndef EKOK_LINKAGE_NAME_STORE_H
#define EKOK_LINKAGE_NAME_STORE_H

#include "linkage/memory.h"
#include "match.h"
#include "name_cache.h"

/* A name of the store: names of equal words in equal order are one, in whatever script. 0: no name. */
typedef uint32 name_id;

/* A name as a record has it: its id, and in the last bit whether it was written in Bengali. */
typedef uint32 name_ref;

typedef struct {
    uint32 first;  /* of its words, in the pool */
    uint32 sounds; /* where they run together, in the pool of sounds */
    uint16 information;
    uint8 words, whole_phones;
} stored_name;

typedef struct {
    uint64 hash; /* 0: free */
    uint32 id;
} name_slot;

typedef struct {
    name_slot *slot;
    uint32 used, size; /* size: a power of two */
} name_table;

typedef struct {
    uint64 pair;
    float similarity;
} name_memory;

typedef struct {
    link_memory *memory;
    name_table texts, names, words;
    stored_name *name;
    uint64 *whole; /* of each name, for blocking: all telling words, in any order; 0: none */
    ekok_name_token *word;
    uint64 *block; /* of each word, for blocking; 0 when it is not a telling one */
    uint32 *pool;
    uint8 *sounds;
    uint32 name_count, name_room, whole_room, word_count, word_room, pool_count, pool_room, sound_count,
        sound_room;
    uint32 block_room;
    ekok_name_cache *heard; /* while texts are added */
    ekok_name parsed;
} name_store;

void name_store_make(name_store *store, link_memory *memory);

/* A text that name_store_add will be asked for, its place in the table called for from memory by now. */
typedef struct {
    ekok_span given;
    uint64 hash; /* 0: no text that can be a name */
} expected_name;

expected_name name_store_expect(const name_store *store, ekok_span given);

/* 0 for a text that is no name. */
name_ref name_store_add(name_store *store, expected_name text);

static inline name_id name_of_ref(name_ref ref)
{
    return ref >> 1;
}

static inline bool ref_is_bengali(name_ref ref)
{
    return (ref & 1) != 0;
}

/* Gives back what only the adding of texts needed; none can be added afterwards. */
void name_store_close(name_store *store);

/* What one thread remembers; all zeros is nothing. */
enum { NAME_MEMORY_BITS = 14, NAME_MEMORY = 1 << NAME_MEMORY_BITS };
typedef struct {
    name_memory name[NAME_MEMORY];
    ekok_word_memory word[EKOK_WORD_MEMORY];
} name_memories;

/* ekok_match_similarity of two names, neither 0. Nothing of the server is called. */
float name_store_similarity(const name_store *store, name_memories *memory, name_id a, name_id b);

#endif
