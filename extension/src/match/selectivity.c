/*
 * selectivity.c - how many rows the planner expects of name ~% name: the share of those of the column's most
 * common names that sound alike, and a small constant share of all others. A histogram of a hundred names says
 * nothing of a name that one row in a thousand holds, so it is not read.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_statistic.h"
#include "fmgr.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "name.h"
#include "setting.h"

PG_FUNCTION_INFO_V1(sound_sel);
PG_FUNCTION_INFO_V1(sound_joinsel);

/* Shares of a registry of full names, measured on synthetic ones: few are alike, more where less is asked. */
static const double OTHER_NAMES = 0.0002;
static const double OTHER_NAMES_LOOSELY = 0.002;
static const double UNKNOWN_NAME = 0.0005;
static const double TWO_COLUMNS = 0.0001;

static double share_of(VariableStatData *column, Oid function, Oid collation, Datum name)
{
    FmgrInfo alike;
    double common = 0;
    double others = ekok_sound_threshold < EKOK_NAME_ASKED_LEAST ? OTHER_NAMES_LOOSELY : OTHER_NAMES;
    double nulls = 0;

    if (HeapTupleIsValid(column->statsTuple))
        nulls = ((Form_pg_statistic)GETSTRUCT(column->statsTuple))->stanullfrac;
    fmgr_info(function, &alike);
    double known = mcv_selectivity(column, &alike, collation, name, true, &common);
    double share = known + others * (1.0 - common - nulls);
    CLAMP_PROBABILITY(share);
    return share;
}

Datum sound_sel(PG_FUNCTION_ARGS)
{
    PlannerInfo *root = (PlannerInfo *)PG_GETARG_POINTER(0);
    List *arguments = (List *)PG_GETARG_POINTER(2);
    VariableStatData column;
    Node *other;
    bool column_first;

    if (!get_restriction_variable(root, arguments, PG_GETARG_INT32(3), &column, &other, &column_first))
        PG_RETURN_FLOAT8(UNKNOWN_NAME);
    double share = UNKNOWN_NAME;
    if (IsA(other, Const))
        share = ((Const *)other)->constisnull ? 0.0
                                              : share_of(&column, get_opcode(PG_GETARG_OID(1)),
                                                         PG_GET_COLLATION(), ((Const *)other)->constvalue);
    ReleaseVariableStats(column);
    PG_RETURN_FLOAT8(share);
}

Datum sound_joinsel(PG_FUNCTION_ARGS)
{
    PG_RETURN_FLOAT8(TWO_COLUMNS);
}
