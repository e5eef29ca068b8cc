/*
 * geocode_support.c - tells the planner that `column <@ place` and `place @> column` are one range of a btree
 * index: column >= place AND column <= geocode_last(place). The range is exact, so nothing is rechecked. The place
 * may be a constant, a parameter or any expression without the indexed table.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_am.h"
#include "catalog/pg_proc.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "identifier.h"

PG_FUNCTION_INFO_V1(geocode_contains_support);
PG_FUNCTION_INFO_V1(geocode_contained_support);

/*
 * geocode_last of the place: computed where the place is known, else a call of the function beside `beside`. That is
 * looked up without regard to who asks: a reader of a view need not have the right to name what the view uses.
 */
static Expr *last_of(Node *place, Oid beside)
{
    if (IsA(place, Const)) {
        Const *last = copyObject((Const *)place);
        if (!last->constisnull)
            last->constvalue = Int64GetDatum(
                (int64)ekok_geocode_last((ekok_geocode){(uint64)DatumGetInt64(last->constvalue)}).bits);
        return (Expr *)last;
    }
    Oid type = exprType(place);
    Oid last = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("geocode_last"),
                               PointerGetDatum(buildoidvector(&type, 1)),
                               ObjectIdGetDatum(get_func_namespace(beside)));
    if (!OidIsValid(last))
        return NULL;
    return (Expr *)makeFuncExpr(last, type, list_make1(copyObject(place)), InvalidOid, InvalidOid,
                                COERCE_EXPLICIT_CALL);
}

/* column OP bound, by the operator of that strategy in the index's family; NULL when it has none. */
static Expr *bound_on(SupportRequestIndexCondition *request, Node *column, Expr *bound,
                      StrategyNumber strategy)
{
    Oid type = exprType(column);
    Oid comparison = get_opfamily_member(request->opfamily, type, type, strategy);

    if (bound == NULL || !OidIsValid(comparison))
        return NULL;
    return make_opclause(comparison, BOOLOID, false, (Expr *)copyObject(column), bound, InvalidOid,
                         InvalidOid);
}

/* The two conditions on the index, or NULL when there is nothing to gain. `outer` is the containing argument. */
static List *range_of(SupportRequestIndexCondition *request, int outer)
{
    List *arguments = NIL;

    if (IsA(request->node, OpExpr))
        arguments = ((OpExpr *)request->node)->args;
    else if (IsA(request->node, FuncExpr))
        arguments = ((FuncExpr *)request->node)->args;
    if (list_length(arguments) != 2 || request->indexarg == outer || request->index->relam != BTREE_AM_OID)
        return NIL;
    Node *column = list_nth(arguments, 1 - outer);
    Node *place = list_nth(arguments, outer);
    if (!is_pseudo_constant_for_index(request->root, place, request->index))
        return NIL;
    Expr *from = bound_on(request, column, (Expr *)copyObject(place), BTGreaterEqualStrategyNumber);
    Expr *to = bound_on(request, column, last_of(place, request->funcid), BTLessEqualStrategyNumber);
    return from != NULL && to != NULL ? list_make2(from, to) : NIL;
}

static Datum support(FunctionCallInfo fcinfo, int outer)
{
    Node *request = (Node *)PG_GETARG_POINTER(0);
    List *range = NIL;

    if (IsA(request, SupportRequestIndexCondition)) {
        range = range_of((SupportRequestIndexCondition *)request, outer);
        ((SupportRequestIndexCondition *)request)->lossy = range == NIL;
    }
    PG_RETURN_POINTER(range);
}

Datum geocode_contains_support(PG_FUNCTION_ARGS)
{
    return support(fcinfo, 0);
}

Datum geocode_contained_support(PG_FUNCTION_ARGS)
{
    return support(fcinfo, 1);
}
