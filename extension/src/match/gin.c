/*
 * gin.c - operator class gin_sound_key_ops: name ~% name by the keys of ekok_name_keys. A row that holds any key of
 * ekok_name_keys_asked is a candidate; the operator itself decides, so answers are those of a sequential scan but for
 * the few pairs that share no key. At a threshold below EKOK_NAME_ASKED_LEAST these would be many: then the whole index
 * is a candidate, which the planner knows and avoids. A text that is no name has no keys: it is similar to nothing.
 */
#include "gin.h"

#include "access/gin.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"

#include "argument.h"
#include "setting.h"

PG_FUNCTION_INFO_V1(gin_sound_extract_value);
PG_FUNCTION_INFO_V1(gin_sound_extract_query);
PG_FUNCTION_INFO_V1(gin_sound_consistent);
PG_FUNCTION_INFO_V1(gin_sound_triconsistent);
PG_FUNCTION_INFO_V1(sound_index_keys);

static Datum *datums_of(const uint32_t *hashes, size_t count)
{
    Datum *keys = palloc(count * sizeof *keys);

    for (size_t i = 0; i < count; i++)
        keys[i] = Int32GetDatum((int32)hashes[i]);
    return keys;
}

Datum gin_sound_extract_value(PG_FUNCTION_ARGS)
{
    int32 *count = (int32 *)PG_GETARG_POINTER(1);
    uint32_t hashes[EKOK_NAME_KEYS_MAX];
    const ekok_name *name = ekok_name_argument(fcinfo, 0);

    *count = name == NULL ? 0 : (int32)ekok_name_keys(name, hashes);
    PG_RETURN_POINTER(*count == 0 ? NULL : datums_of(hashes, *count));
}

/* Without keys nothing is found, which GIN_SEARCH_MODE_DEFAULT says already. */
int32 ekok_gin_asked(FunctionCallInfo fcinfo, uint32_t hashes[EKOK_NAME_ASKED_MAX])
{
    int32 *mode = (int32 *)PG_GETARG_POINTER(6);
    const ekok_name *name = ekok_name_argument(fcinfo, 0);
    float threshold = (float)ekok_sound_threshold;

    if (name == NULL || name->tokens == 0)
        return 0;
    if (threshold < EKOK_NAME_ASKED_LEAST) {
        *mode = GIN_SEARCH_MODE_ALL;
        return 0;
    }
    return (int32)ekok_name_keys_asked(name, threshold, hashes);
}

Datum gin_sound_extract_query(PG_FUNCTION_ARGS)
{
    int32 *count = (int32 *)PG_GETARG_POINTER(1);
    uint32_t hashes[EKOK_NAME_ASKED_MAX];

    *count = ekok_gin_asked(fcinfo, hashes);
    PG_RETURN_POINTER(*count == 0 ? NULL : datums_of(hashes, *count));
}

Datum gin_sound_consistent(PG_FUNCTION_ARGS)
{
    const bool *found = (const bool *)PG_GETARG_POINTER(0);
    int32 count = PG_GETARG_INT32(3);
    bool *recheck = (bool *)PG_GETARG_POINTER(5);

    *recheck = true;
    if (count == 0) /* the whole index was asked for */
        PG_RETURN_BOOL(true);
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

    if (count == 0)
        PG_RETURN_GIN_TERNARY_VALUE(GIN_MAYBE);
    for (int32 i = 0; i < count; i++) {
        if (found[i] != GIN_FALSE)
            PG_RETURN_GIN_TERNARY_VALUE(GIN_MAYBE);
    }
    PG_RETURN_GIN_TERNARY_VALUE(GIN_FALSE);
}

Datum sound_index_keys(PG_FUNCTION_ARGS)
{
    uint32_t hashes[EKOK_NAME_KEYS_MAX];
    const ekok_name *name = ekok_name_argument(fcinfo, 0);
    size_t count = name == NULL ? 0 : ekok_name_keys(name, hashes);

    if (count == 0)
        PG_RETURN_NULL();
    PG_RETURN_ARRAYTYPE_P(
        construct_array(datums_of(hashes, count), (int)count, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}
