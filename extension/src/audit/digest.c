/*
 * digest.c - ekok.table_digest(table, secret): all rows of a table in one number that does not depend on their order,
 * so that whoever follows the audit entries can hold the table against them without sorting either. Each row adds the
 * number that core/row_mac.h makes of its name and image, which are those of its entry. Worth something only with a
 * secret of 16 bytes that nobody could know when the rows were written. Refuses a table
 * that the caller may not read whole.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "audit/image.h"
#include "row_mac.h"

PG_FUNCTION_INFO_V1(table_digest);

enum { SUM_BYTES = 16 };

typedef struct {
    ekok_image_writer *writer;
    const uint8 *secret;
    StringInfoData text; /* name and image of the row under way */
    ekok_row_number sum;
    int64 rows;
} digest;

static ekok_image_writer *writer_of(Relation table)
{
    AttrNumber key[INDEX_MAX_KEYS];
    int n = 0;

    (void)RelationGetIndexList(table); /* finds the primary key */
    if (!OidIsValid(table->rd_pkindex))
        ereport(ERROR, errcode(ERRCODE_INVALID_TABLE_DEFINITION),
                errmsg("table \"%s\" has no primary key", RelationGetRelationName(table)),
                errhint("An audit entry names its row by the primary key."));
    Relation index = index_open(table->rd_pkindex, AccessShareLock);
    for (; n < index->rd_index->indnkeyatts; n++)
        key[n] = index->rd_index->indkey.values[n];
    index_close(index, AccessShareLock);
    return ekok_image_writer_of(RelationGetDescr(table), key, n);
}

static void check_table(Relation table)
{
    if (table->rd_rel->relkind != RELKIND_RELATION)
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("\"%s\" is not a plain table", RelationGetRelationName(table)));
    AclResult may = pg_class_aclcheck(RelationGetRelid(table), GetUserId(), ACL_SELECT);
    if (may != ACLCHECK_OK)
        aclcheck_error(may, OBJECT_TABLE, RelationGetRelationName(table));
    if (check_enable_rls(RelationGetRelid(table), InvalidOid, true) == RLS_ENABLED)
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("row-level security hides rows of table \"%s\"", RelationGetRelationName(table)));
}

static void add_row(digest *d, TupleTableSlot *row)
{
    StringInfo room = &d->text;

    resetStringInfo(room);
    ekok_row_name_write(d->writer, row, room);
    const size_t name = (size_t)room->len;
    ekok_image_write(d->writer, row, room);
    ekok_row_add(&d->sum, ekok_row_mac(d->secret, (ekok_span){room->data, name},
                                       (ekok_span){room->data + name, (size_t)room->len - name}));
    d->rows++;
}

static void add_rows(digest *d, Relation table)
{
    TableScanDesc scan = table_beginscan(table, GetActiveSnapshot(), 0, NULL);
    TupleTableSlot *row = table_slot_create(table, NULL);
    MemoryContext of_row = AllocSetContextCreate(CurrentMemoryContext, "ekok row", ALLOCSET_DEFAULT_SIZES);

    while (table_scan_getnextslot(scan, ForwardScanDirection, row)) {
        MemoryContext before = MemoryContextSwitchTo(of_row);

        CHECK_FOR_INTERRUPTS();
        add_row(d, row);
        MemoryContextSwitchTo(before);
        MemoryContextReset(of_row);
    }
    MemoryContextDelete(of_row);
    ExecDropSingleTupleTableSlot(row);
    table_endscan(scan);
}

static Datum result_of(FunctionCallInfo fcinfo, const digest *d)
{
    TupleDesc shape;
    bytea *sum = palloc(VARHDRSZ + SUM_BYTES);
    uint64 high = pg_hton64(d->sum.high), low = pg_hton64(d->sum.low);

    if (get_call_result_type(fcinfo, NULL, &shape) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "table_digest returns a row");
    SET_VARSIZE(sum, VARHDRSZ + SUM_BYTES);
    memcpy(VARDATA(sum), &high, sizeof high);
    memcpy(VARDATA(sum) + sizeof high, &low, sizeof low);
    Datum value[] = {Int64GetDatum(d->rows), PointerGetDatum(sum)};
    bool missing[] = {false, false};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(shape), value, missing));
}

Datum table_digest(PG_FUNCTION_ARGS)
{
    bytea *secret = PG_GETARG_BYTEA_PP(1);
    digest d = {.secret = (const uint8 *)VARDATA_ANY(secret)};

    if (VARSIZE_ANY_EXHDR(secret) != EKOK_ROW_KEY_BYTES)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the secret is not of 16 bytes"),
                errhint("Take 16 random bytes, new ones each time."));
    Relation table = table_open(PG_GETARG_OID(0), AccessShareLock);
    check_table(table);
    d.writer = writer_of(table);
    initStringInfo(&d.text);
    int settings = ekok_image_enter(d.writer);
    add_rows(&d, table);
    ekok_image_leave(settings);
    table_close(table, AccessShareLock);
    return result_of(fcinfo, &d);
}
