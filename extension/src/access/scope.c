/*
 * scope.c - the conditions of row-level security, ekok.sees(programme, place) and ekok.sees_all(), for the login of
 * the session (session_user, which no setting forges). The scope is read from access.list_held() when it is first
 * asked for and kept in the session's memory. A trigger on each table behind it sends what a change of a catalogue
 * sends (ekok.tell_scopes), so every session reads it anew from the moment that the change is committed, as it would
 * see a GRANT; ends in time and one-time codes are looked at for each statement. Refuses to let a row be seen that no
 * scope in force holds: what cannot be read is an error, and no scope is no row.
 */
#include "postgres.h"

#include "access/scope.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

enum { CODE_MOST = 32, PLACE_BYTES = 8, TABLES = 4 };

/* The first eight bytes of a place's code, and which of them count. */
typedef struct {
    uint64 bits, mask;
} place;

typedef struct {
    uint64 head; /* its first eight bytes */
    int bytes;
    char code[CODE_MOST];
    bool whole; /* wherever */
    int places;
    place *place;
} programme;

struct ekok_scope {
    MemoryContext memory;
    uint64 as_of;             /* what changes was when it was read */
    Oid login, table[TABLES]; /* the first: of scopes */
    bool stepped, all, bounded;
    TimestampTz until; /* the first end among what counts */
    text *low, *high;
    int programmes, room;
    programme *programme;
    int slots;   /* a power of two */
    int16 *slot; /* by hash: index into programme, 1 and up; 0: free */
};

static const char *const TABLE[TABLES][2] = {
    {"access", "scope"}, {"access", "duty"}, {"access", "account"}, {"registry", "programme"}};
static ekok_scope *kept = NULL;
static uint64 changes = 0;

extern Datum stepped_up(PG_FUNCTION_ARGS); /* step_up.c */

PG_FUNCTION_INFO_V1(sees);
PG_FUNCTION_INFO_V1(ranged_by);
PG_FUNCTION_INFO_V1(sees_all);
PG_FUNCTION_INFO_V1(scope_programmes);
PG_FUNCTION_INFO_V1(scope_low);
PG_FUNCTION_INFO_V1(scope_high);
PG_FUNCTION_INFO_V1(tell_scopes);

/* The first eight bytes, or what there is of them and zeros. */
static inline uint64 head_of(const char *bytes, int length)
{
    uint64 head = 0;
#ifndef WORDS_BIGENDIAN
    uint32 four;
    uint16 two;

    if (length == 2 || length == 3) {
        memcpy(&two, bytes, sizeof two);
        return length == 2 ? two : two | (uint64)(uint8)bytes[2] << 16;
    }
    if (length == 6) {
        memcpy(&four, bytes, sizeof four);
        memcpy(&two, bytes + sizeof four, sizeof two);
        return four | (uint64)two << 32;
    }
    if (length == 4) {
        memcpy(&four, bytes, sizeof four);
        return four;
    }
#endif
    if (length >= (int)sizeof head)
        memcpy(&head, bytes, sizeof head);
    else
        memcpy(&head, bytes, (size_t)length);
    return head;
}

/* What a row holds, without a call where it is neither compressed nor elsewhere. */
static inline const text *text_of(Datum value)
{
    struct varlena *held = (struct varlena *)DatumGetPointer(value);

    return VARATT_IS_4B_C(held) || VARATT_IS_EXTERNAL(held) ? pg_detoast_datum_packed(held) : held;
}

static inline int slot_of(const ekok_scope *scope, uint64 head)
{
    return (int)(murmurhash32((uint32)head ^ (uint32)(head >> 32)) & (uint32)(scope->slots - 1));
}

static inline bool is_code(const programme *known, uint64 head, const char *code, int bytes)
{
    return known->head == head && known->bytes == bytes &&
           (bytes <= (int)sizeof head || memcmp(known->code, code, (size_t)bytes) == 0);
}

static inline const programme *find_programme(const ekok_scope *scope, const text *code)
{
    const char *bytes = VARDATA_ANY(code);
    int length = (int)VARSIZE_ANY_EXHDR(code);
    uint64 head = head_of(bytes, length);

    for (int at = slot_of(scope, head); scope->slot[at] != 0; at = (at + 1) & (scope->slots - 1))
        if (is_code(&scope->programme[scope->slot[at] - 1], head, bytes, length))
            return &scope->programme[scope->slot[at] - 1];
    return NULL;
}

static inline bool holds_place(const programme *in, const text *code)
{
    uint64 head = head_of(VARDATA_ANY(code), (int)VARSIZE_ANY_EXHDR(code));

    for (int i = 0; i < in->places; i++)
        if ((head & in->place[i].mask) == in->place[i].bits)
            return true;
    return false;
}

/* One of the tables behind a scope has changed, or all are said to have. */
static void on_change(Datum unused, Oid relation)
{
    bool behind = kept == NULL || relation == InvalidOid;

    for (int i = 0; !behind && i < TABLES; i++)
        behind = relation == kept->table[i];
    changes += behind;
}

