/*
 * dedupe.c - SQL functions ekok.dedupe and ekok.dedupe_pairs: a ministry's own table de-duplicated in one go, exact and
 * fuzzy, under the caller's rights. Nothing is written, no identifier is repeated; memory stays below
 * maintenance_work_mem.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "linkage/cluster.h"
#include "linkage/search.h"
#include "type/weights.h"

PG_FUNCTION_INFO_V1(dedupe);
PG_FUNCTION_INFO_V1(dedupe_pairs);

typedef struct {
    link_memory memory;
    record_store store;
    link_scorer scorer;
    link_clusters clusters;
    ReturnSetInfo *result;
} dedupe_run;

/* (records regclass, columns jsonb, weights real[]) */
static dedupe_run *run(FunctionCallInfo fcinfo)
{
    dedupe_run *r = palloc0(sizeof *r);
    float weights[EKOK_LEVELS];
    bool own = ekok_weights_argument(fcinfo, 2, weights);

    InitMaterializedSRF(fcinfo, 0);
    r->result = (ReturnSetInfo *)fcinfo->resultinfo;
    if (PG_ARGISNULL(0))
        return r;
    link_columns columns = link_columns_of(PG_GETARG_OID(0), PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1));
    r->memory = link_memory_make();
    record_store_load(&r->store, &r->memory, &columns);
    ereport(DEBUG1, errmsg_internal("%u records read, %u names, %u words", r->store.count,
                                    r->store.names.name_count, r->store.names.word_count));
    link_search(&r->scorer, &r->store, own ? weights : NULL);
    r->clusters = link_cluster(&r->scorer);
    ereport(DEBUG1, errmsg_internal("%zu MB taken at most", r->memory.most >> 20));
    return r;
}

/* What the record is called: its id, or where it stands. */
static Datum record_text(const dedupe_run *r, uint32 record, bool *null)
{
    const link_record *given = &r->store.record[record];

    *null = false;
    if (given->id != PG_UINT32_MAX)
        return CStringGetTextDatum(r->store.ids + given->id);
    if (ItemPointerIsValid(&given->row)) {
        char at[32];
        snprintf(at, sizeof at, "(%u,%u)", ItemPointerGetBlockNumber(&given->row),
                 ItemPointerGetOffsetNumber(&given->row));
        return CStringGetTextDatum(at);
    }
    *null = true;
    return (Datum)0;
}

static Datum record_row(const dedupe_run *r, uint32 record, bool *null)
{
    *null = !ItemPointerIsValid(&r->store.record[record].row);
    return PointerGetDatum(&r->store.record[record].row);
}

/* The fields that speak for the pair, in the order of the fields. */
static Datum basis_text(const dedupe_run *r, const link_pair *pair)
{
    char basis[128];
    Size n = 0;

    basis[0] = '\0';
    for (int field = 0; field < EKOK_FIELDS; field++) {
        uint8 level = pair->levels.of[field];
        if (level < EKOK_LEVELS && r->scorer.weights[level] > 1 && n < sizeof basis)
            n += (Size)snprintf(basis + n, sizeof basis - n, "%s%s", n > 0 ? " + " : "",
                                ekok_field_name((ekok_field)field));
    }
    return CStringGetTextDatum(basis);
}

/* For each record the surest pair within its cluster, number + 1; 0 when it has none. */
static uint32 *best_links(dedupe_run *r)
{
    Size size = (Size)r->store.count * sizeof(uint32);
    uint32 *best = link_take(&r->memory, size);

    memset(best, 0, size);
    for (uint32 i = 0; i < r->scorer.count; i++) {
        const link_pair *pair = &r->scorer.pair[i];
        const uint32 ends[] = {pair->a, pair->b};
        if (r->clusters.of[pair->a] != r->clusters.of[pair->b])
            continue;
        for (int end = 0; end < 2; end++) {
            uint32 *known = &best[ends[end]];
            if (*known == 0 || pair->bits > r->scorer.pair[*known - 1].bits)
                *known = i + 1;
        }
    }
    return best;
}

/* Puts out a row made in the current memory context and empties that. */
static void put_row(const dedupe_run *r, const Datum *values, const bool *nulls)
{
    tuplestore_putvalues(r->result->setResult, r->result->setDesc, (Datum *)values, (bool *)nulls);
    MemoryContextReset(CurrentMemoryContext);
    CHECK_FOR_INTERRUPTS();
}

static void begin_rows(void)
{
    MemoryContextSwitchTo(
        AllocSetContextCreate(CurrentMemoryContext, "ekok dedupe row", ALLOCSET_SMALL_SIZES));
}

static void end_rows(const dedupe_run *r)
{
    MemoryContext row = CurrentMemoryContext;

    MemoryContextSwitchTo(row->parent);
    MemoryContextDelete(row);
    if (r->memory.context != NULL)
        MemoryContextDelete(r->memory.context);
}

Datum dedupe(PG_FUNCTION_ARGS)
{
    enum { COLUMNS = 6 /* record, place, cluster, members, score, basis */, AHEAD = 12 };
    dedupe_run *r = run(fcinfo);
    uint32 *best = best_links(r);

    begin_rows();
    for (uint32 i = 0; i < r->store.count; i++) {
        bool nulls[COLUMNS] = {false};
        uint32 members = r->clusters.members[r->clusters.of[i]];

        if (i + AHEAD < r->store.count && r->store.record[i + AHEAD].id != PG_UINT32_MAX)
            __builtin_prefetch(r->store.ids + r->store.record[i + AHEAD].id);
        if (members < 2)
            continue;
        const link_pair *link = &r->scorer.pair[best[i] - 1];
        Datum values[COLUMNS] = {record_text(r, i, &nulls[0]),
                                 record_row(r, i, &nulls[1]),
                                 Int64GetDatum((int64)r->clusters.of[i] + 1),
                                 Int32GetDatum((int32)members),
                                 Float4GetDatum(link->bits),
                                 basis_text(r, link)};
        put_row(r, values, nulls);
    }
    end_rows(r);
    return (Datum)0;
}

Datum dedupe_pairs(PG_FUNCTION_ARGS)
{
    enum { COLUMNS = 8 /* a, b, row_a, row_b, state, score, probability, basis */ };
    static const char *const STATES[] = {
        [LINK_SHARED] = "shared", [LINK_PROBABLE] = "probable", [LINK_CERTAIN] = "certain"};
    dedupe_run *r = run(fcinfo);

    begin_rows();
    for (uint32 i = 0; i < r->scorer.count; i++) {
        bool nulls[COLUMNS] = {false};
        const link_pair *pair = &r->scorer.pair[i];
        double odds = ekok_exp2((double)pair->bits + (double)r->scorer.prior);

        Datum values[COLUMNS] = {record_text(r, pair->a, &nulls[0]),       record_text(r, pair->b, &nulls[1]),
                                 record_row(r, pair->a, &nulls[2]),        record_row(r, pair->b, &nulls[3]),
                                 CStringGetTextDatum(STATES[pair->state]), Float4GetDatum(pair->bits),
                                 Float8GetDatum(odds / (1 + odds)),        basis_text(r, pair)};
        put_row(r, values, nulls);
    }
    end_rows(r);
    return (Datum)0;
}
