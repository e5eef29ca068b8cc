/*
 * double_dips.c - SQL function ekok.double_dips(index, min_programmes): groups the entries of an evidence index by
 * key and returns the groups that span enough programmes, with all their rows.
 *
 * Holds one group at a time; results go to a tuplestore that spills to disk beyond work_mem. A key shared by more
 * than GROUP_ROWS_MAX rows is an error: such a key is a placeholder, not a person.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "doubledip/entry_scan.h"
#include "doubledip/target.h"
#include "evidence.h"

PG_FUNCTION_INFO_V1(double_dips);

enum {
    PROGRAMMES_MAX = EKOK_EVIDENCE_PROGRAMME_MAX + 1,
    GROUP_ROWS_FIRST = 64,
    GROUP_ROWS_MAX = 1 << 24 /* 96 MiB of TIDs */
};

/* The rows of one key. Entries come in order of programme, so a new programme differs from the last one. */
typedef struct {
    uint64 key;
    int programmes;
    int rows;
    int capacity;
    Datum *programme; /* PROGRAMMES_MAX of them */
    ItemPointer row;
} key_group;

typedef struct {
    ReturnSetInfo *result;
    MemoryContext scratch; /* emptied after each returned group */
    int min_programmes;
} sweep_output;

static key_group group_make(void)
{
    return (key_group){.capacity = GROUP_ROWS_FIRST,
                       .programme = palloc(PROGRAMMES_MAX * sizeof(Datum)),
                       .row = palloc(GROUP_ROWS_FIRST * sizeof(ItemPointerData))};
}

static void group_reset(key_group *group, uint64 key)
{
    group->key = key;
    group->programmes = 0;
    group->rows = 0;
}

static void group_grow(key_group *group)
{
    if (group->capacity >= GROUP_ROWS_MAX)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("more than %d rows share one piece of evidence", GROUP_ROWS_MAX),
                errhint("Look for a placeholder that stands in place of a value, and set it to NULL."));
    group->capacity *= 2;
    group->row = repalloc(group->row, (Size)group->capacity * sizeof(ItemPointerData));
}

static void group_add(key_group *group, const sweep_entry *entry)
{
    Datum programme = Int32GetDatum((int32)ekok_evidence_programme(entry->evidence));

    if (group->programmes == 0 || group->programme[group->programmes - 1] != programme)
        group->programme[group->programmes++] = programme;
    if (group->rows == group->capacity)
        group_grow(group);
    group->row[group->rows++] = entry->row;
}

static ArrayType *rows_array(key_group *group, entry_scan *scan)
{
    Datum *rows = palloc((Size)group->rows * sizeof(Datum));

    for (int i = 0; i < group->rows; i++) {
        CHECK_FOR_INTERRUPTS();
        entry_scan_locate(scan, &group->row[i]);
        rows[i] = PointerGetDatum(&group->row[i]);
    }
    return construct_array(rows, group->rows, TIDOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT);
}

/* Returns the group when it spans enough programmes. */
static void group_emit(key_group *group, entry_scan *scan, const sweep_output *output)
{
    MemoryContext caller;
    Datum values[3];
    bool nulls[3] = {false, false, false};

    if (group->programmes < output->min_programmes)
        return;
    caller = MemoryContextSwitchTo(output->scratch);
    values[0] = Int64GetDatum((int64)group->key);
    values[1] = PointerGetDatum(
        construct_array(group->programme, group->programmes, INT4OID, sizeof(int32), true, TYPALIGN_INT));
    values[2] = PointerGetDatum(rows_array(group, scan));
    tuplestore_putvalues(output->result->setResult, output->result->setDesc, values, nulls);
    MemoryContextSwitchTo(caller);
    MemoryContextReset(output->scratch);
}

static void sweep(const sweep_target *target, const sweep_output *output)
{
    entry_scan *scan = entry_scan_begin(target);
    key_group group = group_make();
    sweep_entry entry;

    while (entry_scan_next(scan, &entry)) {
        uint64 key = ekok_evidence_key(entry.evidence);
        if (group.rows == 0 || group.key != key) {
            group_emit(&group, scan, output);
            group_reset(&group, key);
        }
        group_add(&group, &entry);
    }
    group_emit(&group, scan, output);
    entry_scan_end(scan);
}

static int checked_min_programmes(int32 min_programmes)
{
    if (min_programmes < 1 || min_programmes > PROGRAMMES_MAX)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("min_programmes is %d", min_programmes),
                errdetail("It must lie between 1 and %d.", PROGRAMMES_MAX),
                errhint("2 finds whoever is in two programmes or more."));
    return min_programmes;
}

Datum double_dips(PG_FUNCTION_ARGS)
{
    sweep_output output = {.min_programmes = checked_min_programmes(PG_GETARG_INT32(1))};
    sweep_target target = sweep_target_open(PG_GETARG_OID(0), get_func_namespace(fcinfo->flinfo->fn_oid));

    InitMaterializedSRF(fcinfo, 0);
    output.result = (ReturnSetInfo *)fcinfo->resultinfo;
    output.scratch = AllocSetContextCreate(CurrentMemoryContext, "ekok sweep", ALLOCSET_DEFAULT_SIZES);
    sweep(&target, &output);
    sweep_target_close(&target);
    return (Datum)0;
}
