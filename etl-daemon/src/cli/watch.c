/*
 * watch.c - queries on the books of the runs. Of a quarantined record only where it came from and why it is there.
 */
#include "cli/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/listing.h"
#include "cli/text.h"

static const listing runs = {
    .sql = "SELECT source, coalesce(state, 'never run') AS state, to_char(coalesce(ended_at, started_at), "
           "'YYYY-MM-DD HH24:MI') AS at, pages, fetched, quarantined, refused, broken_pages, problem "
           "FROM report.last_runs ORDER BY source",
    .column = {{"source", LISTED_TEXT},
               {"state", LISTED_TEXT},
               {"at", LISTED_TEXT},
               {"pages", LISTED_NUMBER},
               {"fetched", LISTED_NUMBER},
               {"quarantined", LISTED_NUMBER},
               {"refused", LISTED_NUMBER}},
    .empty = "No source is known: etl.source is empty."};

static const listing totals = {
    .sql = "SELECT disposition, count(*) AS records, max(at)::timestamp(0) AS latest FROM etl.quarantine "
           "GROUP BY disposition ORDER BY disposition",
    .column = {{"set aside", LISTED_TEXT}, {"records", LISTED_NUMBER}, {"latest", LISTED_TEXT}},
    .empty = "Nothing is set aside."};

/* $1: source or null */
static const listing reasons = {
    .sql =
        "SELECT q.source, q.disposition, r->>'reason' AS reason, r->>'field' AS field, count(*) AS records "
        "FROM etl.quarantine q CROSS JOIN LATERAL jsonb_array_elements(q.reasons) r "
        "WHERE $1::text IS NULL OR q.source = $1 GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4",
    .params = 1,
    .column = {{"source", LISTED_TEXT},
               {"set aside", LISTED_TEXT},
               {"reason", LISTED_TEXT},
               {"field", LISTED_TEXT},
               {"records", LISTED_NUMBER}},
    .empty = "Nothing is set aside."};

/* $1: source or null, $2: most rows */
static const listing set_aside = {
    .sql =
        "SELECT q.id, q.source, to_char(q.at, 'YYYY-MM-DD HH24:MI') AS at, q.first_run AS run, q.first_page "
        "AS page, "
        "(SELECT string_agg(concat_ws(' ', r->>'field', replace(r->>'reason', '_', ' ')), '; ' ORDER BY n) "
        "FROM jsonb_array_elements(q.reasons) WITH ORDINALITY AS x(r, n)) AS reasons "
        "FROM etl.quarantine q WHERE $1::text IS NULL OR q.source = $1 ORDER BY q.id DESC LIMIT $2::int",
    .params = 2,
    .column = {{"id", LISTED_NUMBER},
               {"source", LISTED_TEXT},
               {"first seen", LISTED_TEXT},
               {"run", LISTED_NUMBER},
               {"page", LISTED_NUMBER},
               {"reasons", LISTED_TEXT}},
    .empty = "Nothing is set aside."};

static bool status_json(command_session *s, failure *f)
{
    (void)printf("{");
    bool good = listing_print_json(s->pg, "runs", &runs, f);
    (void)printf(",\n ");
    good = good && listing_print_json(s->pg, "set_aside", &totals, f);
    (void)printf("}\n");
    return good;
}

bool watch_status(command_session *s, const command_line *line, failure *f)
{
    if (line->json)
        return status_json(s, f);
    (void)printf("Last run of each source (records)\n");
    if (!listing_print(s->pg, &runs, f))
        return false;
    if (!listing_print_problems(s->pg, f))
        return false;
    (void)printf("\n");
    if (!listing_print(s->pg, &totals, f))
        return false;
    (void)printf("\nNext: ekok run --all pulls now; ekok quarantine list shows what is set aside.\n");
    return true;
}

static bool quarantine_json(command_session *s, const listing *by_reason, const listing *rows, failure *f)
{
    (void)printf("{");
    bool good = listing_print_json(s->pg, "by_reason", by_reason, f);
    (void)printf(",\n ");
    good = good && listing_print_json(s->pg, "records", rows, f);
    (void)printf("}\n");
    return good;
}

bool watch_quarantine(command_session *s, const command_line *line, failure *f)
{
    char most[16];
    listing by_reason = reasons, rows = set_aside;
    (void)snprintf(most, sizeof most, "%d", line->rows);
    by_reason.param[0] = rows.param[0] = line->source;
    rows.param[1] = most;
    if (line->json)
        return quarantine_json(s, &by_reason, &rows, f);
    (void)printf("Set aside, by reason (a record may have several)\n");
    if (!listing_print(s->pg, &by_reason, f))
        return false;
    (void)printf("\nThe latest %d\n", line->rows);
    return listing_print(s->pg, &rows, f);
}
