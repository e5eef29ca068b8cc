/*
 * watch.c - queries on the books of the runs. A cursor may hold a source's own record number, so only its
 * kind and time are shown; of a quarantined record only where it came from and why it is there.
 */
#include "cli/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/listing.h"
#include "cli/text.h"

static const listing sources = {
    .sql = "SELECT s.code AS source, s.state, count(p.programme) AS programmes, CASE WHEN c.value IS NULL "
           "THEN 'start' "
           "WHEN c.value ~ '^(page|offset)=[0-9]{1,9}$' THEN replace(c.value, '=', ' ') "
           "WHEN c.value ~ '^since=[0-9]{4}-[0-9]{2}-[0-9]{2}' THEN 'since ' || substr(c.value, 7, 10) "
           "ELSE 'inside a listing' END AS position, s.title "
           "FROM etl.source s LEFT JOIN etl.source_programme p ON p.source = s.code "
           "LEFT JOIN etl.cursor c ON c.source = s.code GROUP BY s.code, c.value ORDER BY s.code",
    .column = {{"source", LISTED_TEXT},
               {"state", LISTED_TEXT},
               {"programmes", LISTED_NUMBER},
               {"goes on at", LISTED_TEXT},
               {"title", LISTED_TEXT}},
    .empty = "No source is known: etl.source is empty."};

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

bool watch_sources(command_session *s, const command_line *line, failure *f)
{
    if (!line->json)
        return listing_print(s->pg, &sources, f);
    (void)printf("{");
    bool good = listing_print_json(s->pg, "sources", &sources, f);
    (void)printf("}\n");
    return good;
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
