/*
 * evidence_support.c - tells the planner that `column ~ other` and `other ~ column` are one range of a btree index:
 * column >= evidence_first(other) AND column <= evidence_last(other).
 */
#include "postgres.h"

#include "fmgr.h"

#include "type/index_range.h"

PG_FUNCTION_INFO_V1(evidence_same_support);

Datum evidence_same_support(PG_FUNCTION_ARGS)
{
    static const index_range same = {"evidence_first", "evidence_last", EITHER_ARGUMENT};

    PG_RETURN_POINTER(ekok_index_range((Node *)PG_GETARG_POINTER(0), &same));
}
