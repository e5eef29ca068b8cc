/*
 * shared.c - SQL function ekok.evidence_held(index, keys, at_least): which of many keys are held by that many rows.
 * What a rule has to look at closely is a few of the many that a page brings; this finds the few, at one descent of
 * the index each.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "doubledip/holders.h"
#include "evidence.h"

PG_FUNCTION_INFO_V1(evidence_shared);

static int compare_datums(const void *a, const void *b)
{
    uint64 x = (uint64)DatumGetInt64(*(const Datum *)a), y = (uint64)DatumGetInt64(*(const Datum *)b);

    return (x > y) - (x < y);
}

static bool held_by(ekok_holders *holders, ekok_evidence evidence, int least)
{
    int rows = 0;

    ekok_holders_seek(holders, evidence);
    while (rows < least && ekok_holders_next_programme(holders, -1) >= 0)
        rows++;
    return rows >= least;
}

/* Moves the keys that enough rows hold to the front, each once, and returns how many they are. */
static int keep_shared(const sweep_target *target, Datum *keys, int count, int least)
{
    ekok_holders *holders = ekok_holders_over(target, GetActiveSnapshot());
    uint64 last = 0;
    int kept = 0;

    for (int i = 0; i < count; i++) {
        ekok_evidence evidence = {(uint64)DatumGetInt64(keys[i])};

        if (i > 0 && ekok_evidence_key(evidence) == last)
            continue;
        last = ekok_evidence_key(evidence);
        if (held_by(holders, evidence, least))
            keys[kept++] = Int64GetDatum((int64)ekok_evidence_first(evidence).bits);
    }
    ekok_holders_close(holders);
    return kept;
}

Datum evidence_shared(PG_FUNCTION_ARGS)
{
    sweep_target target = sweep_target_open(PG_GETARG_OID(0), get_func_namespace(fcinfo->flinfo->fn_oid));
    ArrayType *given = PG_GETARG_ARRAYTYPE_P(1);
    int least = PG_GETARG_INT32(2);
    Datum *keys;
    bool *nulls;
    int count, n = 0;

    if (least < 1)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("at least %d rows", least),
                errhint("1 finds what any row holds, 2 what rows share."));
    deconstruct_array(given, ARR_ELEMTYPE(given), sizeof(int64), true, TYPALIGN_DOUBLE, &keys, &nulls,
                      &count);
    for (int i = 0; i < count; i++) {
        if (!nulls[i])
            keys[n++] = keys[i];
    }
    qsort(keys, n, sizeof *keys, compare_datums);
    n = keep_shared(&target, keys, n, least);
    sweep_target_close(&target);
    PG_RETURN_ARRAYTYPE_P(
        construct_array(keys, n, ARR_ELEMTYPE(given), sizeof(int64), true, TYPALIGN_DOUBLE));
}
