/* settle.c - see settle.h. */
#include "cli/settle.h"

#include <stdio.h>
#include <string.h>

#include "cli/text.h"

const listing settle_left = {
    .sql = "SELECT rotation, table_name AS \"table\", source, rows, to_char(last_changed, 'YYYY-MM-DD') AS "
           "last_changed, to_char(last_pulled, 'YYYY-MM-DD') AS last_pulled FROM keyring.list_left()",
    .column = {{"keeps open", LISTED_NUMBER},
               {"table", LISTED_TEXT},
               {"source", LISTED_TEXT},
               {"rows", LISTED_NUMBER},
               {"last changed", LISTED_TEXT},
               {"last pulled", LISTED_TEXT}},
    .empty = "No row keeps a rotation open."};

const listing settle_proposals = {
    .sql =
        "SELECT id AS proposal, rotation_id AS rotation, rows, proposed_by, to_char(expires_at, 'YYYY-MM-DD "
        "HH24:MI') AS expires, coalesce(outcome, CASE WHEN expires_at < clock_timestamp() THEN 'expired' "
        "ELSE 'waits' END) AS outcome, ended_by, reason FROM keyring.settlement WHERE rotation_id = (SELECT "
        "max(id) FROM keyring.rotation) ORDER BY id",
    .column = {{"proposal", LISTED_TEXT},
               {"rotation", LISTED_NUMBER},
               {"gives up", LISTED_NUMBER},
               {"by", LISTED_TEXT, 14},
               {"expires", LISTED_TEXT},
               {"outcome", LISTED_TEXT},
               {"ended by", LISTED_TEXT, 14},
               {"reason", LISTED_TEXT}},
    .empty = "Nothing was proposed to be given up."};

static bool any(pg_session *pg, bool *out, failure *f)
{
    pg_rows *rows = pg_query(pg,
                             "SELECT EXISTS (SELECT FROM keyring.list_left()) OR EXISTS (SELECT FROM "
                             "keyring.settlement WHERE rotation_id = (SELECT max(id) FROM keyring.rotation))",
                             0, NULL, f);
    *out = rows && *pg_rows_get(rows, 0, 0) == 't';
    pg_rows_free(rows);
    return rows != NULL;
}

bool settle_print(pg_session *pg, failure *f)
{
    bool there;
    if (!any(pg, &there, f))
        return false;
    if (!there)
        return true;
    (void)putchar('\n');
    if (!listing_print(pg, &settle_left, f))
        return false;
    (void)putchar('\n');
    return listing_print(pg, &settle_proposals, f);
}

static bool propose(command_session *s, const command_line *line, failure *f)
{
    if (!line->reason)
        return fail(f, EXIT_USAGE, "keys settle: --reason TEXT says why these rows never come again");
    pg_rows *rows = pg_query(s->pg, "SELECT keyring.propose_settlement($1)", 1, &line->reason, f);
    if (rows)
        (void)printf(
            "Proposal %s waits for another operator, seven days: ekok keys status shows what is given "
            "up.\nNext, by that one: ekok keys settle approve %s\n",
            pg_rows_get(rows, 0, 0), pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return rows != NULL;
}

static bool approve(command_session *s, const char *number, failure *f)
{
    pg_rows *rows = pg_query(s->pg, "SELECT keyring.approve_settlement($1::bigint)", 1, &number, f);
    if (rows)
        (void)printf("%s rows are given up: they count as changed when they come again.\n"
                     "Next, by whoever rotates: ekok keys rotate row\n",
                     pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return rows != NULL;
}

bool settle_do(command_session *s, const command_line *line, failure *f)
{
    if (line->words == 2)
        return propose(s, line, f);
    const char *number = line->word[3];
    const bool approves = strcmp(line->word[2], "approve") == 0;
    if ((!approves && strcmp(line->word[2], "end") != 0) || line->words != 4 || !text_is_number(number))
        return fail(f, EXIT_USAGE,
                    "keys settle: --reason TEXT, or approve or end and the number of a proposal; ekok keys "
                    "status shows them");
    if (approves)
        return approve(s, number, f);
    pg_rows *rows = pg_query(s->pg, "SELECT keyring.end_settlement($1::bigint)", 1, &number, f);
    if (rows)
        (void)puts("Ended: nothing was given up.");
    pg_rows_free(rows);
    return rows != NULL;
}
