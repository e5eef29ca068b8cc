/*
 * blocking_keys.c - fuzzy evidence of a person: ekok.blocking_keys and ekok.blocking_kinds.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "blocking.h"
#include "match/person.h"

PG_FUNCTION_INFO_V1(blocking_keys);
PG_FUNCTION_INFO_V1(blocking_kinds);

static Datum evidence_of(uint64 hash, int32 programme)
{
    return Int64GetDatum((int64)((hash & ~(uint64)EKOK_EVIDENCE_PROGRAMME_MAX) | (uint64)programme));
}

Datum blocking_keys(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    ekok_block_parts parts;

    InitMaterializedSRF(fcinfo, 0);
    int32 programme = PG_GETARG_INT32(1);
    if (programme < 0 || programme > EKOK_EVIDENCE_PROGRAMME_MAX)
        ereport(ERROR, errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("programme is out of range"),
                errdetail("It must lie between 0 and %d.", EKOK_EVIDENCE_PROGRAMME_MAX),
                errhint("Give 0 where there is no programme."));
    ekok_block_parts_of(ekok_person_argument(fcinfo, 0), &parts);
    for (int kind = 0; kind < EKOK_BLOCK_KINDS; kind++) {
        uint64_t keys[EKOK_BLOCK_KEYS];
        size_t count = ekok_block_keys((ekok_block_kind)kind, &parts, keys);
        for (size_t i = 0; i < count; i++) {
            bool nulls[] = {false, false};
            Datum values[] = {CStringGetTextDatum(ekok_block_name_of((ekok_block_kind)kind)),
                              evidence_of(keys[i], programme)};
            tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
        }
    }
    return (Datum)0;
}

Datum blocking_kinds(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;

    InitMaterializedSRF(fcinfo, 0);
    for (int kind = 0; kind < EKOK_BLOCK_KINDS; kind++) {
        ekok_block_kind finer = ekok_block_finer((ekok_block_kind)kind);
        bool nulls[] = {false, finer == EKOK_BLOCK_NONE, false};
        Datum values[] = {CStringGetTextDatum(ekok_block_name_of((ekok_block_kind)kind)),
                          finer == EKOK_BLOCK_NONE ? (Datum)0
                                                   : CStringGetTextDatum(ekok_block_name_of(finer)),
                          Int32GetDatum((int32)ekok_block_most((ekok_block_kind)kind))};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return (Datum)0;
}
