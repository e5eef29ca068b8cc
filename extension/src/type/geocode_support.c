/*
 * geocode_support.c - tells the planner that `column <@ place` and `place @> column` are one range of a btree
 * index: column >= place AND column <= geocode_last(place).
 */
#include "postgres.h"

#include "fmgr.h"

#include "type/index_range.h"

PG_FUNCTION_INFO_V1(geocode_contains_support);
PG_FUNCTION_INFO_V1(geocode_contained_support);

Datum geocode_contains_support(PG_FUNCTION_ARGS)
{
    static const index_range contained = {.last = "geocode_last", .outer = 0};

    PG_RETURN_POINTER(ekok_index_range((Node *)PG_GETARG_POINTER(0), &contained));
}

Datum geocode_contained_support(PG_FUNCTION_ARGS)
{
    static const index_range contained = {.last = "geocode_last", .outer = 1};

    PG_RETURN_POINTER(ekok_index_range((Node *)PG_GETARG_POINTER(0), &contained));
}
