/*
 * identify.c - SQL function ekok.identify(text): one row for every kind, in the order of kind.def.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "identify.h"
#include "text_io.h"

enum { COLUMNS = 4 /* kind, value, ok, reason */ };

PG_FUNCTION_INFO_V1(identify);

Datum identify(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    ekok_reading readings[EKOK_KIND_IDENTIFIED];

    InitMaterializedSRF(fcinfo, 0);
    ekok_identify(ekok_span_argument(fcinfo, 0), readings);
    for (int i = 0; i < EKOK_KIND_IDENTIFIED; i++) {
        const ekok_reading *reading = &readings[i];
        Datum values[COLUMNS] = {CStringGetTextDatum(reading->kind), CStringGetTextDatum(reading->value),
                                 BoolGetDatum(reading->ok), CStringGetTextDatum(reading->reason)};
        bool nulls[COLUMNS] = {false, !reading->readable, false, reading->reason[0] == '\0'};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return (Datum)0;
}
