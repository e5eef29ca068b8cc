/*
 * target.c - opens the index of a sweep and its table, and refuses what could give a wrong or a leaking answer.
 *
 * The table is locked before the index, as everywhere in PostgreSQL. SELECT on the whole table is needed.
 * Row-level security is never skipped silently: where it would hide a row from the caller the sweep is refused,
 * because an index knows nothing of policies.
 */
#include "doubledip/target.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

static const char HINT_INDEX[] = "Name a btree index whose first column is of type ekok.evidence.";

static void refuse(int sqlstate, char *message, const char *hint) pg_attribute_noreturn();

static void refuse(int sqlstate, char *message, const char *hint)
{
    ereport(ERROR, errcode(sqlstate), errmsg_internal("%s", message), errhint("%s", hint));
}

static void check_relkind(Oid index)
{
    char *name = get_rel_name(index);

    if (name == NULL)
        refuse(ERRCODE_UNDEFINED_OBJECT, psprintf("no relation has OID %u", index), HINT_INDEX);
    if (get_rel_relkind(index) == RELKIND_PARTITIONED_INDEX)
        refuse(ERRCODE_WRONG_OBJECT_TYPE, psprintf("\"%s\" is a partitioned index", name),
               "Sweep the index of each partition; a person spread over partitions is not found that way.");
    if (get_rel_relkind(index) != RELKIND_INDEX)
        refuse(ERRCODE_WRONG_OBJECT_TYPE, psprintf("\"%s\" is not an index", name), HINT_INDEX);
}

static void check_caller(Oid table)
{
    if (pg_class_aclcheck(table, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
        refuse(ERRCODE_INSUFFICIENT_PRIVILEGE,
               psprintf("permission denied for table %s", get_rel_name(table)),
               "A sweep returns every row of the table that shares evidence: it needs SELECT on the table.");
    if (check_enable_rls(table, InvalidOid, true) == RLS_ENABLED)
        refuse(ERRCODE_INSUFFICIENT_PRIVILEGE,
               psprintf("row-level security of table %s applies to the caller", get_rel_name(table)),
               "An index knows no policies: sweep as a role that sees every row.");
}

/* The index must be complete, and every row version that our snapshot sees must be in it. */
static void check_usable(Relation index)
{
    Form_pg_index form = index->rd_index;
    TransactionId made;

    if (!form->indisvalid || !form->indisready || !form->indislive)
        refuse(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
               psprintf("index \"%s\" is not valid", RelationGetRelationName(index)),
               "Rebuild it with REINDEX INDEX.");
    if (RELATION_IS_OTHER_TEMP(index))
        refuse(ERRCODE_FEATURE_NOT_SUPPORTED,
               psprintf("index \"%s\" is on a temporary table of another session",
                        RelationGetRelationName(index)),
               "Sweep it in that session.");
    made = HeapTupleHeaderGetXmin(index->rd_indextuple->t_data);
    if (form->indcheckxmin && !TransactionIdPrecedes(made, TransactionXmin))
        refuse(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
               psprintf("index \"%s\" is too young for this snapshot", RelationGetRelationName(index)),
               "It was built while older row versions were in use: try again in a new transaction.");
}

/* btree, first column of type evidence, in the type's own order. */
static void check_kind(Relation index, Oid extension_schema)
{
    Oid evidence = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("evidence"),
                                   ObjectIdGetDatum(extension_schema));
    Oid usual;

    if (index->rd_rel->relam != BTREE_AM_OID)
        refuse(ERRCODE_WRONG_OBJECT_TYPE,
               psprintf("index \"%s\" is not a btree", RelationGetRelationName(index)), HINT_INDEX);
    if (!OidIsValid(evidence) || TupleDescAttr(RelationGetDescr(index), 0)->atttypid != evidence)
        refuse(ERRCODE_WRONG_OBJECT_TYPE,
               psprintf("the first column of index \"%s\" is not of type ekok.evidence",
                        RelationGetRelationName(index)),
               HINT_INDEX);
    usual = GetDefaultOpClass(evidence, BTREE_AM_OID);
    if (!OidIsValid(usual) || get_opclass_family(usual) != index->rd_opfamily[0])
        refuse(ERRCODE_WRONG_OBJECT_TYPE,
               psprintf("index \"%s\" uses an operator class of its own", RelationGetRelationName(index)),
               "Build it with the default operator class, ekok.evidence_ops.");
}

static sweep_target open_target(Oid index, Oid extension_schema, bool check)
{
    sweep_target target;
    Oid table;

    check_relkind(index);
    table = IndexGetRelation(index, false);
    if (check)
        check_caller(table);
    target.table = table_open(table, AccessShareLock);
    target.index = index_open(index, AccessShareLock);
    if (target.index->rd_index->indrelid != table)
        elog(ERROR, "index %u changed its table while it was opened", index);
    check_kind(target.index, extension_schema);
    check_usable(target.index);
    target.ascending =
        target.index->rd_indoption[0] & INDOPTION_DESC ? BackwardScanDirection : ForwardScanDirection;
    return target;
}

sweep_target sweep_target_open(Oid index, Oid extension_schema)
{
    return open_target(index, extension_schema, true);
}

sweep_target sweep_target_open_unchecked(Oid index, Oid extension_schema)
{
    return open_target(index, extension_schema, false);
}

static void range_bound(const sweep_target *target, StrategyNumber strategy, ScanKey bound)
{
    Oid type = TupleDescAttr(RelationGetDescr(target->index), 0)->atttypid;
    Oid comparison = get_opfamily_member(target->index->rd_opfamily[0], type, type, strategy);

    if (!OidIsValid(comparison))
        elog(ERROR, "operator family %u has no strategy %d", target->index->rd_opfamily[0], strategy);
    ScanKeyInit(bound, 1, strategy, get_opcode(comparison), (Datum)0);
}

void sweep_target_range(const sweep_target *target, ScanKeyData bound[EVIDENCE_RANGE])
{
    range_bound(target, BTGreaterEqualStrategyNumber, &bound[0]);
    range_bound(target, BTLessEqualStrategyNumber, &bound[1]);
}

void sweep_target_close(sweep_target *target)
{
    index_close(target->index, AccessShareLock);
    table_close(target->table, AccessShareLock);
}
