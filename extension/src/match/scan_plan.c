/*
 * scan_plan.c - when EkokSoundScan may take the place of a bitmap scan: where the planner has made a bitmap path
 * of one index of gin_sound_ops by one condition name ~% something, on a heap table, and that condition may be
 * tested before all others of the query. Its cost is that of the bitmap path, less what the scan saves.
 */
#include "scan.h"

#include "access/gin.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "gin.h"
#include "setting.h"

/* Of the bitmap's costs, as measured on a million names. */
static const double INDEX_SHARE = 0.3, HEAP_SHARE = 0.8;

static set_rel_pathlist_hook_type offered_before;

static Plan *plan_scan(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *targets, List *clauses,
                       List *plans);

static const CustomPathMethods path_methods = {.CustomName = "EkokSoundScan", .PlanCustomPath = plan_scan};

static bool is_of_names(const IndexOptInfo *index)
{
    Oid extract;
    FmgrInfo function;

    if (index->relam != GIN_AM_OID || index->ncolumns != 1 || index->hypothetical)
        return false;
    extract = get_opfamily_proc(index->opfamily[0], TEXTOID, TEXTOID, GIN_EXTRACTVALUE_PROC);
    if (!OidIsValid(extract))
        return false;
    fmgr_info(extract, &function);
    return function.fn_addr == gin_sound_name_extract_value;
}

/* The one condition of a bitmap path, or NULL where it is another kind of path. */
static RestrictInfo *condition_of(const RelOptInfo *rel, Path *path, BitmapHeapPath **bitmap)
{
    IndexPath *by;
    IndexClause *clause;

    if (!IsA(path, BitmapHeapPath) || !bms_equal(PATH_REQ_OUTER(path), rel->lateral_relids) ||
        path->parallel_workers > 0)
        return NULL;
    *bitmap = (BitmapHeapPath *)path;
    by = (IndexPath *)(*bitmap)->bitmapqual;
    if (!IsA(by, IndexPath) || list_length(by->indexclauses) != 1 || !is_of_names(by->indexinfo))
        return NULL;
    clause = linitial_node(IndexClause, by->indexclauses);
    if (clause->lossy || list_length(clause->indexquals) != 1 ||
        !list_member_ptr(rel->baserestrictinfo, clause->rinfo) || clause->rinfo->pseudoconstant ||
        !restriction_is_securely_promotable(clause->rinfo, (RelOptInfo *)rel))
        return NULL;
    return clause->rinfo;
}

/* Whether a query reads no column of the table, nor its rows' places, but by the condition: it counts. */
static bool is_without_columns(const RelOptInfo *rel, const RestrictInfo *condition)
{
    Bitmapset *columns = NULL;
    ListCell *cell;

    pull_varattnos((Node *)rel->reltarget->exprs, rel->relid, &columns);
    foreach (cell, rel->baserestrictinfo) {
        RestrictInfo *other = lfirst_node(RestrictInfo, cell);

        if (other != condition)
            pull_varattnos((Node *)other->clause, rel->relid, &columns);
    }
    return bms_is_empty(columns);
}

static bool is_heap(Oid table)
{
    Relation relation = table_open(table, NoLock);
    bool heap = relation->rd_tableam == GetHeapamTableAmRoutine();

    table_close(relation, NoLock);
    return heap;
}

static CustomPath *path_instead_of(const RelOptInfo *rel, BitmapHeapPath *bitmap, RestrictInfo *condition)
{
    IndexPath *by = (IndexPath *)bitmap->bitmapqual;
    bool without_columns = is_without_columns(rel, condition);
    double unseen = without_columns ? 1.0 - rel->allvisfrac : 1.0;
    Cost in_index = by->indextotalcost, in_heap = bitmap->path.total_cost - in_index;
    CustomPath *path = makeNode(CustomPath);

    path->path.pathtype = T_CustomScan;
    path->path.parent = (RelOptInfo *)rel;
    path->path.pathtarget = bitmap->path.pathtarget;
    path->path.param_info = bitmap->path.param_info;
    path->path.rows = bitmap->path.rows;
    path->path.startup_cost = in_index * INDEX_SHARE;
    path->path.total_cost = path->path.startup_cost + in_heap * HEAP_SHARE * unseen +
                            cpu_tuple_cost * bitmap->path.rows * (1.0 - unseen);
    path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
    path->custom_private = list_make3(by, condition, makeInteger(without_columns));
    path->methods = &path_methods;
    return path;
}

static void offer(PlannerInfo *root, RelOptInfo *rel, Index relation, RangeTblEntry *entry)
{
    List *offers = NIL;
    ListCell *cell;

    if (offered_before != NULL)
        offered_before(root, rel, relation, entry);
    if (!ekok_sound_scan || !enable_bitmapscan || entry->rtekind != RTE_RELATION ||
        entry->tablesample != NULL || rel->indexlist == NIL)
        return;
    foreach (cell, rel->pathlist) {
        BitmapHeapPath *bitmap;
        RestrictInfo *condition = condition_of(rel, (Path *)lfirst(cell), &bitmap);

        if (condition != NULL && is_heap(entry->relid))
            offers = lappend(offers, path_instead_of(rel, bitmap, condition));
    }
    foreach (cell, offers)
        add_path(rel, (Path *)lfirst(cell));
}

/* signature: PostgreSQL's, of every custom path. */
static Plan *plan_scan(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *targets, List *clauses,
                       List *plans)
{
    const IndexPath *by = (const IndexPath *)linitial(path->custom_private);
    RestrictInfo *condition = (RestrictInfo *)lsecond(path->custom_private);
    const IndexClause *clause = linitial_node(IndexClause, by->indexclauses);
    OpExpr *by_index = castNode(OpExpr, linitial_node(RestrictInfo, clause->indexquals)->clause);
    CustomScan *scan = makeNode(CustomScan);

    scan->scan.plan.targetlist = targets;
    scan->scan.plan.qual = extract_actual_clauses(list_delete_ptr(list_copy(clauses), condition), false);
    scan->scan.scanrelid = rel->relid;
    scan->flags = path->flags;
    scan->custom_exprs = list_make2(copyObject(lsecond(by_index->args)), copyObject(condition->clause));
    scan->custom_private =
        list_make2(makeInteger((int)by->indexinfo->indexoid), lthird(path->custom_private));
    scan->methods = &ekok_scan_methods;
    return &scan->scan.plan;
}

void ekok_scan_offer(void)
{
    offered_before = set_rel_pathlist_hook;
    set_rel_pathlist_hook = offer;
    RegisterCustomScanMethods(&ekok_scan_methods);
}
