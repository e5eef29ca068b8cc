/*
 * shape.c - see shape.h.
 */
#include "audit/shape.h"

#include "catalog/pg_type.h"
#include "utils/rel.h"

static const struct {
    const char *name;
    Oid type;
} shape[EKOK_ENTRY_COLUMNS] = {
    [EKOK_ENTRY_ID] = {"id", INT8OID},
    [EKOK_ENTRY_AT] = {"at", TIMESTAMPTZOID},
    [EKOK_ENTRY_XACT] = {"xact", XID8OID},
    [EKOK_ENTRY_ACTOR] = {"actor", NAMEOID},
    [EKOK_ENTRY_SOURCE] = {"source", TEXTOID},
    [EKOK_ENTRY_RUN_ID] = {"run_id", INT8OID},
    [EKOK_ENTRY_PAGE_SHA256] = {"page_sha256", BYTEAOID},
    [EKOK_ENTRY_PURPOSE] = {"purpose", TEXTOID},
    [EKOK_ENTRY_TABLE_NAME] = {"table_name", TEXTOID},
    [EKOK_ENTRY_OP] = {"op", TEXTOID},
    [EKOK_ENTRY_ROW_ID] = {"row_id", TEXTOID},
    [EKOK_ENTRY_OLD] = {"old", JSONOID},
    [EKOK_ENTRY_NEW] = {"new", JSONOID},
    [EKOK_ENTRY_SALT] = {"salt", BYTEAOID},
    [EKOK_ENTRY_COMMITMENT] = {"commitment", BYTEAOID},
};

bool ekok_shape_is_binary(TupleDesc trace, int column)
{
    return shape[column].type == JSONOID && TupleDescAttr(trace, column)->atttypid == JSONBOID;
}

void ekok_shape_check(Relation trace, bool fits)
{
    TupleDesc d = RelationGetDescr(trace);

    fits = fits && (d->natts == EKOK_ENTRY_COLUMNS || d->natts == EKOK_ENTRY_PLAIN_COLUMNS);
    for (int i = 0; fits && i < d->natts; i++)
        fits = !TupleDescAttr(d, i)->attisdropped &&
               (TupleDescAttr(d, i)->atttypid == shape[i].type || ekok_shape_is_binary(d, i)) &&
               strcmp(NameStr(TupleDescAttr(d, i)->attname), shape[i].name) == 0;
    if (!fits)
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("table \"%s\" is no table of audit entries", RelationGetRelationName(trace)),
                errhint("It needs the columns of audit.entry, in their order."));
}
