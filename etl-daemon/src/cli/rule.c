/*
 * rule.c - calls of registry.propose_rule, registry.preview_rule and registry.activate_rule, and looks at
 * registry.rule. What a rule may say is the database's to judge. Refuses to name a person: a rule's effect is told
 * in counts.
 */
#include "cli/rule.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/listing.h"
#include "cli/text.h"
#include "config/text_file.h"

enum { RULE_FILE_MOST = 64 * 1024 };

static const listing rules = {
    .sql = "SELECT code, state, kind, coalesce(\"limit\"::text, '') AS \"limit\", coalesce(benefit, '') AS "
           "benefit, mode, "
           "valid_from::text || coalesce(' to ' || valid_to, '') AS holds, proposed_by, "
           "coalesce(activated_by, '') AS activated_by "
           "FROM registry.rule ORDER BY array_position(ARRAY['active', 'proposed', 'retired'], state), code",
    .column = {{"rule", LISTED_TEXT, 32},
               {"state", LISTED_TEXT},
               {"kind", LISTED_TEXT},
               {"limit", LISTED_TEXT},
               {"benefit", LISTED_TEXT},
               {"mode", LISTED_TEXT},
               {"from", LISTED_TEXT},
               {"proposed by", LISTED_TEXT, 16},
               {"activated by", LISTED_TEXT, 16}},
    .empty = "There is no rule. Next: ekok rule propose FILE.json"};

/* $1: code. Whom it would affect, by the programmes that count. */
static const listing affected = {
    .sql = "SELECT array_to_string(p.programmes, ' ') AS programmes, count(*) AS persons, "
           "count(*) FILTER (WHERE p.newly) AS newly FROM registry.preview_rule($1) p "
           "GROUP BY p.programmes ORDER BY 3 DESC, 2 DESC, 1",
    .params = 1,
    .column = {{"programmes", LISTED_TEXT, 60}, {"persons", LISTED_NUMBER}, {"newly", LISTED_NUMBER}},
    .empty = "It would affect nobody."};

bool rule_list(command_session *s, const command_line *line, failure *f)
{
    if (!line->json)
        return listing_print(s->pg, &rules, f);
    (void)printf("{");
    bool good = listing_print_json(s->pg, "rules", &rules, f);
    (void)printf("}\n");
    return good;
}

static bool one_code(const command_line *line, failure *f)
{
    return line->words == 3 ||
           fail(f, EXIT_USAGE, "rule %s: one rule's code is expected; ekok rule list shows them",
                line->word[1]);
}

bool rule_show(command_session *s, const command_line *line, failure *f)
{
    if (!one_code(line, f))
        return false;
    pg_rows *rows = pg_query(
        s->pg,
        "SELECT jsonb_pretty(d), d::text, r.state, r.proposed_by, coalesce(', activated by ' || "
        "r.activated_by || ' on ' "
        "|| to_char(r.activated_at, 'YYYY-MM-DD'), '') FROM registry.rule r CROSS JOIN LATERAL (SELECT "
        "jsonb_strip_nulls(to_jsonb(r) - ARRAY['state', 'proposed_by', 'proposed_at', 'activated_by', "
        "'activated_at'])) "
        "AS t(d) WHERE r.code = $1",
        1, &line->word[2], f);
    if (!rows)
        return false;
    bool good = pg_rows_count(rows) == 1 ||
                fail(f, EXIT_USAGE, "%.63s: there is no such rule; ekok rule list", line->word[2]);
    if (good && line->json)
        (void)printf("{\"rule\": %s, \"state\": \"%s\"}\n", pg_rows_get(rows, 0, 1), pg_rows_get(rows, 0, 2));
    else if (good)
        (void)printf("%s, proposed by %s%s\n\n%s\n", pg_rows_get(rows, 0, 2), pg_rows_get(rows, 0, 3),
                     pg_rows_get(rows, 0, 4), pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return good;
}

/* What the database refuses is said as it says it; it is the file's fault when it is a matter of data. */
static bool refused(command_session *s, const char *file, failure *f)
{
    const char *state = pg_sqlstate(s->pg);
    if (strncmp(state, "22", 2) != 0 && strncmp(state, "23", 2) != 0)
        return false;
    char text[sizeof f->text];
    memcpy(text, f->text, sizeof text);
    return fail(f, EXIT_CONFIG, "%s: %s", file, text);
}

static bool propose_one(command_session *s, const char *file, failure *f)
{
    char *text;
    size_t size;
    if (!text_file_read(file, RULE_FILE_MOST, &text, &size, f))
        return false;
    if (text[strspn(text, " \t\r\n")] != '{') {
        free(text);
        return fail(f, EXIT_CONFIG,
                    "%s: is not a rule; accepted: one JSON object, as ekok rule show prints it", file);
    }
    const char *param[] = {text};
    pg_rows *rows =
        pg_query(s->pg,
                 "WITH d AS MATERIALIZED (SELECT $1::jsonb AS d) SELECT d ->> 'code', registry.propose_rule("
                 "d ->> 'code', d - ARRAY['code', 'replaces'], d ->> 'replaces') FROM d",
                 1, param, f);
    free(text);
    if (!rows)
        return refused(s, file, f);
    const char *code = pg_rows_get(rows, 0, 0);
    (void)printf("%s: waits for another operator, who looks at ekok rule check %s\n", code, code);
    pg_rows_free(rows);
    return true;
}

bool rule_propose(command_session *s, const command_line *line, failure *f)
{
    if (line->words < 3)
        return fail(f, EXIT_USAGE, "rule propose: a file with a rule is expected");
    bool good = pg_run(s->pg, "BEGIN", 0, NULL, f);
    for (size_t i = 2; good && i < line->words; i++)
        good = propose_one(s, line->word[i], f);
    return good && pg_run(s->pg, "COMMIT", 0, NULL, f);
}

bool rule_check(command_session *s, const command_line *line, failure *f)
{
    if (!one_code(line, f))
        return false;
    listing whom = affected;
    whom.param[0] = line->word[2];
    pg_rows *rows =
        pg_query(s->pg,
                 "SELECT count(*), count(*) FILTER (WHERE p.newly), max(r.state) FROM registry.rule r "
                 "LEFT JOIN registry.preview_rule($1) p ON true WHERE r.code = $1 AND p IS NOT NULL",
                 1, &line->word[2], f);
    if (!rows)
        return false;
    const char *all = pg_rows_get(rows, 0, 0), *newly = pg_rows_get(rows, 0, 1);
    bool good;
    if (line->json) {
        (void)printf("{\"persons\": %s, \"newly\": %s,\n ", all, newly);
        good = listing_print_json(s->pg, "affected", &whom, f);
        (void)printf("}\n");
    } else {
        good = listing_print(s->pg, &whom, f);
        (void)printf(
            "\nIt would affect %s persons in your scope, %s of them newly. Another than who proposed it:\n"
            "ekok rule activate %s %s\n",
            all, newly, line->word[2], newly);
    }
    pg_rows_free(rows);
    return good;
}

bool rule_activate(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 4 || !text_is_number(line->word[3]))
        return fail(f, EXIT_USAGE,
                    "rule activate: a rule's code is expected, and how many persons it newly affects; ekok "
                    "rule check");
    pg_rows *rows = pg_query(s->pg, "SELECT registry.activate_rule($1, $2::bigint)", 2, &line->word[2], f);
    if (!rows)
        return false;
    (void)printf("%s: is in force and newly affects %s persons\n", line->word[2], pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return true;
}
