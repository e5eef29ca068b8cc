/*
 * index_range.c - see index_range.h.
 */
#include "type/index_range.h"

#include "access/stratnum.h"
#include "catalog/pg_am.h"
#include "catalog/pg_proc.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/*
 * function(value), of that name beside the function `beside`: a call, or its result where the value is constant. It is
 * looked up without regard to who asks: a reader of a view need not have the right to name what the view uses.
 */
static Node *call_beside(Oid beside, const char *function, Node *value)
{
    Oid type = exprType(value);

    if (function == NULL)
        return copyObject(value);
    Oid found = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(function),
                                PointerGetDatum(buildoidvector(&type, 1)),
                                ObjectIdGetDatum(get_func_namespace(beside)));
    if (!OidIsValid(found))
        return NULL;
    return eval_const_expressions(NULL, (Node *)makeFuncExpr(found, get_func_rettype(found),
                                                             list_make1(copyObject(value)), InvalidOid,
                                                             InvalidOid, COERCE_EXPLICIT_CALL));
}

/* column OP bound, by the operator of that strategy in the index's family; NULL when it has none. */
static Expr *bound_on(SupportRequestIndexCondition *request, Node *column, Node *bound,
                      StrategyNumber strategy)
{
    if (bound == NULL)
        return NULL;
    Oid comparison = get_opfamily_member(request->opfamily, exprType(column), exprType(bound), strategy);
    if (!OidIsValid(comparison))
        return NULL;
    return make_opclause(comparison, BOOLOID, false, (Expr *)copyObject(column), (Expr *)bound, InvalidOid,
                         InvalidOid);
}

static List *conditions(SupportRequestIndexCondition *request, const index_range *range)
{
    List *arguments = NIL;

    if (IsA(request->node, OpExpr))
        arguments = ((OpExpr *)request->node)->args;
    else if (IsA(request->node, FuncExpr))
        arguments = ((FuncExpr *)request->node)->args;
    if (list_length(arguments) != 2 || request->indexarg == range->outer ||
        request->index->relam != BTREE_AM_OID)
        return NIL;
    Node *column = list_nth(arguments, request->indexarg);
    Node *other = list_nth(arguments, 1 - request->indexarg);
    if (!is_pseudo_constant_for_index(request->root, other, request->index))
        return NIL;
    bool known = IsA(other, Const) || range->first_unknown == NULL;
    const char *first = known ? range->first : range->first_unknown;
    const char *last = known ? range->last : range->last_unknown;
    Expr *from =
        bound_on(request, column, call_beside(request->funcid, first, other), BTGreaterEqualStrategyNumber);
    Expr *to =
        bound_on(request, column, call_beside(request->funcid, last, other), BTLessEqualStrategyNumber);
    return from != NULL && to != NULL ? list_make2(from, to) : NIL;
}

List *ekok_index_range(Node *request, const index_range *range)
{
    List *found = NIL;

    if (IsA(request, SupportRequestIndexCondition)) {
        found = conditions((SupportRequestIndexCondition *)request, range);
        ((SupportRequestIndexCondition *)request)->lossy = found == NIL;
    }
    return found;
}
