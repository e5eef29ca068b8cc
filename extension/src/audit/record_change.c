/*
 * record_change.c - the trigger ekok.record_change(): one audit entry for each row that a statement inserted, changed
 * or deleted; of a key rotation one entry for many rows (audit/rekey.h). Takes the whole statement at once from its
 * transition tables. Arguments: the table of entries, then the columns of the primary key. Refuses any other use; skips
 * nothing.
 */
#include "postgres.h"

#include "access/table.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "audit/entry.h"
#include "audit/image.h"
#include "audit/rekey.h"
#include "audit/trail.h"

PG_FUNCTION_INFO_V1(record_change);

enum { KEY_MAX = 32 };

typedef struct {
    TriggerData *trigger;
    ekok_image_writer *writer;
    ekok_entries *entries;
    AttrNumber *key;
    int key_columns;
} recorder;

/* The rows of a transition table, by a read pointer of our own: other triggers read it too. */
typedef struct {
    Tuplestorestate *store;
    int pointer;
    TupleTableSlot *slot;
} row_reader;

static row_reader read_rows(Tuplestorestate *store, TupleDesc row)
{
    row_reader reader = {.store = store};

    if (store != NULL) {
        reader.pointer = tuplestore_alloc_read_pointer(store, EXEC_FLAG_REWIND);
        tuplestore_select_read_pointer(store, reader.pointer);
        tuplestore_rescan(store);
        reader.slot = MakeSingleTupleTableSlot(row, &TTSOpsMinimalTuple);
    }
    return reader;
}

static bool next_row(row_reader *reader)
{
    if (reader->store == NULL)
        return false;
    tuplestore_select_read_pointer(reader->store, reader->pointer);
    return tuplestore_gettupleslot(reader->store, true, false, reader->slot);
}

static void end_rows(row_reader *reader)
{
    if (reader->slot != NULL)
        ExecDropSingleTupleTableSlot(reader->slot);
}

static bool same_key(const recorder *r, TupleTableSlot *one, TupleTableSlot *other)
{
    for (int i = 0; i < r->key_columns; i++) {
        Form_pg_attribute a = TupleDescAttr(r->trigger->tg_relation->rd_att, r->key[i] - 1);
        bool no_one, no_other;
        Datum x = slot_getattr(one, r->key[i], &no_one);
        Datum y = slot_getattr(other, r->key[i], &no_other);

        if (no_one != no_other || (!no_one && !datum_image_eq(x, y, a->attbyval, a->attlen)))
            return false;
    }
    return true;
}

static void record(recorder *r, TupleTableSlot *old, TupleTableSlot *after)
{
    MemoryContext before = MemoryContextSwitchTo(ekok_entries_memory(r->entries));
    ekok_entry entry = {
        .row_name = ekok_row_name(r->writer, after != NULL ? after : old),
        .old = old != NULL ? ekok_image_of(r->writer, old) : (Datum)0,
        .after = after != NULL ? ekok_image_of(r->writer, after) : (Datum)0,
    };

    ekok_entries_add(r->entries, entry);
    MemoryContextSwitchTo(before);
}

/*
 * PostgreSQL puts the old and the new form of each updated row into the two tables in one step, so they run in
 * parallel; that they end together is checked. A changed key leaves two entries, each with one image.
 */
static void record_pairs(recorder *r, row_reader *old, row_reader *after)
{
    for (;;) {
        bool has_old = next_row(old), has_new = next_row(after);

        CHECK_FOR_INTERRUPTS();
        if (!has_old && !has_new)
            return;
        if (has_old != has_new)
            elog(ERROR, "transition tables of an UPDATE differ in length");
        if (same_key(r, old->slot, after->slot)) {
            record(r, old->slot, after->slot);
        } else {
            record(r, old->slot, NULL);
            record(r, NULL, after->slot);
        }
    }
}

static void record_single(recorder *r, row_reader *old, row_reader *after)
{
    while (next_row(old)) {
        CHECK_FOR_INTERRUPTS();
        record(r, old->slot, NULL);
    }
    while (next_row(after)) {
        CHECK_FOR_INTERRUPTS();
        record(r, NULL, after->slot);
    }
}

static bool all_fit(const ekok_rekey *rekey, row_reader *old, row_reader *after)
{
    while (next_row(old) && next_row(after)) {
        CHECK_FOR_INTERRUPTS();
        if (!ekok_rekey_fits(rekey, old->slot, after->slot))
            return false;
    }
    return true;
}

