/* name_store.c - see name_store.h. */
#include "linkage/name_store.h"

#include "common/hashfn.h"
#include "port/pg_bitutils.h"

#include "blocking.h"

enum { TABLE_FIRST = 1 << 12 };

static void table_make(name_store *store, name_table *table, uint32 size)
{
    table->slot = link_take(store->memory, size * sizeof(name_slot));
    memset(table->slot, 0, size * sizeof(name_slot));
    table->size = size;
    table->used = 0;
}

/* The slot of a hash: its own, or the free one where it belongs. */
static name_slot *slot_of(const name_table *table, uint64 hash)
{
    uint32 at = (uint32)hash & (table->size - 1);

    while (table->slot[at].hash != 0 && table->slot[at].hash != hash)
        at = (at + 1) & (table->size - 1);
    return &table->slot[at];
}

static void table_widen(name_store *store, name_table *table)
{
    name_table wider;

    if (table->used < table->size - table->size / 4)
        return;
    table_make(store, &wider, table->size * 2);
    for (uint32 i = 0; i < table->size; i++) {
        if (table->slot[i].hash != 0)
            *slot_of(&wider, table->slot[i].hash) = table->slot[i];
    }
    wider.used = table->used;
    link_give(store->memory, table->slot, table->size * sizeof(name_slot));
    *table = wider;
}

static void table_put(name_store *store, name_table *table, uint64 hash, uint32 id)
{
    table_widen(store, table);
    *slot_of(table, hash) = (name_slot){hash, id};
    table->used++;
}

/* Room for more elements behind `count`. */
static void *room_for(name_store *store, void *array, Size element, uint32 needed, uint32 *room)
{
    uint32 wider = *room;

    if (needed <= *room)
        return array;
    while (wider < needed)
        wider = wider == 0 ? 1024 : wider + wider / 2;
    array = link_grow(store->memory, array, element, *room, wider);
    *room = wider;
    return array;
}

void name_store_make(name_store *store, link_memory *memory)
{
    memset(store, 0, sizeof *store);
    store->memory = memory;
    table_make(store, &store->texts, TABLE_FIRST);
    table_make(store, &store->names, TABLE_FIRST);
    table_make(store, &store->words, TABLE_FIRST);
    store->heard = link_take(memory, sizeof(ekok_name_cache));
    ekok_name_cache_clear(store->heard);
    store->name = room_for(store, NULL, sizeof(stored_name), 1, &store->name_room);
    store->whole = room_for(store, NULL, sizeof(uint64), 1, &store->whole_room);
    store->whole[0] = 0;
    store->name_count = 1; /* 0 is no name */
}

static uint64 hash_bytes_never_0(const void *bytes, Size n)
{
    uint64 hash = hash_bytes_extended(bytes, (int)n, 0);

    return hash != 0 ? hash : 1;
}

static uint32 add_word(name_store *store, ekok_name_token *token)
{
    uint64 hash = hash_bytes_never_0(token, sizeof *token);
    name_slot *slot = slot_of(&store->words, hash);

    if (slot->hash != 0)
        return slot->id;
    store->word = room_for(store, store->word, sizeof *token, store->word_count + 1, &store->word_room);
    store->block = room_for(store, store->block, sizeof(uint64), store->word_count + 1, &store->block_room);
    store->word[store->word_count] = *token;
    store->block[store->word_count] = ekok_block_word(token);
    table_put(store, &store->words, hash, store->word_count);
    return store->word_count++;
}

static name_id add_name(name_store *store, ekok_name *parsed)
{
    uint32 word[EKOK_NAME_TOKENS_MAX];

    for (size_t i = 0; i < parsed->tokens; i++)
        word[i] = add_word(store, &parsed->token[i]);
    uint64 hash = hash_bytes_never_0(word, parsed->tokens * sizeof word[0]);
    name_slot *slot = slot_of(&store->names, hash);
    if (slot->hash != 0)
        return slot->id;
    store->name = room_for(store, store->name, sizeof(stored_name), store->name_count + 1, &store->name_room);
    store->pool =
        room_for(store, store->pool, sizeof(uint32), store->pool_count + parsed->tokens, &store->pool_room);
    store->sounds =
        room_for(store, store->sounds, 1, store->sound_count + parsed->whole_phones, &store->sound_room);
    store->whole = room_for(store, store->whole, sizeof(uint64), store->name_count + 1, &store->whole_room);
    store->whole[store->name_count] = ekok_block_whole(parsed);
    store->name[store->name_count] = (stored_name){
        .first = store->pool_count,
        .sounds = store->sound_count,
        .information = (uint16)Min(ekok_name_information(parsed), PG_UINT16_MAX),
        .words = parsed->tokens,
        .whole_phones = parsed->whole_phones,
    };
    memcpy(store->pool + store->pool_count, word, parsed->tokens * sizeof word[0]);
    memcpy(store->sounds + store->sound_count, parsed->whole, parsed->whole_phones);
    store->pool_count += parsed->tokens;
    store->sound_count += parsed->whole_phones;
    table_put(store, &store->names, hash, store->name_count);
    return store->name_count++;
}

expected_name name_store_expect(const name_store *store, ekok_span given)
{
    expected_name wanted = {given, 0};

    if (given.n > 0 && given.n <= EKOK_NAME_BYTES_MAX) {
        wanted.hash = hash_bytes_never_0(given.p, given.n);
        __builtin_prefetch(&store->texts.slot[(uint32)wanted.hash & (store->texts.size - 1)]);
    }
    return wanted;
}

name_ref name_store_add(name_store *store, expected_name wanted)
{
    if (wanted.hash == 0)
        return 0;
    name_slot *slot = slot_of(&store->texts, wanted.hash);
    if (slot->hash != 0)
        return slot->id;
    ekok_match_name read = ekok_match_name_read_with(store->heard, wanted.given, &store->parsed);
    name_ref ref = read.name == NULL ? 0 : add_name(store, &store->parsed) << 1 | read.bengali;
    table_put(store, &store->texts, wanted.hash, ref);
    return ref;
}

static void look_at(const name_store *store, name_id id, ekok_name_view *out)
{
    const stored_name *name = &store->name[id];

    out->tokens = name->words;
    out->whole_phones = name->whole_phones;
    out->whole = store->sounds + name->sounds;
    for (uint8 i = 0; i < name->words; i++) {
        out->number[i] = store->pool[name->first + i];
        out->token[i] = &store->word[out->number[i]];
    }
}

float name_store_similarity(const name_store *store, name_memories *memory, name_id a, name_id b)
{
    uint64 pair = a < b ? (uint64)a << 32 | b : (uint64)b << 32 | a;

    if (a == b)
        return 1.0f;
    name_memory *known = &memory->name[pair * UINT64CONST(0x9E3779B97F4A7C15) >> (64 - NAME_MEMORY_BITS)];
    if (known->pair != pair) {
        ekok_name_view one, other;
        look_at(store, (name_id)(pair >> 32), &one);
        look_at(store, (name_id)pair, &other);
        known->similarity = ekok_match_similarity_of(&one, &other, memory->word);
        known->pair = pair;
    }
    return known->similarity;
}

void name_store_close(name_store *store)
{
    link_give(store->memory, store->heard, sizeof(ekok_name_cache));
    store->heard = NULL;
    link_give(store->memory, store->texts.slot, store->texts.size * sizeof(name_slot));
    link_give(store->memory, store->names.slot, store->names.size * sizeof(name_slot));
    link_give(store->memory, store->words.slot, store->words.size * sizeof(name_slot));
    store->texts.slot = store->names.slot = store->words.slot = NULL;
}