static programme *add_programme(ekok_scope *scope, const text *code)
{
    programme *added = (programme *)find_programme(scope, code);
    int at;

    if (added != NULL)
        return added;
    if (VARSIZE_ANY_EXHDR(code) > CODE_MOST || scope->programmes == scope->room)
        elog(ERROR, "more or longer programmes than the scope has room for");
    added = &scope->programme[scope->programmes++];
    added->bytes = (int)VARSIZE_ANY_EXHDR(code);
    memcpy(added->code, VARDATA_ANY(code), (size_t)added->bytes);
    added->head = head_of(added->code, added->bytes);
    for (at = slot_of(scope, added->head); scope->slot[at] != 0;)
        at = (at + 1) & (scope->slots - 1);
    scope->slot[at] = (int16)scope->programmes;
    return added;
}

static void add_place(programme *in, const text *code)
{
    static const char ones[PLACE_BYTES] = "\xff\xff\xff\xff\xff\xff\xff\xff";
    int bytes = (int)VARSIZE_ANY_EXHDR(code);

    in->place = in->place == NULL ? palloc(sizeof(place))
                                  : repalloc(in->place, sizeof(place) * (size_t)(in->places + 1));
    in->place[in->places++] = (place){head_of(VARDATA_ANY(code), bytes), head_of(ones, bytes)};
}

/* Widens the bounds by a place; a colon sorts behind every digit. */
static void add_bounds(ekok_scope *scope, const text *code)
{
    char *first = text_to_cstring(code), *behind = psprintf("%s:", first);

    if (scope->low == NULL || strcmp(first, text_to_cstring(scope->low)) < 0)
        scope->low = cstring_to_text(first);
    if (scope->high == NULL || strcmp(behind, text_to_cstring(scope->high)) > 0)
        scope->high = cstring_to_text(behind);
}

/* A row of access.list_held: programme, place, everything, counts (a code was shown where one is wanted), ends. */
static void take_row(ekok_scope *scope, HeapTuple row, TimestampTz now)
{
    TupleDesc type = SPI_tuptable->tupdesc;
    bool no_place, no_programme, none;
    Datum code = SPI_getbinval(row, type, 1, &no_programme);
    Datum where = SPI_getbinval(row, type, 2, &no_place);
    TimestampTz ends = DatumGetTimestampTz(SPI_getbinval(row, type, 5, &none));
    programme *in;

    if (ends <= now)
        return;
    if (no_place)
        scope->bounded = false;
    else
        add_bounds(scope, DatumGetTextPP(where));
    if (!DatumGetBool(SPI_getbinval(row, type, 4, &none)))
        return;
    scope->until = Min(scope->until, ends);
    scope->all = scope->all || DatumGetBool(SPI_getbinval(row, type, 3, &none));
    if (no_programme)
        return;
    in = add_programme(scope, DatumGetTextPP(code));
    if (no_place)
        in->whole = true;
    else
        add_place(in, DatumGetTextPP(where));
}

static void make_room(ekok_scope *scope, uint64 rows)
{
    scope->room = (int)Min(rows, PG_INT16_MAX - 1);
    scope->programme = palloc0(sizeof(programme) * (size_t)(scope->room + 1));
    for (scope->slots = 16; scope->slots < 2 * scope->room;)
        scope->slots *= 2;
    scope->slot = palloc0(sizeof(int16) * (size_t)scope->slots);
}

/* By a snapshot as new as one for a catalogue: an old one of the transaction's would outlive what told of a change. */
static void read_held(ekok_scope *scope, TimestampTz now)
{
    PushActiveSnapshot(GetCatalogSnapshot(scope->table[0]));
    SPI_connect();
    if (SPI_execute("SELECT programme, geo, everything, counts, ends FROM access.list_held()", true, 0) !=
        SPI_OK_SELECT)
        elog(ERROR, "access.list_held gave no rows");
    MemoryContextSwitchTo(scope->memory);
    make_room(scope, SPI_processed);
    for (uint64 i = 0; i < SPI_processed; i++)
        take_row(scope, SPI_tuptable->vals[i], now);
    SPI_finish();
    PopActiveSnapshot();
}

static ekok_scope *read_scope(bool stepped, TimestampTz now)
{
    MemoryContext memory = AllocSetContextCreate(CurTransactionContext, "ekok scope", ALLOCSET_SMALL_SIZES);
    MemoryContext before = CurrentMemoryContext;
    ekok_scope *scope = MemoryContextAllocZero(memory, sizeof *scope);

    scope->memory = memory;
    scope->as_of = changes;
    scope->login = GetSessionUserId();
    scope->stepped = stepped;
    scope->bounded = true;
    scope->until = DT_NOEND;
    for (int i = 0; i < TABLES; i++) {
        Oid schema = get_namespace_oid(TABLE[i][0], true);

        scope->table[i] = OidIsValid(schema) ? get_relname_relid(TABLE[i][1], schema) : InvalidOid;
        if (!OidIsValid(scope->table[i]))
            ereport(ERROR, errcode(ERRCODE_UNDEFINED_TABLE),
                    errmsg("there is no table %s.%s, so nobody has a scope", TABLE[i][0], TABLE[i][1]),
                    errhint("The registry's migrations make it."));
    }
    read_held(scope, now);
    MemoryContextSwitchTo(before);
    return scope;
}

