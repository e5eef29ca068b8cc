/*
 * gin.c - operator class gin_sound_ops: name ~% name by the keys of ekok_name_keys. A row that shares any key with the
 * name asked for is a candidate; the operator itself decides, so answers are those of a sequential scan but for
 * pairs that share no key (see name.h). A text that is no name has no keys: it is similar to nothing.
 */
#include "postgres.h"

#include "access/gin.h"
#include "fmgr.h"

#include "argument.h"

PG_FUNCTION_INFO_V1(gin_sound_extract_value);
PG_FUNCTION_INFO_V1(gin_sound_extract_query);
PG_FUNCTION_INFO_V1(gin_sound_consistent);
PG_FUNCTION_INFO_V1(gin_sound_triconsistent);

/* The keys of the name in argument 0; NULL when it has none. */
static Datum *keys_of(FunctionCallInfo fcinfo, int32 *count)
{
    uint32_t hashes[EKOK_NAME_KEYS_MAX];
    const ekok_name *name = ekok_name_argument(fcinfo, 0);

    *count = name == NULL ? 0 : (int32)ekok_name_keys(name, hashes);
    if (*count == 0)
        return NULL;
    Datum *keys = palloc(*count * sizeof *keys);
    for (int32 i = 0; i < *count; i++)
        keys[i] = Int32GetDatum((int32)hashes[i]);
    return keys;
}

Datum gin_sound_extract_value(PG_FUNCTION_ARGS)
{
    PG_RETURN_POINTER(keys_of(fcinfo, (int32 *)PG_GETARG_POINTER(1)));
}

/* Without keys nothing is found, which GIN_SEARCH_MODE_DEFAULT says already. */
Datum gin_sound_extract_query(PG_FUNCTION_ARGS)
{
    PG_RETURN_POINTER(keys_of(fcinfo, (int32 *)PG_GETARG_POINTER(1)));
}

Datum gin_sound_consistent(PG_FUNCTION_ARGS)
{
    const bool *found = (const bool *)PG_GETARG_POINTER(0);
    int32 count = PG_GETARG_INT32(3);
    bool *recheck = (bool *)PG_GETARG_POINTER(5);

    *recheck = true;
    for (int32 i = 0; i < count; i++) {
        if (found[i])
            PG_RETURN_BOOL(true);
    }
    PG_RETURN_BOOL(false);
}

Datum gin_sound_triconsistent(PG_FUNCTION_ARGS)
{
    const GinTernaryValue *found = (const GinTernaryValue *)PG_GETARG_POINTER(0);
    int32 count = PG_GETARG_INT32(3);

    for (int32 i = 0; i < count; i++) {
        if (found[i] != GIN_FALSE)
            PG_RETURN_GIN_TERNARY_VALUE(GIN_MAYBE);
    }
    PG_RETURN_GIN_TERNARY_VALUE(GIN_FALSE);
}
