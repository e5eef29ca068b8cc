/*
 * evidence_support.c - tells the planner that `column ~ other` and `other ~ column` are one range of a btree index:
 * column >= evidence_first(other) AND column <= evidence_last(other). Of a value that it can't know, a parameter of a
 * generic plan or another table's column, it is told by a type of bounds, whose comparisons are estimated here as what
 * they are together: the rows of one key.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/selfuncs.h"

#include "type/index_range.h"

PG_FUNCTION_INFO_V1(evidence_same_support);
PG_FUNCTION_INFO_V1(evidence_from_sel);
PG_FUNCTION_INFO_V1(evidence_to_sel);

Datum evidence_same_support(PG_FUNCTION_ARGS)
{
    static const index_range same = {"evidence_first", "evidence_last", "evidence_first_bound",
                                     "evidence_last_bound", EITHER_ARGUMENT};

    PG_RETURN_POINTER(ekok_index_range((Node *)PG_GETARG_POINTER(0), &same));
}

Datum evidence_from_sel(PG_FUNCTION_ARGS)
{
    PlannerInfo *root = (PlannerInfo *)PG_GETARG_POINTER(0);
    List *arguments = (List *)PG_GETARG_POINTER(2);
    VariableStatData column;
    Node *other;
    bool column_first;

    if (!get_restriction_variable(root, arguments, PG_GETARG_INT32(3), &column, &other, &column_first))
        PG_RETURN_FLOAT8(DEFAULT_EQ_SEL);
    double share = var_eq_non_const(&column, PG_GETARG_OID(1), InvalidOid, other, column_first, false);
    ReleaseVariableStats(column);
    PG_RETURN_FLOAT8(share);
}

Datum evidence_to_sel(PG_FUNCTION_ARGS)
{
    PG_RETURN_FLOAT8(1.0);
}