/* Puts what was found in the place of what was kept, at which a statement of this transaction may still look. */
static void keep(ekok_scope *found)
{
    if (kept != NULL)
        MemoryContextSetParent(kept->memory, TopTransactionContext);
    MemoryContextSetParent(found->memory, TopMemoryContext);
    kept = found;
}

static bool is_current(bool stepped, TimestampTz now)
{
    return kept != NULL && kept->as_of == changes && kept->login == GetSessionUserId() &&
           kept->stepped == stepped && kept->until > now;
}

const ekok_scope *ekok_scope_now(void)
{
    static bool registered = false;
    TimestampTz now = GetCurrentTimestamp();
    bool stepped = DatumGetBool(DirectFunctionCall1(stepped_up, (Datum)0));

    AcceptInvalidationMessages();
    if (!registered)
        CacheRegisterRelcacheCallback(on_change, (Datum)0);
    registered = true;
    while (!is_current(stepped, now)) /* again where something changed meanwhile */
        keep(read_scope(stepped, now));
    return kept;
}

bool ekok_scope_all(const ekok_scope *scope)
{
    return scope->all || is_member_of_role(scope->login, get_role_oid("ekok_etl", false));
}

Datum ekok_scope_programmes(const ekok_scope *scope)
{
    Datum *code = palloc(sizeof(Datum) * (size_t)(scope->programmes + 1));

    for (int i = 0; i < scope->programmes; i++)
        code[i] =
            PointerGetDatum(cstring_to_text_with_len(scope->programme[i].code, scope->programme[i].bytes));
    return PointerGetDatum(construct_array(code, scope->programmes, TEXTOID, -1, false, TYPALIGN_INT));
}

bool ekok_scope_places(const ekok_scope *scope, Datum *low, Datum *high)
{
    if (!scope->bounded || scope->low == NULL)
        return false;
    *low = PointerGetDatum(scope->low);
    *high = PointerGetDatum(scope->high);
    return true;
}

Oid ekok_scope_table(const ekok_scope *scope)
{
    return scope->table[0];
}

/* What the expression looks at for as long as its statement runs. */
static inline const ekok_scope *scope_of(FunctionCallInfo fcinfo)
{
    if (unlikely(fcinfo->flinfo->fn_extra == NULL))
        fcinfo->flinfo->fn_extra = (void *)ekok_scope_now();
    return fcinfo->flinfo->fn_extra;
}

Datum sees(PG_FUNCTION_ARGS)
{
    const ekok_scope *scope = scope_of(fcinfo);
    const programme *in;

    if (scope->all)
        PG_RETURN_BOOL(true);
    if (PG_ARGISNULL(0))
        PG_RETURN_BOOL(false);
    in = find_programme(scope, text_of(PG_GETARG_DATUM(0)));
    PG_RETURN_BOOL(in != NULL &&
                   (in->whole || (!PG_ARGISNULL(1) && holds_place(in, text_of(PG_GETARG_DATUM(1))))));
}

/* ekok.sees looks at both: this only lets an index serve by the programme too (scope_plan.c). */
Datum ranged_by(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(true);
}

/* Asked once a statement. */
Datum sees_all(PG_FUNCTION_ARGS)
{
    static const char yes, no;

    if (unlikely(fcinfo->flinfo->fn_extra == NULL))
        fcinfo->flinfo->fn_extra = (void *)(ekok_scope_all(ekok_scope_now()) ? &yes : &no);
    PG_RETURN_BOOL(fcinfo->flinfo->fn_extra == &yes);
}

Datum scope_programmes(PG_FUNCTION_ARGS)
{
    return ekok_scope_programmes(ekok_scope_now());
}

/* Where there are no bounds: what lies before and behind every code. */
Datum scope_low(PG_FUNCTION_ARGS)
{
    Datum low, high;

    return ekok_scope_places(ekok_scope_now(), &low, &high) ? low : CStringGetTextDatum("");
}

Datum scope_high(PG_FUNCTION_ARGS)
{
    Datum low, high;

    return ekok_scope_places(ekok_scope_now(), &low, &high) ? high : CStringGetTextDatum("~");
}

/* A statement trigger; sends nothing until the transaction is committed, and to itself after each command. */
Datum tell_scopes(PG_FUNCTION_ARGS)
{
    if (!CALLED_AS_TRIGGER(fcinfo))
        ereport(ERROR, errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                errmsg("ekok.tell_scopes is a trigger"));
    CacheInvalidateRelcache(((TriggerData *)fcinfo->context)->tg_relation);
    PG_RETURN_POINTER(NULL);
}
