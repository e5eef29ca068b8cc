/* erase.c - see erase.h. */
#include "cli/erase.h"

#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/text.h"

static const listing proposals = {
    .sql =
        "SELECT id, to_char(proposed_at, 'YYYY-MM-DD HH24:MI') AS proposed, proposed_by, subject, "
        "coalesce(outcome, 'waits') AS outcome, ended_by, case_id, basis FROM registry.erasure ORDER BY id",
    .column = {{"number", LISTED_TEXT},
               {"proposed", LISTED_TEXT},
               {"by", LISTED_TEXT, 14},
               {"subject", LISTED_TEXT},
               {"outcome", LISTED_TEXT},
               {"ended by", LISTED_TEXT, 14},
               {"case", LISTED_TEXT, 20},
               {"basis", LISTED_TEXT}},
    .empty = "Nobody was ever proposed for erasure."};

static bool print(command_session *s, const command_line *line, const char *name, const listing *what,
                  failure *f)
{
    return line->json ? listing_print_json(s->pg, name, what, f) : listing_print(s->pg, what, f);
}

bool erase_status(command_session *s, const command_line *line, failure *f)
{
    (void)fputs(line->json ? "{" : "", stdout);
    bool good = print(s, line, "erasures", &proposals, f);
    (void)fputs(line->json ? "}\n" : "", stdout);
    return good;
}

static bool preview(command_session *s, const command_line *line, failure *f)
{
    const listing rows = {.sql = "SELECT place, rows FROM registry.preview_erasure($1::uuid)",
                          .params = 1,
                          .param = {line->word[2]},
                          .column = {{"would go from", LISTED_TEXT}, {"rows", LISTED_NUMBER}},
                          .empty = "Nothing would go."};
    const listing against = {.sql = "SELECT obstacle, hint FROM registry.erasure_obstacles($1::uuid)",
                             .params = 1,
                             .param = {line->word[2]},
                             .column = {{"speaks against it", LISTED_TEXT}, {"what to do", LISTED_TEXT}},
                             .empty = "Nothing speaks against it."};
    (void)fputs(line->json ? "{" : "", stdout);
    bool good = print(s, line, "rows", &rows, f);
    (void)fputs(line->json ? ", " : "\n", stdout);
    good = good && print(s, line, "obstacles", &against, f);
    (void)fputs(line->json ? "}\n" : "", stdout);
    return good;
}

bool erase_propose(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 3)
        return fail(f, EXIT_USAGE, "erase propose: the id of a person, an enrolment or a member is expected");
    if (line->dry_run)
        return preview(s, line, f);
    if (!line->reason || !line->topic)
        return fail(f, EXIT_USAGE, "erase propose: --reason LAW is the legal basis, --case CASE the case");
    const char *param[] = {line->word[2], line->reason, line->topic};
    pg_rows *rows = pg_query(s->pg, "SELECT registry.propose_erasure($1::uuid, $2, $3)", 3, param, f);
    if (!rows)
        return false;
    (void)printf("Proposal %s waits for another operator. Next, by that one: ekok erase approve %s\n",
                 pg_rows_get(rows, 0, 0), pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return true;
}

static bool approve(command_session *s, const char *number, failure *f)
{
    pg_rows *rows = pg_query(s->pg, "SELECT * FROM registry.erase_subject($1::bigint)", 1, &number, f);
    if (!rows)
        return false;
    (void)printf("Erased: %s rows; images and salts of %s entries of the trace. Its receipt is in "
                 "audit.erasure.\nCopies remain where docs/audit.md says, under \"Erase a subject\".\n",
                 pg_rows_get(rows, 0, 0), pg_rows_get(rows, 0, 1));
    pg_rows_free(rows);
    return true;
}

bool erase_decide(command_session *s, const command_line *line, failure *f)
{
    const char *number = line->word[2];
    if (line->words != 3 || !text_is_number(number))
        return fail(f, EXIT_USAGE,
                    "erase %s: the number of a proposal is expected; ekok erase status shows them",
                    line->word[1]);
    if (strcmp(line->word[1], "approve") == 0)
        return approve(s, number, f);
    pg_rows *rows = pg_query(s->pg, "SELECT registry.end_erasure($1::bigint)", 1, &number, f);
    if (rows)
        (void)puts("Ended: nothing was erased.");
    pg_rows_free(rows);
    return rows != NULL;
}
