/* hold.c - see hold.h. */
#include "cli/hold.h"

#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/text.h"

static const listing holds = {
    .sql = "SELECT id, subject, to_char(placed_at, 'YYYY-MM-DD') AS placed, placed_by, until, CASE WHEN "
           "lifted_at "
           "IS NOT NULL THEN 'lifted' WHEN until < current_date THEN 'over' ELSE 'stands' END AS state, "
           "lifted_by, basis FROM registry.legal_hold ORDER BY id",
    .column = {{"hold", LISTED_TEXT},
               {"subject", LISTED_TEXT},
               {"placed", LISTED_TEXT},
               {"by", LISTED_TEXT, 14},
               {"until", LISTED_TEXT},
               {"state", LISTED_TEXT},
               {"lifted by", LISTED_TEXT, 14},
               {"basis", LISTED_TEXT}},
    .empty = "No legal hold was ever placed."};

static const listing terms = {
    .sql = "SELECT programme, keep, to_char(set_at, 'YYYY-MM-DD') AS since, set_by, basis FROM "
           "registry.retention ORDER BY programme",
    .column = {{"programme", LISTED_TEXT},
               {"kept for", LISTED_TEXT},
               {"since", LISTED_TEXT},
               {"by", LISTED_TEXT, 14},
               {"basis", LISTED_TEXT}},
    .empty = "No programme has a term of keeping."};

static const listing proposals = {
    .sql =
        "SELECT id, coalesce('lift hold ' || hold, 'keep ' || programme || ' ' || coalesce(keep::text, 'by "
        "no "
        "term') || ', not ' || was) AS proposal, proposed_by, to_char(expires_at, 'YYYY-MM-DD HH24:MI') AS "
        "expires, coalesce(outcome, CASE WHEN expires_at < clock_timestamp() THEN 'expired' ELSE 'waits' "
        "END) AS outcome, ended_by, basis FROM registry.keeping_proposal ORDER BY id",
    .column = {{"number", LISTED_TEXT},
               {"proposal", LISTED_TEXT},
               {"by", LISTED_TEXT, 14},
               {"expires", LISTED_TEXT},
               {"outcome", LISTED_TEXT},
               {"ended by", LISTED_TEXT, 14},
               {"basis", LISTED_TEXT}},
    .empty = "Nothing was ever proposed."};

bool hold_status(command_session *s, const command_line *line, failure *f)
{
    static const struct {
        const char *name;
        const listing *what;
    } parts[] = {{"holds", &holds}, {"terms", &terms}, {"proposals", &proposals}};
    bool good = true;
    for (size_t i = 0; good && i < sizeof parts / sizeof parts[0]; i++) {
        (void)fputs(!line->json ? i ? "\n" : "" : i ? ", " : "{", stdout);
        good = line->json ? listing_print_json(s->pg, parts[i].name, parts[i].what, f)
                          : listing_print(s->pg, parts[i].what, f);
    }
    (void)fputs(line->json ? "}\n" : "", stdout);
    return good;
}

static bool expect_number(const command_line *line, const char *what, failure *f)
{
    return (line->words == 3 && text_is_number(line->word[2])) ||
           fail(f, EXIT_USAGE, "hold %s: the number of a %s is expected; ekok hold status shows them",
                line->word[1], what);
}

static void print_waiting(const char *number)
{
    (void)printf("Proposal %s waits for another operator, seven days. Next, by that one: ekok hold approve "
                 "%s\n",
                 number, number);
}

bool hold_place(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 3 || !line->reason)
        return fail(f, EXIT_USAGE,
                    "hold place: the id of a person, an enrolment or a member is expected, and --reason LAW");
    const char *param[] = {line->word[2], line->reason, line->until};
    pg_rows *rows = pg_query(s->pg, "SELECT registry.place_legal_hold($1::uuid, $2, $3::date)", 3, param, f);
    if (rows)
        (void)printf("Hold %s stands.\n", pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return rows != NULL;
}

bool hold_lift(command_session *s, const command_line *line, failure *f)
{
    if (!expect_number(line, "hold", f))
        return false;
    if (!line->reason)
        return fail(f, EXIT_USAGE, "hold lift: --reason TEXT says why it is no longer needed");
    const char *param[] = {line->word[2], line->reason};
    pg_rows *rows = pg_query(s->pg, "SELECT registry.lift_legal_hold($1::bigint, $2)", 2, param, f);
    if (rows)
        print_waiting(pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return rows != NULL;
}

bool hold_term(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 4 || !line->reason)
        return fail(
            f, EXIT_USAGE,
            "hold term: a programme and a term, as '10 years' or none, are expected, and --reason LAW");
    const char *param[] = {line->word[2], strcmp(line->word[3], "none") == 0 ? NULL : line->word[3],
                           line->reason};
    pg_rows *rows = pg_query(s->pg, "SELECT registry.set_retention($1, $2::interval, $3)", 3, param, f);
    if (rows && pg_rows_get(rows, 0, 0))
        print_waiting(pg_rows_get(rows, 0, 0));
    else if (rows)
        (void)puts("In force.");
    pg_rows_free(rows);
    return rows != NULL;
}

bool hold_decide(command_session *s, const command_line *line, failure *f)
{
    if (!expect_number(line, "proposal", f))
        return false;
    bool approve = strcmp(line->word[1], "approve") == 0;
    pg_rows *rows = pg_query(s->pg,
                             approve ? "SELECT registry.approve_keeping($1::bigint)"
                                     : "SELECT 'Ended: what keeps data stays as it is.' FROM "
                                       "registry.end_keeping($1::bigint)",
                             1, &line->word[2], f);
    if (rows)
        (void)puts(pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return rows != NULL;
}
