/*
 * fit.c - ekok.match_fit: weights learnt from agreement patterns.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"

#include "match/person.h"
#include "match_fit.h"

PG_FUNCTION_INFO_V1(match_fit);

/* levels: a row of EKOK_FIELDS for each count. */
static ekok_patterns patterns_of(FunctionCallInfo fcinfo)
{
    int cells, count;
    const int16 *levels = ekok_array_elements(PG_GETARG_ARRAYTYPE_P(0), "levels", &cells);
    const int64 *counts = ekok_array_elements(PG_GETARG_ARRAYTYPE_P(1), "counts", &count);

    if (cells != count * EKOK_FIELDS)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("%d levels do not make %d patterns of %d fields", cells, count, EKOK_FIELDS),
                errhint("Collect them as array_agg(levels) and array_agg(count) of one grouped query."));
    ekok_levels *read = palloc(Max(count, 1) * sizeof *read);
    for (int i = 0; i < count; i++)
        read[i] = ekok_levels_from(levels + (Size)i * EKOK_FIELDS);
    return (ekok_patterns){read, counts, (size_t)count};
}

static bool read_u(FunctionCallInfo fcinfo, ekok_fit *fit)
{
    int count;

    if (PG_ARGISNULL(2))
        return false;
    const float4 *u = ekok_array_elements(PG_GETARG_ARRAYTYPE_P(2), "u", &count);
    if (count != EKOK_LEVELS)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("u: %d shares where there are %d levels", count, EKOK_LEVELS),
                errhint("ekok.match_weights() lists the levels in their order."));
    for (int i = 0; i < count; i++) {
        if (!(u[i] > 0 && u[i] <= 1))
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("u: share %d is not above 0 and at most 1", i + 1),
                    errhint("Give a level that was never seen a small share instead of none."));
        fit->u[i] = u[i];
    }
    return true;
}

static Datum shares(const double share[EKOK_LEVELS])
{
    Datum each[EKOK_LEVELS];

    for (int i = 0; i < EKOK_LEVELS; i++)
        each[i] = Float4GetDatum((float4)share[i]);
    return PointerGetDatum(construct_array(each, EKOK_LEVELS, FLOAT4OID, sizeof(float4), true, TYPALIGN_INT));
}

Datum match_fit(PG_FUNCTION_ARGS)
{
    enum { COLUMNS = 6 /* weights, prior, m, u, rounds, settled */ };
    ekok_fit fit;
    float weights[EKOK_LEVELS];
    double wide[EKOK_LEVELS];
    TupleDesc desc;

    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_NULL();
    if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "match_fit returns a row");
    ekok_fit_begin(&fit);
    ekok_patterns patterns = patterns_of(fcinfo);
    bool fixed_u = read_u(fcinfo, &fit);
    int rounds = PG_ARGISNULL(3) ? 100 : PG_GETARG_INT32(3);
    if (rounds < 1 || rounds > EKOK_FIT_ROUNDS_MAX)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("rounds is not between 1 and %d", EKOK_FIT_ROUNDS_MAX));
    ekok_fit_run(&fit, &patterns, fixed_u, rounds);
    ekok_fit_weights(&fit, weights);
    for (int i = 0; i < EKOK_LEVELS; i++)
        wide[i] = weights[i];
    Datum values[COLUMNS] = {shares(wide),  Float8GetDatum(fit.prior), shares(fit.m),
                             shares(fit.u), Int32GetDatum(fit.rounds), BoolGetDatum(fit.settled)};
    bool nulls[COLUMNS] = {false};
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
