/*
 * proposal.c - see proposal.h.
 */
#include "cli/proposal.h"

#include <stdio.h>

#include "cli/listing.h"
#include "cli/text.h"

static const listing waiting = {
    .sql = "SELECT p.id, p.source, p.proposed_by, to_char(p.proposed_at, 'YYYY-MM-DD HH24:MI') AS at, "
           "coalesce(d.version::text, 'none') AS in_force FROM etl.definition_proposal p "
           "LEFT JOIN etl.definition_in_force d ON d.source = p.source WHERE p.activated_at IS NULL ORDER BY "
           "p.id",
    .column = {{"number", LISTED_TEXT},
               {"source", LISTED_TEXT, 20},
               {"proposed by", LISTED_TEXT, 16},
               {"at", LISTED_TEXT},
               {"version in force", LISTED_TEXT}},
    .empty = "No definition waits. Next: ekok source propose FILE.json"};

/* $1: number. The leaves of both definitions, those that are not in both alike. */
static const listing differences = {
    .sql =
        "WITH RECURSIVE p AS (SELECT source, definition FROM etl.definition_proposal WHERE id = $1::bigint), "
        "leaf AS (SELECT false AS new, '' AS path, d.definition AS value FROM etl.definition_in_force d JOIN "
        "p USING "
        "(source) UNION ALL SELECT true, '', definition FROM p UNION ALL "
        "SELECT l.new, l.path || CASE WHEN l.path = '' THEN '' ELSE '.' END || k.key, k.value FROM leaf l "
        "CROSS JOIN "
        "LATERAL jsonb_each(CASE WHEN jsonb_typeof(l.value) = 'object' THEN l.value ELSE '{}' END) k), "
        "only_leaf AS (SELECT * FROM leaf WHERE jsonb_typeof(value) <> 'object') "
        "SELECT path, o.value::text AS in_force, n.value::text AS proposed FROM "
        "(SELECT * FROM only_leaf WHERE NOT new) o FULL JOIN (SELECT * FROM only_leaf WHERE new) n USING "
        "(path) "
        "WHERE o.value IS DISTINCT FROM n.value ORDER BY path COLLATE \"C\"",
    .params = 1,
    .column = {{"part", LISTED_TEXT, 28}, {"in force", LISTED_TEXT, 22}, {"proposed", LISTED_TEXT}},
    .empty = "It says what is in force."};

static bool show_one(command_session *s, const command_line *line, failure *f)
{
    const char *param[] = {line->word[2]};
    listing parts = differences;
    parts.param[0] = line->word[2];
    pg_rows *rows =
        pg_query(s->pg,
                 "SELECT source, proposed_by, coalesce('in force as version ' || version || ' by ' || "
                 "activated_by, 'waits for another operator'), definition::text FROM "
                 "etl.definition_proposal WHERE id = $1::bigint",
                 1, param, f);
    if (!rows)
        return false;
    bool good =
        pg_rows_count(rows) == 1 ||
        fail(f, EXIT_USAGE, "source proposals: there is no number %s; without one all that wait are listed",
             line->word[2]);
    if (good && line->json) {
        (void)printf("{\"definition\": %s,\n ", pg_rows_get(rows, 0, 3));
        good = listing_print_json(s->pg, "differences", &parts, f);
        (void)printf("}\n");
    } else if (good) {
        (void)printf("%s, proposed by %s: %s\n\n", pg_rows_get(rows, 0, 0), pg_rows_get(rows, 0, 1),
                     pg_rows_get(rows, 0, 2));
        good = listing_print(s->pg, &parts, f);
    }
    pg_rows_free(rows);
    return good;
}

bool proposal_show(command_session *s, const command_line *line, failure *f)
{
    if (line->words == 3)
        return text_is_number(line->word[2])
                   ? show_one(s, line, f)
                   : fail(f, EXIT_USAGE, "source proposals: a number is expected, or nothing");
    if (!line->json)
        return listing_print(s->pg, &waiting, f);
    (void)printf("{");
    bool good = listing_print_json(s->pg, "proposals", &waiting, f);
    (void)printf("}\n");
    return good;
}

bool proposal_activate(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 3 || !text_is_number(line->word[2]))
        return fail(f, EXIT_USAGE,
                    "source activate: the number of a proposal is expected; ekok source proposals");
    pg_rows *rows = pg_query(s->pg, "SELECT source, version, added FROM etl.activate_definition($1::bigint)",
                             1, &line->word[2], f);
    if (!rows)
        return false;
    (void)printf("%s: version %s%s\n", pg_rows_get(rows, 0, 0), pg_rows_get(rows, 0, 1),
                 *pg_rows_get(rows, 0, 2) == 't' ? " is in force" : " says the same, nothing was added");
    pg_rows_free(rows);
    return true;
}
