/*
 * trace_rows.c - ekok.trace_rows(trace, ...): the entries of a trace in the order in which they are sealed, many in one
 * value, for sealer and verifier: what COPY in binary form would write of each, without making a row, a message and
 * fifteen calls of it. Hashes nothing and judges nothing: that is for who reads. Never gives out what SELECT would not.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/xid8.h"

#include "audit/shape.h"
#include "audit/trace_scan.h"

PG_FUNCTION_INFO_V1(trace_rows);

/* A piece is handed on when it holds so many bytes. It is copied five times on its way, and copies of more than 4 KiB
 * came out slower. */
enum { PIECE_BYTES = 3000, LENGTH_BYTES = 4 };

/* The arguments. */
enum { OF, AFTER_XACT, AFTER_ID, UPTO_XACT, UPTO_ID, BELOW, MOST, IMAGES };

typedef struct {
    ekok_trace_scan *scan;
    ekok_trace_key upto;
    uint64 below, left;
    bool images;
    StringInfoData piece;
} reader;

/* In which order the columns go out; those of images last. */
static const int sent[EKOK_ENTRY_COLUMNS] = {
    EKOK_ENTRY_XACT,   EKOK_ENTRY_ID,          EKOK_ENTRY_AT,      EKOK_ENTRY_ACTOR,      EKOK_ENTRY_SOURCE,
    EKOK_ENTRY_RUN_ID, EKOK_ENTRY_PAGE_SHA256, EKOK_ENTRY_PURPOSE, EKOK_ENTRY_TABLE_NAME, EKOK_ENTRY_OP,
    EKOK_ENTRY_ROW_ID, EKOK_ENTRY_COMMITMENT,  EKOK_ENTRY_SALT,    EKOK_ENTRY_OLD,        EKOK_ENTRY_NEW};

static char *room_for(StringInfo out, int bytes)
{
    if (out->maxlen - out->len <= bytes)
        enlargeStringInfo(out, bytes);
    char *at = out->data + out->len;
    out->len += bytes;
    return at;
}

static void add_cell(StringInfo out, const void *bytes, int count)
{
    char *at = room_for(out, LENGTH_BYTES + count);
    uint32 told = pg_hton32((uint32)count);

    memcpy(at, &told, LENGTH_BYTES);
    memcpy(at + LENGTH_BYTES, bytes, (size_t)count);
}

static void add_null(StringInfo out)
{
    memset(room_for(out, LENGTH_BYTES), 0xff, LENGTH_BYTES);
}

static void add_number(StringInfo out, uint64 number)
{
    uint64 told = pg_hton64(number);

    add_cell(out, &told, sizeof told);
}

static void add_varlena(StringInfo out, Datum value)
{
    struct varlena *whole = PG_DETOAST_DATUM_PACKED(value);

    add_cell(out, VARDATA_ANY(whole), (int)VARSIZE_ANY_EXHDR(whole));
    if (whole != (struct varlena *)DatumGetPointer(value))
        pfree(whole);
}

static void add_value(StringInfo out, int column, Datum value)
{
    switch (column) {
    case EKOK_ENTRY_XACT:
        add_number(out, U64FromFullTransactionId(DatumGetFullTransactionId(value)));
        break;
    case EKOK_ENTRY_ID:
    case EKOK_ENTRY_AT:
    case EKOK_ENTRY_RUN_ID:
        add_number(out, (uint64)DatumGetInt64(value));
        break;
    case EKOK_ENTRY_ACTOR:
        add_cell(out, NameStr(*DatumGetName(value)), (int)strlen(NameStr(*DatumGetName(value))));
        break;
    default:
        add_varlena(out, value);
        break;
    }
}

/* Who only makes leaves needs no salt, and images of entries from before commitments alone. */
static bool is_wanted(const reader *r, int column, const bool missing[])
{
    if (r->images || column < EKOK_ENTRY_OLD || column == EKOK_ENTRY_COMMITMENT)
        return true;
    return column != EKOK_ENTRY_SALT && missing[EKOK_ENTRY_COMMITMENT];
}

