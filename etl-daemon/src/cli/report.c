/*
 * report.c - the sections in their order. All counting is done by the views of schema report; nothing is
 * counted here.
 */
#include "cli/report.h"

#include <stdio.h>

#include "cli/cases.h"
#include "cli/listing.h"
#include "cli/text.h"

static const listing runs = {
    .sql = "SELECT coalesce(source, 'total') AS source, sum(fetched) AS fetched, sum(inserted) AS inserted, "
           "sum(updated) AS updated, sum(unchanged) AS unchanged, sum(quarantined) AS quarantined, "
           "sum(refused) AS refused FROM report.last_runs WHERE run_id IS NOT NULL "
           "GROUP BY ROLLUP (source) HAVING count(*) > 0 ORDER BY grouping(source), source",
    .column = {{"source", LISTED_TEXT},
               {"fetched", LISTED_NUMBER},
               {"inserted", LISTED_NUMBER},
               {"updated", LISTED_NUMBER},
               {"unchanged", LISTED_NUMBER},
               {"quarantined", LISTED_NUMBER},
               {"refused", LISTED_NUMBER}},
    .empty = "Nothing was pulled yet: ekok run --all.",
    .total = true};

static const listing people = {
    .sql = "SELECT kind, state, people, enrolments, pairs FROM report.people_by_evidence",
    .column = {{"evidence", LISTED_TEXT},
               {"says", LISTED_TEXT},
               {"people", LISTED_NUMBER},
               {"enrolments", LISTED_NUMBER},
               {"pairs of enrolments", LISTED_NUMBER}},
    .empty = "Nobody shares evidence across programmes, or no sweep was made: ekok sweep."};

static const listing above = {.sql =
                                  "SELECT rule, mode, \"limit\" AS allowed, programme_count AS programmes, "
                                  "count(*) AS people FROM report.above_limit "
                                  "GROUP BY 1, 2, 3, 4 ORDER BY 1, 4 DESC",
                              .column = {{"rule", LISTED_TEXT, 34},
                                         {"mode", LISTED_TEXT},
                                         {"allowed", LISTED_NUMBER},
                                         {"active programmes", LISTED_NUMBER},
                                         {"people", LISTED_NUMBER}},
                              .empty = "Nobody breaks a rule, or no sweep was made: ekok sweep."};

static const listing combined = {
    .sql = "SELECT persons AS people, programme_a || ' ' || name_a AS one, programme_b || ' ' || name_b AS "
           "other "
           "FROM report.programmes_overlap LIMIT 10",
    .column = {{"people", LISTED_NUMBER},
               {"in this programme", LISTED_TEXT, 34},
               {"and in this", LISTED_TEXT, 34}},
    .empty = "No two programmes have a person in common, or no sweep was made: ekok sweep."};

static const listing waiting = {
    .sql = "SELECT question, kind AS evidence, pairs, paisa / 100 AS taka FROM report.waiting",
    .column = {{"question", LISTED_TEXT},
               {"evidence", LISTED_TEXT},
               {"pairs of enrolments", LISTED_NUMBER},
               {"taka of one payment", LISTED_NUMBER}},
    .empty = "Nothing waits for a human, or no sweep was made: ekok sweep."};

static const listing ministries = {
    .sql = "SELECT code AS ministry, enrolments, in_several, in_several_change, queued, above_limit, "
           "(paisa_in_several / 100)::bigint AS taka FROM report.sweep_ministry",
    .column = {{"ministry", LISTED_TEXT},
               {"enrolments", LISTED_NUMBER},
               {"in several", LISTED_NUMBER},
               {"change", LISTED_NUMBER},
               {"waiting", LISTED_NUMBER},
               {"rule broken", LISTED_NUMBER},
               {"taka in several", LISTED_NUMBER}},
    .empty = "No sweep was made: ekok sweep."};

static const listing asked = {
    .sql =
        "SELECT system, confidence AS shape, matches AS match, mismatches AS mismatch, unknowns AS unknown, "
        "expired, left_today FROM report.verification WHERE matches + mismatches + unknowns + expired > 0",
    .column = {{"system", LISTED_TEXT},
               {"shape", LISTED_TEXT},
               {"match", LISTED_NUMBER},
               {"mismatch", LISTED_NUMBER},
               {"unknown", LISTED_NUMBER},
               {"expired", LISTED_NUMBER},
               {"left of today's quota", LISTED_NUMBER}},
    .empty = "No other system was asked yet: ekok verify."};

static bool section(command_session *s, const char *title, const listing *what, failure *f)
{
    (void)printf("\n%s\n", title);
    return listing_print(s->pg, what, f);
}

static bool print_json(command_session *s, const command_line *line, failure *f)
{
    static const struct {
        const char *name;
        const listing *what;
    } part[] = {{"runs", &runs},         {"people_by_evidence", &people}, {"above_limit", &above},
                {"combined", &combined}, {"waiting", &waiting},           {"ministries", &ministries},
                {"verification", &asked}};
    (void)printf("{");
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        if (!listing_print_json(s->pg, part[i].name, part[i].what, f))
            return false;
        (void)printf(",\n ");
    }
    bool good = cases_print_json(s, line, f);
    (void)printf("}\n");
    return good;
}

static bool print_findings(command_session *s, failure *f)
{
    if (!section(s, "2  People in two or more programmes, by kind of evidence", &people, f))
        return false;
    text_print_wrapped(
        "certain: one person; likeness: no number in common, but names, parents, dates and places; "
        "probable: a human is asked; refuted: asked too, because something speaks against it; shared: only "
        "the number, as in a family",
        0, stdout);
    if (!section(s, "3  People that break a rule (whom a refusal stopped is not among them)", &above, f))
        return false;
    if (!section(s, "4  Programmes most often combined (people enrolled in both)", &combined, f) ||
        !section(s, "5  What waits for a human (registry.queue)", &waiting, f))
        return false;
    text_print_wrapped(
        "probable: one human or two; contradiction: much says one, and a number, a sex or a twin's "
        "name says two; changed: decided, but not upon what stands there now",
        0, stdout);
    if (!section(s, "6  By ministry, and the change since the sweep before (enrolments)", &ministries, f) ||
        !section(s, "7  What other systems said (enrolments by their latest verdict)", &asked, f))
        return false;
    text_print_wrapped(
        "match: it affirms; mismatch: it denies; unknown: not found, locked or not readable, and "
        "never taken for a no. shape: how sure the form of its messages is",
        0, stdout);
    return true;
}

bool report_print(command_session *s, const command_line *line, failure *f)
{
    if (line->json)
        return print_json(s, line, f);
    (void)printf("1  What the last run of each source brought (records)\n");
    if (!listing_print(s->pg, &runs, f))
        return false;
    if (!listing_print_problems(s->pg, f) || !print_findings(s, f))
        return false;
    (void)printf("\n8  The most striking cases (identifiers masked; each opening is recorded)\n");
    if (s->sealed_because[0]) {
        char text[600];
        (void)snprintf(text, sizeof text, "Identifiers stay sealed: %s", s->sealed_because);
        text_print_wrapped(text, 4, stdout);
    }
    if (!cases_print(s, line, f))
        return false;
    (void)printf("\n");
    text_print_wrapped(
        "Next: ekok report --json --cases 50 for a list of cases; ekok quarantine list for what is "
        "missing here because it could not be read.",
        0, stdout);
    return true;
}
