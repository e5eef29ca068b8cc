/*
 * geocode.c - SQL type ekok.geocode beyond text_io.c and word.c: level, the places above, containment.
 */
#include "postgres.h"

#include "fmgr.h"

#include "identifier.h"

PG_FUNCTION_INFO_V1(geocode_level);
PG_FUNCTION_INFO_V1(geocode_parent);
PG_FUNCTION_INFO_V1(geocode_division);
PG_FUNCTION_INFO_V1(geocode_district);
PG_FUNCTION_INFO_V1(geocode_upazila);
PG_FUNCTION_INFO_V1(geocode_union);
PG_FUNCTION_INFO_V1(geocode_contains);
PG_FUNCTION_INFO_V1(geocode_contained);
PG_FUNCTION_INFO_V1(geocode_last);

static ekok_geocode geocode_argument(FunctionCallInfo fcinfo, int n)
{
    return (ekok_geocode){(uint64)PG_GETARG_INT64(n)};
}

/* The place of that level; NULL when the argument is above it. */
static Datum place_at(FunctionCallInfo fcinfo, int level)
{
    ekok_geocode place = {0};

    if (!ekok_geocode_at(geocode_argument(fcinfo, 0), level, &place))
        PG_RETURN_NULL();
    PG_RETURN_INT64((int64)place.bits);
}

Datum geocode_level(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(ekok_geocode_level(geocode_argument(fcinfo, 0)));
}

/* NULL for a division. */
Datum geocode_parent(PG_FUNCTION_ARGS)
{
    return place_at(fcinfo, ekok_geocode_level(geocode_argument(fcinfo, 0)) - 1);
}

Datum geocode_division(PG_FUNCTION_ARGS)
{
    return place_at(fcinfo, EKOK_GEOCODE_DIVISION);
}

Datum geocode_district(PG_FUNCTION_ARGS)
{
    return place_at(fcinfo, EKOK_GEOCODE_DISTRICT);
}

Datum geocode_upazila(PG_FUNCTION_ARGS)
{
    return place_at(fcinfo, EKOK_GEOCODE_UPAZILA);
}

Datum geocode_union(PG_FUNCTION_ARGS)
{
    return place_at(fcinfo, EKOK_GEOCODE_UNION);
}

Datum geocode_contains(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(ekok_geocode_contains(geocode_argument(fcinfo, 0), geocode_argument(fcinfo, 1)));
}

Datum geocode_contained(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(ekok_geocode_contains(geocode_argument(fcinfo, 1), geocode_argument(fcinfo, 0)));
}

Datum geocode_last(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64((int64)ekok_geocode_last(geocode_argument(fcinfo, 0)).bits);
}
