/*
 * gin_name.c - operator class gin_sound_ops: name ~% name, answered by the index itself. Beside each key of
 * ekok_name_keys the index holds the name; a search reads, of each key of ekok_name_keys_asked, the names held under it
 * (a partial match) and scores each once, however many rows bear it. So rows that are handed out are alike, and none is
 * looked at again but where a bitmap ran out of work_mem, or where a name under a key asked for was too long to hold.
 * What is found is as in gin.c. A search goes by the threshold of the moment at which it began.
 */
#include "gin.h"

#include "access/gin.h"
#include "port/pg_bswap.h"

#include "argument.h"
#include "heard.h"
#include "name_pack.h"
#include "setting.h"

PG_FUNCTION_INFO_V1(gin_sound_name_extract_value);
PG_FUNCTION_INFO_V1(gin_sound_name_extract_query);
PG_FUNCTION_INFO_V1(gin_sound_name_partial);
PG_FUNCTION_INFO_V1(gin_sound_name_consistent);
PG_FUNCTION_INFO_V1(gin_sound_name_triconsistent);

enum { KEY_BYTES = sizeof(uint32), HELD_MAX = 96 /* bytes of a packed name */ };

Datum ekok_gin_entry(uint32_t key, const uint8_t *name, size_t n)
{
    bytea *entry = palloc(VARHDRSZ + KEY_BYTES + n);
    uint32 first = pg_hton32(key);

    SET_VARSIZE(entry, VARHDRSZ + KEY_BYTES + n);
    memcpy(VARDATA(entry), &first, KEY_BYTES);
    if (n > 0)
        memcpy(VARDATA(entry) + KEY_BYTES, name, n);
    return PointerGetDatum(entry);
}

void ekok_gin_begin(ekok_gin_search *search)
{
    ekok_heard_view(&search->asked, &search->asked_view);
    search->threshold = (float4)ekok_sound_threshold;
    search->undecided = false;
}

ekok_gin_verdict ekok_gin_hear(ekok_gin_search *search, const bytea *entry)
{
    char given[HELD_MAX * EKOK_NAME_UNPACKED];
    size_t n = VARSIZE_ANY_EXHDR(entry);
    ekok_name name;
    ekok_name_view view;

    if (n == KEY_BYTES || !ekok_name_unpack((const uint8_t *)VARDATA_ANY(entry) + KEY_BYTES, n - KEY_BYTES,
                                            given, sizeof given, &n)) {
        search->undecided = true;
        return EKOK_GIN_UNDECIDED;
    }
    if (!ekok_heard_parse((ekok_span){given, n}, &name))
        return EKOK_GIN_OTHER;
    ekok_heard_view(&name, &view);
    return ekok_heard_alike(&search->asked_view, &view, search->threshold) ? EKOK_GIN_ALIKE : EKOK_GIN_OTHER;
}

Datum gin_sound_name_extract_value(PG_FUNCTION_ARGS)
{
    int32 *count = (int32 *)PG_GETARG_POINTER(1);
    uint32_t hashes[EKOK_NAME_KEYS_MAX];
    uint8_t packed[HELD_MAX];
    size_t n = 0;
    const ekok_name *name = ekok_name_argument(fcinfo, 0);

    *count = name == NULL ? 0 : (int32)ekok_name_keys(name, hashes);
    if (*count == 0)
        PG_RETURN_POINTER(NULL);
    if (!ekok_name_pack(ekok_text_argument(fcinfo, 0), packed, sizeof packed, &n))
        n = 0;
    Datum *entries = palloc(*count * sizeof *entries);
    for (int32 i = 0; i < *count; i++)
        entries[i] = ekok_gin_entry(hashes[i], packed, n);
    PG_RETURN_POINTER(entries);
}

Datum gin_sound_name_extract_query(PG_FUNCTION_ARGS)
{
    int32 *count = (int32 *)PG_GETARG_POINTER(1);
    bool **partial = (bool **)PG_GETARG_POINTER(3);
    Pointer **extra = (Pointer **)PG_GETARG_POINTER(4);
    uint32_t hashes[EKOK_NAME_ASKED_MAX];

    *count = ekok_gin_asked(fcinfo, hashes);
    if (*count == 0)
        PG_RETURN_POINTER(NULL);
    ekok_gin_search *shared = palloc(sizeof *shared);
    shared->asked = *ekok_name_argument(fcinfo, 0);
    ekok_gin_begin(shared);
    Datum *entries = palloc(*count * sizeof *entries);
    *partial = palloc(*count * sizeof **partial);
    *extra = palloc(*count * sizeof **extra);
    for (int32 i = 0; i < *count; i++) {
        entries[i] = ekok_gin_entry(hashes[i], NULL, 0);
        (*partial)[i] = true;
        (*extra)[i] = (Pointer)shared;
    }
    PG_RETURN_POINTER(entries);
}

/* 1: past the names of this key, 0: a row's name is alike, -1: it is not. */
Datum gin_sound_name_partial(PG_FUNCTION_ARGS)
{
    const bytea *key = (const bytea *)PG_GETARG_POINTER(0);
    const bytea *held = (const bytea *)PG_GETARG_POINTER(1);
    ekok_gin_search *shared = (ekok_gin_search *)PG_GETARG_POINTER(3);

    if (memcmp(VARDATA_ANY(key), VARDATA_ANY(held), KEY_BYTES) != 0)
        PG_RETURN_INT32(1);
    PG_RETURN_INT32(ekok_gin_hear(shared, held) == EKOK_GIN_OTHER ? -1 : 0);
}

/* Whether rows are to be looked at again. All names under the keys have been read before any row is handed out. */
static bool is_undecided(int32 count, const Pointer *extra)
{
    return count == 0 ||
           ((const ekok_gin_search *)extra[0])->undecided; /* of no keys: the whole index was asked for */
}

Datum gin_sound_name_consistent(PG_FUNCTION_ARGS)
{
    const bool *found = (const bool *)PG_GETARG_POINTER(0);
    int32 count = PG_GETARG_INT32(3);
    bool *recheck = (bool *)PG_GETARG_POINTER(5);

    *recheck = is_undecided(count, (const Pointer *)PG_GETARG_POINTER(4));
    for (int32 i = 0; i < count; i++) {
        if (found[i])
            PG_RETURN_BOOL(true);
    }
    PG_RETURN_BOOL(count == 0);
}

Datum gin_sound_name_triconsistent(PG_FUNCTION_ARGS)
{
    const GinTernaryValue *found = (const GinTernaryValue *)PG_GETARG_POINTER(0);
    int32 count = PG_GETARG_INT32(3);
    bool undecided = is_undecided(count, (const Pointer *)PG_GETARG_POINTER(4));
    GinTernaryValue answer = count == 0 ? GIN_MAYBE : GIN_FALSE;

    for (int32 i = 0; i < count; i++) {
        if (found[i] == GIN_TRUE)
            PG_RETURN_GIN_TERNARY_VALUE(undecided ? GIN_MAYBE : GIN_TRUE);
        if (found[i] == GIN_MAYBE)
            answer = GIN_MAYBE;
    }
    PG_RETURN_GIN_TERNARY_VALUE(answer);
}
