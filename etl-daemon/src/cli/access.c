/*
 * access.c - see access.h. Every decision is the database's; here it is asked for and shown. Secrets are
 * typed, travel as parameters, and are wiped.
 */
#include "cli/access.h"

#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/glass.h"
#include "cli/listing.h"
#include "cli/text.h"

static const listing mine = {
    .sql =
        "SELECT what, id, duty, coalesce(ministry, 'all') AS ministry, coalesce(geo, 'everywhere') AS place, "
        "to_char(expires_at, 'YYYY-MM-DD HH24:MI') AS ends, state FROM access.mine",
    .column = {{"what", LISTED_TEXT},
               {"number", LISTED_TEXT},
               {"duty", LISTED_TEXT},
               {"ministry", LISTED_TEXT, 12},
               {"place", LISTED_TEXT},
               {"ends", LISTED_TEXT},
               {"state", LISTED_TEXT}},
    .empty = "You may see nothing yet. Next: ekok access request analyst --purpose TEXT --until DATE"};

static const listing requests = {.sql = "SELECT id, requester, duty, coalesce(ministry, 'all') AS ministry, "
                                        "coalesce(geo, 'everywhere') AS place, "
                                        "to_char(expires_at, 'YYYY-MM-DD') AS until, state, purpose FROM "
                                        "access.requests WHERE state LIKE 'waits%'",
                                 .column = {{"number", LISTED_TEXT},
                                            {"who", LISTED_TEXT, 14},
                                            {"duty", LISTED_TEXT},
                                            {"ministry", LISTED_TEXT, 12},
                                            {"place", LISTED_TEXT},
                                            {"until", LISTED_TEXT},
                                            {"state", LISTED_TEXT},
                                            {"purpose", LISTED_TEXT}},
                                 .empty = "No request waits."};

static const listing scopes = {
    .sql = "SELECT id, login, duty, coalesce(ministry, 'all') AS ministry, coalesce(geo, 'everywhere') AS "
           "place, "
           "to_char(expires_at, 'YYYY-MM-DD') AS ends, array_to_string(approved_by, ' ') AS approved, review "
           "FROM access.standing_scopes",
    .column = {{"number", LISTED_TEXT},
               {"who", LISTED_TEXT, 14},
               {"duty", LISTED_TEXT},
               {"ministry", LISTED_TEXT, 12},
               {"place", LISTED_TEXT},
               {"ends", LISTED_TEXT},
               {"approved by", LISTED_TEXT, 20},
               {"review", LISTED_TEXT}},
    .empty = "Nobody may see anything."};

static const listing irregular = {
    .sql = "SELECT what, login, detail FROM access.irregular",
    .column = {{"what", LISTED_TEXT}, {"login", LISTED_TEXT}, {"why", LISTED_TEXT}},
    .empty = "Every login is somebody's, used by one, and has what was approved."};

static const listing bypass = {.sql = "SELECT kind, name FROM access.bypass",
                               .column = {{"kind", LISTED_TEXT}, {"name", LISTED_TEXT}},
                               .empty = "Nothing passes by row-level security."};

static const struct {
    const char *word;
    const listing *what;
} lists[] = {{"mine", &mine},           {"requests", &requests}, {"scopes", &scopes},
             {"irregular", &irregular}, {"bypass", &bypass},     {"glasses", &glass_breakings}};

bool access_list(command_session *s, const command_line *line, failure *f)
{
    const char *word = line->words > 2 ? line->word[2] : "mine";
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (strcmp(lists[i].word, word) != 0)
            continue;
        if (!line->json)
            return listing_print(s->pg, lists[i].what, f);
        (void)printf("{");
        bool good = listing_print_json(s->pg, word, lists[i].what, f);
        (void)printf("}\n");
        return good;
    }
    return fail(f, EXIT_USAGE,
                "access list: mine, requests, scopes, irregular, bypass or glasses is expected");
}

bool access_step_up(command_session *s, const command_line *line, failure *f)
{
    char code[ASK_ROOM];
    const char *param[] = {code};
    if (!line->code)
        return true;
    if (!ask_secret("One-time code", code, f))
        return false;
    pg_rows *rows = pg_query(s->pg, "SELECT access.step_up($1)", 1, param, f);
    ask_wipe(code);
    pg_rows_free(rows);
    return rows != NULL;
}

/* One text is the answer; shown after `before`. */
static bool tell(command_session *s, const char *sql, const char *const param[5], const char *before,
                 failure *f)
{
    int count = 0;
    while (count < 5 && param[count])
        count++;
    pg_rows *rows = pg_query(s->pg, sql, count, param, f);
    if (!rows)
        return false;
    const char *said = pg_rows_count(rows) > 0 ? pg_rows_get(rows, 0, 0) : NULL;
    (void)printf("%s%s\n", before, said ? said : "");
    pg_rows_free(rows);
    return true;
}

