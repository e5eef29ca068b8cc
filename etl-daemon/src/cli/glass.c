/*
 * glass.c - see glass.h.
 */
#include "cli/glass.h"

#include <stdio.h>

#include "cli/access.h"
#include "cli/text.h"

const listing glass_breakings = {
    .sql =
        "SELECT scope_id, login, to_char(opened_at, 'YYYY-MM-DD HH24:MI') AS opened, rows_read, "
        "coalesce(reviewed_by::text, 'wanted') AS reviewed, purpose, finding FROM access.glasses ORDER BY 1",
    .column = {{"number", LISTED_TEXT},
               {"who", LISTED_TEXT, 14},
               {"opened", LISTED_TEXT},
               {"rows read", LISTED_NUMBER},
               {"reviewed by", LISTED_TEXT, 14},
               {"purpose", LISTED_TEXT}},
    .empty = "The glass was never broken."};

/* $1 programme, $2 place, $3 record, $4 rows at most */
static const listing rows_read = {
    .sql =
        "SELECT record, programme_code AS programme, status, to_char(birth_date, 'YYYY-MM-DD') AS born, "
        "place, "
        "coalesce(name_en, name_bn) AS name, enrolment_id, source, name_bn, father_name, mother_name, sex, "
        "household, amount_paisa, enrolled_on FROM access.read_glass($1::text, $2::text, $3::text, $4::int)",
    .params = 4,
    .column = {{"record", LISTED_TEXT, 18},
               {"programme", LISTED_TEXT},
               {"status", LISTED_TEXT, 10},
               {"born", LISTED_TEXT},
               {"place", LISTED_TEXT},
               {"name", LISTED_TEXT}},
    .empty = "No enrolment is there."};

static bool print(command_session *s, const command_line *line, const char *name, const listing *what,
                  failure *f)
{
    if (!line->json)
        return listing_print(s->pg, what, f);
    (void)printf("{");
    bool good = listing_print_json(s->pg, name, what, f);
    (void)printf("}\n");
    return good;
}

static bool ask(command_session *s, const command_line *line, failure *f)
{
    const char *param[] = {line->purpose, line->until};
    if (line->words != 3 || !line->purpose_given)
        return fail(f, EXIT_USAGE, "access glass ask: --purpose TEXT says what for");
    pg_rows *rows =
        pg_query(s->pg,
                 "SELECT access.request('break glass', $1, coalesce($2::timestamptz, now() + interval "
                 "'12 hours'))",
                 2, param, f);
    if (!rows)
        return false;
    (void)printf("Request %s waits for two keepers. Next: each types ekok access approve %s --code\n",
                 pg_rows_get(rows, 0, 0), pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return true;
}

static bool read_rows(command_session *s, const command_line *line, failure *f)
{
    char most[16];
    listing what = rows_read;
    if (line->words != 3 || !(line->programme || line->place || line->record))
        return fail(f, EXIT_USAGE,
                    "access glass read: --programme, --place or --record says whom; --code is asked for");
    (void)snprintf(most, sizeof most, "%d", line->rows);
    what.param[0] = line->programme;
    what.param[1] = line->place;
    what.param[2] = line->record;
    what.param[3] = most;
    return access_step_up(s, line, f) && print(s, line, "rows", &what, f);
}

static bool review(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 4 || !line->finding || !text_is_number(line->word[3]))
        return fail(f, EXIT_USAGE,
                    "access glass review: a number is expected, and what it was: --finding TEXT");
    const char *param[] = {line->word[3], line->finding};
    if (!access_step_up(s, line, f) ||
        !pg_run(s->pg, "SELECT access.review_glass($1::bigint, $2)", 2, param, f))
        return false;
    (void)printf("Breaking %s is reviewed.\n", line->word[3]);
    return true;
}

bool glass_do(command_session *s, const command_line *line, failure *f)
{
    static const struct {
        const char *word;
        bool (*work)(command_session *s, const command_line *line, failure *f);
    } known[] = {{"ask", ask}, {"read", read_rows}, {"review", review}};
    if (line->words == 2)
        return print(s, line, "glasses", &glass_breakings, f);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(line->word[2], known[i].word) == 0)
            return known[i].work(s, line, f);
    return fail(f, EXIT_USAGE, "access glass: ask, read or review is expected, or nothing");
}
