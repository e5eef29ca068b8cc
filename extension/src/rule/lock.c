/*
 * lock.c - see lock.h. The locks are PostgreSQL's advisory locks with two numbers, class and bucket, so pg_locks shows
 * them and no shared memory of our own is needed.
 */
#include "rule/lock.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "storage/lock.h"
#include "utils/array.h"

PG_FUNCTION_INFO_V1(evidence_lock);
PG_FUNCTION_INFO_V1(evidence_with_programme);

enum { OBJSUBID_TWO_NUMBERS = 2 }; /* as pg_advisory_xact_lock(int, int) */

int rule_lock(uint32 class, const ekok_evidence *keys, size_t n)
{
    uint64 wanted[RULE_BUCKETS / 64] = {0}; /* a bit a bucket */
    int locked = 0;

    for (size_t i = 0; i < n; i++) {
        uint64 bucket = ekok_evidence_key(keys[i]) % RULE_BUCKETS;

        wanted[bucket / 64] |= UINT64CONST(1) << bucket % 64;
    }
    for (uint32 word = 0; word < RULE_BUCKETS / 64; word++) {
        for (uint64 left = wanted[word]; left != 0; left &= left - 1) {
            LOCKTAG tag;

            SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, class, word * 64 + pg_rightmost_one_pos64(left),
                                 OBJSUBID_TWO_NUMBERS);
            (void)LockAcquire(&tag, ExclusiveLock, false, false);
            locked++;
        }
    }
    return locked;
}

Datum evidence_lock(PG_FUNCTION_ARGS)
{
    ArrayType *given = PG_GETARG_ARRAYTYPE_P(0);
    ekok_evidence *keys;
    Datum *values;
    bool *nulls;
    size_t n = 0;
    int count;

    deconstruct_array(given, ARR_ELEMTYPE(given), sizeof(int64), true, TYPALIGN_DOUBLE, &values, &nulls,
                      &count);
    keys = palloc((Size)Max(count, 1) * sizeof *keys);
    for (int i = 0; i < count; i++) {
        if (!nulls[i])
            keys[n++].bits = (uint64)DatumGetInt64(values[i]);
    }
    PG_RETURN_INT32(rule_lock(RULE_LOCK_CLASS, keys, n));
}

Datum evidence_with_programme(PG_FUNCTION_ARGS)
{
    uint64 bits = (uint64)PG_GETARG_INT64(0);
    int32 programme = PG_GETARG_INT32(1);

    if (programme < 0 || programme > EKOK_EVIDENCE_PROGRAMME_MAX)
        ereport(ERROR, errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("programme %d", programme),
                errdetail("It must lie between 0 and %d.", EKOK_EVIDENCE_PROGRAMME_MAX));
    bits &= ~(uint64)EKOK_EVIDENCE_PROGRAMME_MAX;
    PG_RETURN_INT64((int64)(bits | (uint64)programme));
}
