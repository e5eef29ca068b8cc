/* status.c - see status.h. */
#include "cli/status.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/drill.h"
#include "cli/listing.h"
#include "cli/text.h"

static const char TOLD[] =
    "SELECT count(*) FILTER (WHERE condition IN ('well', 'pulling')) || ' of ' || count(*) || ' sources are "
    "well' || "
    "coalesce((SELECT string_agg(', ' || n || ' ' || condition, '' ORDER BY condition) FROM (SELECT "
    "condition, count(*) AS n "
    "FROM report.ingestion WHERE condition NOT IN ('well', 'pulling') GROUP BY condition) x), ''), "
    "to_char(now() AT TIME ZONE 'Asia/Dhaka', 'FMDD FMMonth YYYY HH24:MI'), "
    "coalesce((SELECT holder FROM etl.lease WHERE name = '*' AND held AND expires_at > now()), '') "
    "FROM report.ingestion";

static const listing sources = {
    .sql = "SELECT i.source, i.condition, coalesce(report.tell_seconds(i.age_seconds), 'never') AS age, "
           "r.fetched, "
           "i.quarantined, CASE WHEN i.held_for = 'loss' THEN 'run ' || i.held_run || ' would lose ' || "
           "i.vanished "
           "WHEN i.held_for = 'drift' THEN 'run ' || i.held_run || ' found drift' "
           "WHEN i.breaker <> 'closed' THEN 'again in ' || i.retry_seconds || ' s, failed ' || i.failures || "
           "' times' "
           "WHEN i.condition = 'waits for connection' THEN 'for ' || report.tell_seconds(extract(epoch FROM "
           "now() - (SELECT x.waits_since FROM etl.run x WHERE x.id = i.run_id))::bigint) "
           "WHEN i.condition = 'waits for quota' THEN i.requests || ' of ' || i.daily_quota || ' requests' "
           "WHEN i.late_seconds > 0 THEN 'late by ' || report.tell_seconds(i.late_seconds) "
           "WHEN i.failures > 0 THEN 'failed ' || i.failures || ' times' ELSE '' END AS note "
           "FROM report.ingestion i LEFT JOIN report.last_runs r USING (source) ORDER BY i.source",
    .column = {{"source", LISTED_TEXT},
               {"condition", LISTED_TEXT},
               {"whole", LISTED_TEXT},
               {"records", LISTED_NUMBER},
               {"set aside", LISTED_NUMBER},
               {"note", LISTED_TEXT}},
    .empty = "No source is known: etl.source is empty."};

static const listing runs = {
    .sql = "SELECT source, coalesce(state, 'never run') AS state, to_char(coalesce(ended_at, started_at), "
           "'YYYY-MM-DD HH24:MI') AS at, pages, fetched, quarantined, refused, broken_pages, problem "
           "FROM report.last_runs ORDER BY source"};

static const listing everything = {.sql = "SELECT * FROM report.ingestion"};

static const listing totals = {
    .sql = "SELECT disposition, count(*) AS records, max(at)::timestamp(0) AS latest FROM etl.quarantine "
           "WHERE resolved_run IS NULL GROUP BY disposition ORDER BY disposition",
    .column = {{"set aside", LISTED_TEXT}, {"records", LISTED_NUMBER}, {"latest", LISTED_TEXT}},
    .empty = "Nothing is set aside."};

static bool print_json(command_session *s, failure *f)
{
    (void)printf("{");
    bool good = listing_print_json(s->pg, "sources", &everything, f);
    (void)printf(",\n ");
    good = good && listing_print_json(s->pg, "runs", &runs, f);
    (void)printf(",\n ");
    good = good && listing_print_json(s->pg, "set_aside", &totals, f);
    (void)printf("}\n");
    return good;
}

static bool print_head(pg_session *pg, failure *f)
{
    pg_rows *rows = pg_query(pg, TOLD, 0, NULL, f);
    if (!rows)
        return false;
    const char *seat = pg_rows_get(rows, 0, 2);
    (void)printf("%s\n%s in Dhaka; %s\n\n", pg_rows_get(rows, 0, 0), pg_rows_get(rows, 0, 1),
                 seat && *seat ? "a daemon keeps the schedule" : "no daemon keeps the schedule");
    pg_rows_free(rows);
    return true;
}

/* A paragraph for each broken promise, whatever else is wrong with the source. */
static bool print_alarms(pg_session *pg, failure *f)
{
    static const char ask[] =
        "SELECT 'ALARM ' || source || ': late by ' || report.tell_seconds(late_seconds) || '; ' || "
        "CASE WHEN age_seconds IS NULL THEN 'it was never pulled to its end' "
        "ELSE 'its last whole pull is ' || report.tell_seconds(age_seconds) || ' old' END || "
        "', promised is ' || report.tell_seconds(promised_seconds) "
        "FROM report.ingestion WHERE late_seconds > 0 ORDER BY late_seconds DESC";
    return listing_print_paragraphs(pg, ask, f);
}

static bool print_advice(pg_session *pg, failure *f)
{
    static const char ask[] = "SELECT held_run, held_for = 'drift' FROM report.ingestion WHERE held_run IS "
                              "NOT NULL ORDER BY 1 LIMIT 1";
    pg_rows *rows = pg_query(pg, ask, 0, NULL, f);
    if (!rows)
        return false;
    if (pg_rows_count(rows) == 0)
        (void)printf("\nNext: ekok run --all pulls now; ekok quarantine list shows what is set aside.\n");
    else if (*pg_rows_get(rows, 0, 1) == 't')
        (void)printf("\nAsk the owner what changed; then mend the definition (ekok source add), or\n"
                     "accept it: ekok run release %s --reason TEXT\n",
                     pg_rows_get(rows, 0, 0));
    else
        (void)printf("\nAsk the source whether it lost them; then: ekok run release %s --reason TEXT\n",
                     pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return true;
}

bool status_print(command_session *s, const command_line *line, failure *f)
{
    if (line->json)
        return print_json(s, f);
    return print_head(s->pg, f) && listing_print(s->pg, &sources, f) && print_alarms(s->pg, f) &&
           listing_print_problems(s->pg, f) && print_advice(s->pg, f) && drill_alarm(s->pg, f);
}

bool status_release(command_session *s, const command_line *line, failure *f)
{
    if (!line->reason)
        return fail(f, EXIT_USAGE, "run release: --reason TEXT says who confirmed it, and how");
    if (!text_is_number(line->word[2]))
        return fail(f, EXIT_USAGE, "run release: the number of a run is expected; ekok status shows it");
    const char *param[] = {line->word[2], line->reason};
    pg_rows *rows =
        pg_query(s->pg,
                 "SELECT etl.release_run($1::bigint, $2::text), (SELECT array_to_string(drift, ', ') "
                 "FROM etl.run WHERE id = $1::bigint)",
                 2, param, f);
    if (!rows)
        return false;
    const char *drift = pg_rows_get(rows, 0, 1);
    if (drift)
        (void)printf("Run %s is released: accepted until the definition changes: %s.\n", line->word[2],
                     drift);
    else
        (void)printf("Run %s is released: %s enrolments are absent.\n", line->word[2],
                     pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return true;
}