static void add_row(reader *r, const ekok_trace_row *row)
{
    Datum value[EKOK_ENTRY_COLUMNS];
    bool missing[EKOK_ENTRY_COLUMNS];
    const uint16 cells = pg_hton16(EKOK_ENTRY_COLUMNS);

    heap_deform_tuple(row->row, row->shape, value, missing);
    memcpy(room_for(&r->piece, sizeof cells), &cells, sizeof cells);
    for (int i = 0; i < EKOK_ENTRY_COLUMNS; i++)
        if (missing[sent[i]] || !is_wanted(r, sent[i], missing))
            add_null(&r->piece);
        else
            add_value(&r->piece, sent[i], value[sent[i]]);
}

static bool is_behind_end(const reader *r, ekok_trace_key key)
{
    return key.xact >= r->below || key.xact > r->upto.xact ||
           (key.xact == r->upto.xact && key.id > r->upto.id);
}

/* False: no entry is left. */
static bool fill_piece(reader *r)
{
    ekok_trace_row row;

    r->piece.len = VARHDRSZ;
    while (r->left > 0 && r->piece.len < PIECE_BYTES) {
        if (!ekok_trace_scan_next(r->scan, &row) || is_behind_end(r, row.key))
            r->left = 0;
        else {
            add_row(r, &row);
            r->left--;
        }
    }
    SET_VARSIZE(r->piece.data, r->piece.len);
    return r->piece.len > VARHDRSZ;
}

static uint64 xact_of(FunctionCallInfo fcinfo, int argument, uint64 otherwise)
{
    return PG_ARGISNULL(argument) ? otherwise
                                  : U64FromFullTransactionId(PG_GETARG_FULLTRANSACTIONID(argument));
}

static int64 number_of(FunctionCallInfo fcinfo, int argument, int64 otherwise)
{
    return PG_ARGISNULL(argument) ? otherwise : PG_GETARG_INT64(argument);
}

static void close_scan(Datum read)
{
    reader *r = (reader *)DatumGetPointer(read);

    if (r->scan != NULL)
        ekok_trace_scan_close(r->scan);
    r->scan = NULL;
}

static reader *open_reader(FunctionCallInfo fcinfo)
{
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    reader *r = palloc0(sizeof *r);
    const int64 most = number_of(fcinfo, MOST, PG_INT64_MAX);
    const ekok_trace_key after = {xact_of(fcinfo, AFTER_XACT, 0), number_of(fcinfo, AFTER_ID, 0)};

    if (PG_ARGISNULL(OF) || most < 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("no trace, or less than no entries"),
                errhint("Name the table of entries; leave the number away for all."));
    r->upto =
        (ekok_trace_key){xact_of(fcinfo, UPTO_XACT, PG_UINT64_MAX), number_of(fcinfo, UPTO_ID, PG_INT64_MAX)};
    r->below = xact_of(fcinfo, BELOW, PG_UINT64_MAX);
    r->left = (uint64)most;
    r->images = !PG_ARGISNULL(IMAGES) && PG_GETARG_BOOL(IMAGES);
    initStringInfo(&r->piece);
    enlargeStringInfo(&r->piece, 4 * PIECE_BYTES);
    r->scan = ekok_trace_scan_open(PG_GETARG_OID(OF), after);
    RegisterExprContextCallback(result->econtext, close_scan, PointerGetDatum(r));
    return r;
}

Datum trace_rows(PG_FUNCTION_ARGS)
{
    FuncCallContext *call;

    if (SRF_IS_FIRSTCALL()) {
        call = SRF_FIRSTCALL_INIT();
        MemoryContext before = MemoryContextSwitchTo(call->multi_call_memory_ctx);
        call->user_fctx = open_reader(fcinfo);
        MemoryContextSwitchTo(before);
    }
    call = SRF_PERCALL_SETUP();
    reader *r = call->user_fctx;
    if (fill_piece(r))
        SRF_RETURN_NEXT(call, PointerGetDatum(r->piece.data));
    UnregisterExprContextCallback(((ReturnSetInfo *)fcinfo->resultinfo)->econtext, close_scan,
                                  PointerGetDatum(r));
    close_scan(PointerGetDatum(r));
    SRF_RETURN_DONE(call);
}
