/*
 * brn.c - SQL type ekok.brn beyond text_io.c: what a registration tells, and its comparison, which takes a number
 * converted from 16 digits and the same number of 17 digits for equal.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"

#include "kind.h"

PG_FUNCTION_INFO_V1(brn_lt);
PG_FUNCTION_INFO_V1(brn_le);
PG_FUNCTION_INFO_V1(brn_eq);
PG_FUNCTION_INFO_V1(brn_ne);
PG_FUNCTION_INFO_V1(brn_ge);
PG_FUNCTION_INFO_V1(brn_gt);
PG_FUNCTION_INFO_V1(brn_cmp);
PG_FUNCTION_INFO_V1(brn_sortsupport);
PG_FUNCTION_INFO_V1(brn_equalimage);
PG_FUNCTION_INFO_V1(brn_hash);
PG_FUNCTION_INFO_V1(brn_hash_extended);
PG_FUNCTION_INFO_V1(brn_smaller);
PG_FUNCTION_INFO_V1(brn_larger);
PG_FUNCTION_INFO_V1(brn_was_converted);
PG_FUNCTION_INFO_V1(brn_birth_year);
PG_FUNCTION_INFO_V1(brn_district);
PG_FUNCTION_INFO_V1(brn_rmo);
PG_FUNCTION_INFO_V1(brn_upazila);
PG_FUNCTION_INFO_V1(brn_union);
PG_FUNCTION_INFO_V1(brn_serial);

static ekok_brn brn_argument(FunctionCallInfo fcinfo, int n)
{
    return (ekok_brn){(uint64)PG_GETARG_INT64(n)};
}

static int compare(Datum a, Datum b, SortSupport sort)
{
    return ekok_brn_compare((ekok_brn){(uint64)DatumGetInt64(a)}, (ekok_brn){(uint64)DatumGetInt64(b)});
}

static int compare_arguments(FunctionCallInfo fcinfo)
{
    return ekok_brn_compare(brn_argument(fcinfo, 0), brn_argument(fcinfo, 1));
}

Datum brn_lt(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(compare_arguments(fcinfo) < 0);
}

Datum brn_le(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(compare_arguments(fcinfo) <= 0);
}

Datum brn_eq(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(compare_arguments(fcinfo) == 0);
}

Datum brn_ne(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(compare_arguments(fcinfo) != 0);
}

Datum brn_ge(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(compare_arguments(fcinfo) >= 0);
}

Datum brn_gt(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(compare_arguments(fcinfo) > 0);
}

Datum brn_cmp(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(compare_arguments(fcinfo));
}

Datum brn_sortsupport(PG_FUNCTION_ARGS)
{
    ((SortSupport)PG_GETARG_POINTER(0))->comparator = compare;
    PG_RETURN_VOID();
}

/* Equal values may differ in the mark of conversion, so an index must keep each: no deduplication. */
Datum brn_equalimage(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(false);
}

static uint64 hashed_word(FunctionCallInfo fcinfo)
{
    return brn_argument(fcinfo, 0).bits & ~ekok_kind_of(EKOK_KIND_BRN)->mark;
}

Datum brn_hash(PG_FUNCTION_ARGS)
{
    uint64 word = hashed_word(fcinfo);

    PG_RETURN_UINT32(hash_bytes((const unsigned char *)&word, sizeof word));
}

Datum brn_hash_extended(PG_FUNCTION_ARGS)
{
    uint64 word = hashed_word(fcinfo);

    PG_RETURN_UINT64(
        hash_bytes_extended((const unsigned char *)&word, sizeof word, (uint64)PG_GETARG_INT64(1)));
}

Datum brn_smaller(PG_FUNCTION_ARGS)
{
    PG_RETURN_DATUM(PG_GETARG_DATUM(compare_arguments(fcinfo) <= 0 ? 0 : 1));
}

Datum brn_larger(PG_FUNCTION_ARGS)
{
    PG_RETURN_DATUM(PG_GETARG_DATUM(compare_arguments(fcinfo) >= 0 ? 0 : 1));
}

Datum brn_was_converted(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(ekok_brn_was_converted(brn_argument(fcinfo, 0)));
}

Datum brn_birth_year(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(ekok_brn_birth_year(brn_argument(fcinfo, 0)));
}

/* One member of ekok_origin, given by its offset. */
static Datum origin_part(FunctionCallInfo fcinfo, size_t member)
{
    ekok_origin origin = ekok_brn_origin(brn_argument(fcinfo, 0));

    PG_RETURN_TEXT_P(cstring_to_text((const char *)&origin + member));
}

Datum brn_district(PG_FUNCTION_ARGS)
{
    return origin_part(fcinfo, offsetof(ekok_origin, district));
}

Datum brn_rmo(PG_FUNCTION_ARGS)
{
    return origin_part(fcinfo, offsetof(ekok_origin, rmo));
}

Datum brn_upazila(PG_FUNCTION_ARGS)
{
    return origin_part(fcinfo, offsetof(ekok_origin, upazila));
}

Datum brn_union(PG_FUNCTION_ARGS)
{
    return origin_part(fcinfo, offsetof(ekok_origin, union_or_ward));
}

Datum brn_serial(PG_FUNCTION_ARGS)
{
    return origin_part(fcinfo, offsetof(ekok_origin, serial));
}