static void record_rekeyed(recorder *r, ekok_rekey *rekey, row_reader *after)
{
    bool more = next_row(after);

    while (more) {
        MemoryContext before = MemoryContextSwitchTo(ekok_entries_memory(r->entries));
        Datum name = ekok_row_name(r->writer, after->slot);

        CHECK_FOR_INTERRUPTS();
        bool full = ekok_rekey_add(rekey, name, after->slot);
        more = next_row(after);
        if (full || !more)
            ekok_entries_add(r->entries, ekok_rekey_entry(rekey));
        MemoryContextSwitchTo(before);
    }
}

/* True when the statement changed what keys make of the same values and nothing else, and that is recorded. */
static bool record_rotation(recorder *r, const char *table_name)
{
    TupleDesc row = RelationGetDescr(r->trigger->tg_relation);
    ekok_rekey *rekey = TRIGGER_FIRED_BY_UPDATE(r->trigger->tg_event) ? ekok_rekey_begin(row) : NULL;
    bool done = false;

    if (rekey == NULL)
        return false;
    row_reader old = read_rows(r->trigger->tg_oldtable, row), after = read_rows(r->trigger->tg_newtable, row);
    if (all_fit(rekey, &old, &after)) {
        row_reader again = read_rows(r->trigger->tg_newtable, row);
        int settings = ekok_image_enter(r->writer);

        r->entries = ekok_entries_open(ekok_trail_table(r->trigger->tg_trigger), table_name, "REKEY");
        record_rekeyed(r, rekey, &again);
        ekok_entries_close(r->entries);
        ekok_image_leave(settings);
        end_rows(&again);
        done = true;
    }
    end_rows(&old);
    end_rows(&after);
    ekok_rekey_end(rekey);
    return done;
}

static void check_use(TriggerData *t)
{
    TriggerEvent event = t->tg_event;

    if (!TRIGGER_FIRED_AFTER(event) || !TRIGGER_FIRED_FOR_STATEMENT(event) ||
        TRIGGER_FIRED_BY_TRUNCATE(event))
        ekok_trail_refuse("it is a trigger AFTER INSERT, UPDATE or DELETE, FOR EACH STATEMENT");
    if ((t->tg_oldtable == NULL) != (bool)TRIGGER_FIRED_BY_INSERT(event) ||
        (t->tg_newtable == NULL) != (bool)TRIGGER_FIRED_BY_DELETE(event))
        ekok_trail_refuse("it needs the transition tables: new for INSERT, old for DELETE, both for UPDATE");
    if (t->tg_trigger->tgnargs < 2 || t->tg_trigger->tgnargs > 1 + KEY_MAX)
        ekok_trail_refuse("its arguments are the table of entries and the columns of the primary key");
}

static const char *op_of(TriggerEvent event)
{
    return TRIGGER_FIRED_BY_INSERT(event) ? "INSERT" : TRIGGER_FIRED_BY_DELETE(event) ? "DELETE" : "UPDATE";
}

static bool is_empty(Tuplestorestate *store)
{
    return store == NULL || tuplestore_tuple_count(store) == 0;
}

Datum record_change(PG_FUNCTION_ARGS)
{
    if (!CALLED_AS_TRIGGER(fcinfo))
        ekok_trail_refuse("it is a trigger function");
    recorder r = {.trigger = (TriggerData *)fcinfo->context};
    Relation audited = r.trigger->tg_relation;

    check_use(r.trigger);
    r.key = ekok_trail_key(audited, r.trigger->tg_trigger);
    r.key_columns = r.trigger->tg_trigger->tgnargs - 1;
    if (is_empty(r.trigger->tg_oldtable) && is_empty(r.trigger->tg_newtable))
        return PointerGetDatum(NULL);
    char *name = ekok_trail_name(audited);

    r.writer = ekok_image_writer_of(RelationGetDescr(audited), r.key, r.key_columns);
    if (record_rotation(&r, name))
        return PointerGetDatum(NULL);
    row_reader old = read_rows(r.trigger->tg_oldtable, RelationGetDescr(audited));
    row_reader after = read_rows(r.trigger->tg_newtable, RelationGetDescr(audited));
    int settings = ekok_image_enter(r.writer);
    r.entries = ekok_entries_open(ekok_trail_table(r.trigger->tg_trigger), name, op_of(r.trigger->tg_event));
    if (TRIGGER_FIRED_BY_UPDATE(r.trigger->tg_event))
        record_pairs(&r, &old, &after);
    else
        record_single(&r, &old, &after);
    ekok_entries_close(r.entries);
    ekok_image_leave(settings);
    end_rows(&old);
    end_rows(&after);
    return PointerGetDatum(NULL);
}
