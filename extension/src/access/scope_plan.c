/*
 * scope_plan.c - what the planner is told of ekok.sees, ekok.ranged_by and ekok.sees_all: how many rows the scope
 * of this session holds, told from the column's statistics as of the same conditions written by hand, and which ranges
 * of an index can hold them. The ranges are wider than the scope or equal, so the function is asked of each row all the
 * same; they are asked for when the scan begins, so a plan that is kept serves a scope that has changed since.
 */
#include "postgres.h"

#include "access/scope.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "access/stratnum.h"

PG_FUNCTION_INFO_V1(sees_support);
PG_FUNCTION_INFO_V1(ranged_by_support);
PG_FUNCTION_INFO_V1(sees_all_support);

static Expr *compare(Node *column, int strategy, Expr *with, Oid collation)
{
    Oid operator= get_opfamily_member(TEXT_BTREE_FAM_OID, TEXTOID, TEXTOID, strategy);

    return make_opclause(operator, BOOLOID, false, (Expr *)column, with, InvalidOid, collation);
}

/* column = ANY (programmes) */
static Expr *is_one_of(Node *column, Expr *programmes, Oid collation)
{
    ScalarArrayOpExpr *any = makeNode(ScalarArrayOpExpr);

    any->opno = get_opfamily_member(TEXT_BTREE_FAM_OID, TEXTOID, TEXTOID, BTEqualStrategyNumber);
    any->opfuncid = get_opcode(any->opno);
    any->useOr = true;
    any->inputcollid = collation;
    any->args = list_make2(column, programmes);
    any->location = -1;
    return (Expr *)any;
}

/* A call of the function of that name beside the one that is planned for, whoever asks. */
static Expr *ask(Oid beside, const char *name, Oid type, Oid collation)
{
    Oid function = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
                                   PointerGetDatum(buildoidvector(NULL, 0)),
                                   ObjectIdGetDatum(get_func_namespace(beside)));

    if (!OidIsValid(function))
        elog(ERROR, "function %s is missing beside ekok.sees", name);
    return (Expr *)makeFuncExpr(function, type, NIL, collation, InvalidOid, COERCE_EXPLICIT_CALL);
}

static Expr *text_constant(Datum value, Oid type, Oid collation)
{
    return (Expr *)makeConst(type, -1, collation, -1, value, false, false);
}

/* The share of the rows within the scope; whether all are. */
static double share_of(SupportRequestSelectivity *asked, const ekok_scope *scope)
{
    Node *code = linitial(asked->args), *where = lsecond(asked->args);
    Oid collation = exprCollation(code);
    Datum low, high;
    List *conditions;

    if (ekok_scope_all(scope))
        return 1.0;
    conditions = list_make1(
        is_one_of(code, text_constant(ekok_scope_programmes(scope), TEXTARRAYOID, collation), collation));
    if (ekok_scope_places(scope, &low, &high)) {
        conditions = lappend(conditions, compare(where, BTGreaterEqualStrategyNumber,
                                                 text_constant(low, TEXTOID, collation), collation));
        conditions = lappend(conditions, compare(where, BTLessStrategyNumber,
                                                 text_constant(high, TEXTOID, collation), collation));
    }
    return clauselist_selectivity(asked->root, conditions, asked->varRelid, asked->jointype, asked->sjinfo);
}

/* Makes the plan depend on the table of scopes. */
static const ekok_scope *lean_on(PlannerInfo *root)
{
    const ekok_scope *scope = ekok_scope_now();

    root->glob->relationOids = list_append_unique_oid(root->glob->relationOids, ekok_scope_table(scope));
    return scope;
}

static List *programme_range(SupportRequestIndexCondition *asked)
{
    FuncExpr *call = (FuncExpr *)asked->node;

    return list_make1(is_one_of(linitial(call->args),
                                ask(asked->funcid, "scope_programmes", TEXTARRAYOID, DEFAULT_COLLATION_OID),
                                asked->indexcollation));
}

static List *place_range(SupportRequestIndexCondition *asked)
{
    Node *where = lsecond(((FuncExpr *)asked->node)->args);

    return list_make2(
        compare(where, BTGreaterEqualStrategyNumber,
                ask(asked->funcid, "scope_low", TEXTOID, DEFAULT_COLLATION_OID), asked->indexcollation),
        compare(where, BTLessStrategyNumber, ask(asked->funcid, "scope_high", TEXTOID, DEFAULT_COLLATION_OID),
                asked->indexcollation));
}

/* An index has one range for each condition: the place's where there are bounds, the programme's otherwise. */
Datum sees_support(PG_FUNCTION_ARGS)
{
    Node *request = (Node *)PG_GETARG_POINTER(0);

    if (IsA(request, SupportRequestSelectivity) && !((SupportRequestSelectivity *)request)->is_join) {
        SupportRequestSelectivity *asked = (SupportRequestSelectivity *)request;

        asked->selectivity = share_of(asked, lean_on(asked->root));
        PG_RETURN_POINTER(asked);
    }
    if (IsA(request, SupportRequestIndexCondition)) {
        SupportRequestIndexCondition *asked = (SupportRequestIndexCondition *)request;
        const ekok_scope *scope = lean_on(asked->root);
        Datum low, high;
        int answers = ekok_scope_places(scope, &low, &high) ? 1 : 0;

        if (asked->opfamily == TEXT_BTREE_FAM_OID && asked->indexarg == answers && !ekok_scope_all(scope))
            PG_RETURN_POINTER(answers == 1 ? place_range(asked) : programme_range(asked));
    }
    PG_RETURN_POINTER(NULL);
}

/* True of every row: stands beside ekok.sees and gives an index the range that this has no room for. */
Datum ranged_by_support(PG_FUNCTION_ARGS)
{
    Node *request = (Node *)PG_GETARG_POINTER(0);

    if (IsA(request, SupportRequestSelectivity)) {
        ((SupportRequestSelectivity *)request)->selectivity = 1.0;
        PG_RETURN_POINTER(request);
    }
    if (IsA(request, SupportRequestIndexCondition)) {
        SupportRequestIndexCondition *asked = (SupportRequestIndexCondition *)request;

        if (asked->opfamily == TEXT_BTREE_FAM_OID && !ekok_scope_all(lean_on(asked->root)))
            PG_RETURN_POINTER(programme_range(asked));
    }
    PG_RETURN_POINTER(NULL);
}

Datum sees_all_support(PG_FUNCTION_ARGS)
{
    Node *request = (Node *)PG_GETARG_POINTER(0);

    if (!IsA(request, SupportRequestSelectivity))
        PG_RETURN_POINTER(NULL);
    ((SupportRequestSelectivity *)request)->selectivity =
        ekok_scope_all(lean_on(((SupportRequestSelectivity *)request)->root)) ? 1.0 : 0.0;
    PG_RETURN_POINTER(request);
}
