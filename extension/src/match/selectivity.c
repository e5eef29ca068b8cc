/*
 * selectivity.c - how many rows the planner expects of name ~% name: where the name is known, the share of the column's
 * statistics that it matches; else a constant. Both are small, so that an index is taken where there is one.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/selfuncs.h"

PG_FUNCTION_INFO_V1(sound_sel);
PG_FUNCTION_INFO_V1(sound_joinsel);

/* Shares of a registry of full names, assumed: few names are alike, and too many rows expected would cost the index. */
static const double UNKNOWN_NAME = 0.0005;
static const double TWO_COLUMNS = 0.0001;

Datum sound_sel(PG_FUNCTION_ARGS)
{
    PlannerInfo *root = (PlannerInfo *)PG_GETARG_POINTER(0);
    List *arguments = (List *)PG_GETARG_POINTER(2);

    PG_RETURN_FLOAT8(generic_restriction_selectivity(root, PG_GETARG_OID(1), PG_GET_COLLATION(), arguments,
                                                     PG_GETARG_INT32(3), UNKNOWN_NAME));
}

Datum sound_joinsel(PG_FUNCTION_ARGS)
{
    PG_RETURN_FLOAT8(TWO_COLUMNS);
}
