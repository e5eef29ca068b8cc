/*
 * watch.c - queries on the books of the runs. Of quarantined records only how many there are.
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
           "WHERE resolved_run IS NULL "
           "GROUP BY disposition ORDER BY disposition",
    .column = {{"set aside", LISTED_TEXT}, {"records", LISTED_NUMBER}, {"latest", LISTED_TEXT}},
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
