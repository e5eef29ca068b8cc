/*
 * shown.c - a hook that counts the rows of people which the queries of a session give away: of tables with
 * row-level security that binds whoever asks. Each time the count passes a multiple of ekok.shown_step it is
 * recorded in a transaction apart, before the row that passes it is shown, so that neither an error nor a
 * rollback hides it, and many small queries count like a large one. A row that carries much text counts more
 * than once, so that putting names into one row gains little. The trace itself (schema audit) is not counted:
 * its readers read all of it. Refuses to keep what was shown, or the text of the query.
 */
#include "postgres.h"

#include "access/shown.h"

#include "access/apart.h"
#include "access/detoast.h"
#include "access/htup_details.h"
#include "access/named.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/syscache.h"

enum { BYTES_A_ROW = 512, NAMES_MOST = 8 };

typedef struct {
    DestReceiver receiver; /* first: PostgreSQL sees no more */
    DestReceiver *inner;
    QueryDesc *query;
} counting_receiver;

static int shown_step = 1000;
static int64 shown = 0;
static ExecutorRun_hook_type next_run = NULL;

/* Whether a relation holds people and its policies bind the caller. */
static bool is_of_people(Oid relation)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    bool secured = HeapTupleIsValid(tuple) && ((Form_pg_class)GETSTRUCT(tuple))->relrowsecurity;
    Oid schema = HeapTupleIsValid(tuple) ? ((Form_pg_class)GETSTRUCT(tuple))->relnamespace : InvalidOid;

    if (HeapTupleIsValid(tuple))
        ReleaseSysCache(tuple);
    return secured && check_enable_rls(relation, InvalidOid, true) == RLS_ENABLED &&
           schema != get_namespace_oid("audit", true);
}

/* The names of such relations of a query; at most NAMES_MOST. */
static int name_people(QueryDesc *query, char *name[NAMES_MOST])
{
    int names = 0;
    ListCell *cell;

    foreach (cell, query->plannedstmt->rtable) {
        RangeTblEntry *entry = lfirst_node(RangeTblEntry, cell);

        if (names < NAMES_MOST && entry->rtekind == RTE_RELATION && is_of_people(entry->relid))
            name[names++] = psprintf("%s.%s", get_namespace_name(get_rel_namespace(entry->relid)),
                                     get_rel_name(entry->relid));
    }
    return names;
}

static bool is_counted(QueryDesc *query)
{
    char *name[NAMES_MOST];

    return query->operation == CMD_SELECT && query->dest->mydest != DestNone && !superuser() &&
           name_people(query, name) > 0;
}

/* total, purpose, tables */
static void record(QueryDesc *query)
{
    char *name[NAMES_MOST];
    int names = name_people(query, name);
    const char *purpose = GetConfigOption("ekok.purpose", true, false);
    Datum told[NAMES_MOST + 2] = {CStringGetTextDatum(psprintf(INT64_FORMAT, shown)),
                                  CStringGetTextDatum(purpose ? purpose : "")};

    for (int i = 0; i < names; i++)
        told[i + 2] = CStringGetTextDatum(name[i]);
    (void)DirectFunctionCall2(
        apart, CStringGetTextDatum("export"),
        PointerGetDatum(construct_array(told, names + 2, TEXTOID, -1, false, TYPALIGN_INT)));
}

/* How many rows a row counts for: one, and one more for each BYTES_A_ROW of its texts and the like. */
static int64 weigh(TupleTableSlot *slot)
{
    Size bytes = 0;

    slot_getallattrs(slot);
    for (int i = 0; i < slot->tts_tupleDescriptor->natts; i++)
        if (!slot->tts_isnull[i] && TupleDescAttr(slot->tts_tupleDescriptor, i)->attlen == -1)
            bytes += toast_raw_datum_size(slot->tts_values[i]);
    return 1 + (int64)(bytes / BYTES_A_ROW);
}

static bool receive(TupleTableSlot *slot, DestReceiver *self)
{
    counting_receiver *counting = (counting_receiver *)self;
    int64 before = shown / shown_step;

    shown += weigh(slot);
    if (shown / shown_step > before)
        record(counting->query);
    return counting->inner->receiveSlot(slot, counting->inner);
}

static void start(DestReceiver *self, int operation, TupleDesc type)
{
    DestReceiver *inner = ((counting_receiver *)self)->inner;

    inner->rStartup(inner, operation, type);
}

static void end(DestReceiver *self)
{
    DestReceiver *inner = ((counting_receiver *)self)->inner;

    inner->rShutdown(inner);
}

static void forget(DestReceiver *self)
{
}

static void call_next(QueryDesc *query, ScanDirection direction, uint64 count, bool once)
{
    if (next_run)
        next_run(query, direction, count, once);
    else
        standard_ExecutorRun(query, direction, count, once);
}

static void run(QueryDesc *query, ScanDirection direction, uint64 count, bool once)
{
    counting_receiver counting = {{receive, start, end, forget, query->dest->mydest}, query->dest, query};
    bool counted = is_counted(query);
    bool named = !superuser() && named_begin(query);

    if (!counted && !named) {
        call_next(query, direction, count, once);
        return;
    }
    if (counted)
        query->dest = &counting.receiver;
    PG_TRY();
    {
        call_next(query, direction, count,
                  once && !named); /* not once: no worker, which would note nothing */
    }
    PG_CATCH();
    {
        query->dest = counting.inner;
        if (named)
            named_end(true);
        PG_RE_THROW();
    }
    PG_END_TRY();
    query->dest = counting.inner;
    if (named)
        named_end(false);
}

void shown_start(void)
{
    DefineCustomIntVariable("ekok.shown_step", "Rows of people a session is shown between two records of it.",
                            NULL, &shown_step, 1000, 10, 1000000, PGC_SIGHUP, 0, NULL, NULL, NULL);
    next_run = ExecutorRun_hook;
    ExecutorRun_hook = run;
}