bool access_request(command_session *s, const command_line *line, failure *f)
{
    if (!line->purpose_given || !line->until)
        return fail(f, EXIT_USAGE, "access request: --purpose TEXT says what for, --until DATE how long");
    const char *param[] = {line->word[2], line->purpose, line->until, line->ministry, line->place};
    pg_rows *rows = pg_query(s->pg, "SELECT access.request($1, $2, $3::timestamptz, $4, $5)", 5, param, f);
    if (!rows)
        return false;
    (void)printf("Request %s waits for two others. Next: they look at ekok access list requests.\n",
                 pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return true;
}

static const struct {
    const char *word, *sql, *said;
    bool reason;
} decisions[] = {
    {"approve", "SELECT access.approve($1::bigint)", "Approved: ", false},
    {"refuse", "SELECT access.refuse($1::bigint)", "It is ", false},
    {"withdraw", "SELECT access.withdraw($1::bigint)", "Withdrawn.", false},
    {"attest", "SELECT access.attest($1::bigint)", "Confirmed.", false},
    {"revoke", "SELECT access.revoke($1::bigint, $2)", "Revoked: it shows nothing from now on.", true},
};

bool access_decide(command_session *s, const command_line *line, failure *f)
{
    const char *number = line->word[2];
    if (line->words != 3 || !text_is_number(number))
        return fail(f, EXIT_USAGE, "access %s: one number is expected; ekok access list shows them",
                    line->word[1]);
    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++) {
        if (strcmp(decisions[i].word, line->word[1]) != 0)
            continue;
        if (decisions[i].reason && !line->reason)
            return fail(f, EXIT_USAGE, "access revoke: --reason TEXT says why");
        const char *param[5] = {number, decisions[i].reason ? line->reason : NULL};
        return access_step_up(s, line, f) && tell(s, decisions[i].sql, param, decisions[i].said, f);
    }
    return fail(f, EXIT_INTERNAL, "access: no such decision");
}

bool access_review(command_session *s, const command_line *line, failure *f)
{
    static const char *const none[5] = {NULL};
    return access_step_up(s, line, f) && tell(s, "SELECT access.begin_review()", none,
                                              "All scopes are to be confirmed within 14 days: review ", f);
}

bool access_sweep(command_session *s, const command_line *line, failure *f)
{
    static const char SQL[] = "SELECT * FROM access.sweep()";
    pg_rows *rows = access_step_up(s, line, f) ? pg_query(s->pg, SQL, 0, NULL, f) : NULL;
    if (!rows)
        return false;
    const char *v[5];
    for (int i = 0; i < 5; i++)
        v[i] = pg_rows_get(rows, 0, i);
    if (line->json)
        (void)printf("{\"expired\": %s, \"silent\": %s, \"dormant\": %s, \"fitted\": %s, \"logins\": %s}\n",
                     v[0], v[1], v[2], v[3], v[4]);
    else
        (void)printf(
            "Ended: %s scopes whose time was over, %s that nobody confirmed, %s logins unused for 90 days.\n"
            "Memberships of %s logins were put right; %s new logins were recorded.\n",
            v[0], v[1], v[2], v[3], v[4]);
    pg_rows_free(rows);
    return true;
}

bool access_ident(command_session *s, const command_line *line, failure *f)
{
    pg_rows *rows =
        access_step_up(s, line, f) ? pg_query(s->pg, "SELECT access.ident_lines()", 0, NULL, f) : NULL;
    if (!rows)
        return false;
    for (int row = 0; row < pg_rows_count(rows); row++)
        (void)printf("%s\n", pg_rows_get(rows, row, 0));
    pg_rows_free(rows);
    return true;
}

bool access_disable(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 3 || !line->reason)
        return fail(f, EXIT_USAGE, "access disable: a login is expected, and why: --reason TEXT");
    const char *param[5] = {line->word[2], line->reason};
    return access_step_up(s, line, f) && tell(s, "SELECT access.disable($1, $2)", param,
                                              "It logs in no more, and what it might see is revoked.", f);
}

static bool change(command_session *s, const char *new, const char *code, failure *f)
{
    const char *param[] = {new, code};
    pg_rows *keeps = pg_query(s->pg, "SELECT access.keeps_parameters()", 0, NULL, f);
    if (!keeps)
        return false;
    bool logged = pg_rows_get(keeps, 0, 0)[0] == 't';
    pg_rows_free(keeps);
    if (logged)
        return fail(f, EXIT_DATABASE,
                    "passwd: the server logs parameters, and so would log the password; its "
                    "log_parameter_max_length must be 0");
    pg_rows *rows = pg_query(s->pg, "SELECT access.change_password($1, $2)", 2, param, f);
    pg_rows_free(rows);
    return rows != NULL;
}

bool access_passwd(command_session *s, const command_line *line, failure *f)
{
    char new[ASK_ROOM], again[ASK_ROOM], code[ASK_ROOM];
    (void)line;
    bool good = ask_secret("New password", new, f) && ask_secret("Once more", again, f) &&
                ask_secret("One-time code", code, f);
    if (good && strcmp(new, again) != 0)
        good = fail(f, EXIT_USAGE, "passwd: the two are not the same; nothing is changed");
    good = good && change(s, new, code, f);
    ask_wipe(new);
    ask_wipe(again);
    ask_wipe(code);
    if (good)
        (void)printf("The password is changed.\n");
    return good;
}
