/*
 * digest.c - ekok.table_digest(table, secret): all rows of a table in one number that does not depend on their order,
 * so that whoever follows the audit entries can hold the table against them without sorting either. Each row adds the
 * first 16 bytes of SHA-256(secret, name, image), as a number modulo 2^128; name and image are those of its entry.
 * Worth something only with a secret of 32 bytes that nobody could know when the rows were written. Refuses a table
 * that the caller may not read whole.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
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

PG_FUNCTION_INFO_V1(table_digest);

enum { SECRET_BYTES = 32, SUM_BYTES = 16 };

typedef struct {
    ekok_image_writer *writer;
    pg_cryptohash_ctx *hash;
    const uint8 *secret;
    uint64 high, low; /* the sum */
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
    text *part[] = {(text *)DatumGetPointer(ekok_row_name(d->writer, row)),
                    (text *)DatumGetPointer(ekok_image_of(d->writer, row))};
    uint8 out[PG_SHA256_DIGEST_LENGTH];
    uint64 high, low;
    bool good =
        pg_cryptohash_init(d->hash) == 0 && pg_cryptohash_update(d->hash, d->secret, SECRET_BYTES) == 0;

    for (size_t i = 0; good && i < lengthof(part); i++) {
        uint32 bytes = (uint32)VARSIZE_ANY_EXHDR(part[i]), told = pg_hton32(bytes);

        good = pg_cryptohash_update(d->hash, (const uint8 *)&told, sizeof told) == 0 &&
               pg_cryptohash_update(d->hash, (const uint8 *)VARDATA_ANY(part[i]), bytes) == 0;
    }
    if (!good || pg_cryptohash_final(d->hash, out, sizeof out) != 0)
        elog(ERROR, "a row could not be hashed");
    memcpy(&high, out, sizeof high);
    memcpy(&low, out + sizeof high, sizeof low);
    d->low += pg_ntoh64(low);
    d->high += pg_ntoh64(high) + (d->low < pg_ntoh64(low));
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
    uint64 high = pg_hton64(d->high), low = pg_hton64(d->low);

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

    if (VARSIZE_ANY_EXHDR(secret) != SECRET_BYTES)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the secret is not of 32 bytes"),
                errhint("Take 32 random bytes, new ones each time."));
    Relation table = table_open(PG_GETARG_OID(0), AccessShareLock);
    check_table(table);
    d.writer = writer_of(table);
    d.hash = pg_cryptohash_create(PG_SHA256);
    if (d.hash == NULL)
        elog(ERROR, "no memory to hash with");
    int settings = ekok_image_enter(d.writer);
    add_rows(&d, table);
    ekok_image_leave(settings);
    pg_cryptohash_free(d.hash);
    table_close(table, AccessShareLock);
    return result_of(fcinfo, &d);
}
