/*
 * account.c - see account.h. The agent makes a secret and its sealed form; the first is printed and wiped, the second
 * travels to the database as a parameter.
 */
#include "cli/account.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "cli/access.h"
#include "cli/agent.h"
#include "secret/totp.h"

enum { SEALED_BYTES = TOTP_SECRET + SEAL_OVERHEAD, SEALED_TEXT = 2 + 2 * SEALED_BYTES + 1 };

typedef struct {
    char sealed[SEALED_TEXT]; /* as the database takes bytes */
    char letters[TOTP_TEXT];  /* as an authenticator does; empty where the secret was given */
} second_factor;

static bool read_factor(span payload, second_factor *out)
{
    ekok_agent_in in = {{payload.p, payload.n}, true};
    ekok_span sealed = ekok_agent_take_bytes(&in), secret = ekok_agent_take_bytes(&in);
    if (!ekok_agent_taken(&in) || sealed.n != SEALED_BYTES || (secret.n != 0 && secret.n != TOTP_SECRET))
        return false;
    hex_write_bytea((const uint8_t *)sealed.p, sealed.n, out->sealed);
    if (secret.n)
        totp_text((const uint8_t *)secret.p, out->letters);
    return true;
}

/* given: a secret that stands already; empty: the agent makes one. The caller wipes *out. */
static bool ask_factor(const command_line *line, const char *login, span given, second_factor *out,
                       failure *f)
{
    uint8_t payload[256 + 4 + TOTP_SECRET];
    ekok_agent_out to = ekok_agent_write(payload, sizeof payload);
    buf answer;
    *out = (second_factor){.letters = ""};
    ekok_agent_put_text(&to, (ekok_span){login, strlen(login)});
    ekok_agent_put_bytes(&to, (ekok_span){given.p, given.n});
    if (!to.whole)
        return fail(f, EXIT_USAGE, "the login's name is too long");
    buf_init(&answer, EKOK_AGENT_SMALL);
    bool good = agent_ask(line, EKOK_AGENT_DO_FACTOR, (span){(char *)payload, to.size}, &answer, f);
    if (good && !read_factor((span){answer.data, answer.size}, out))
        good = fail(f, EXIT_KEYS, "the key agent gave an answer to something else: it is of another version");
    wipe(payload, sizeof payload);
    if (answer.data)
        wipe(answer.data, answer.size);
    buf_free(&answer);
    return good;
}

/* Both secrets of a login, shown once. */
static bool print_first(pg_rows *rows, const char *login, const second_factor *factor)
{
    if (!rows)
        return false;
    const char *password = pg_rows_get(rows, 0, 0);
    if (password)
        (void)printf("First password, good for 24 hours: %s\n", password);
    (void)printf("Second factor: otpauth://totp/Ekok:%s?secret=%s&issuer=Ekok\n"
                 "%s",
                 login, factor->letters,
                 password
                     ? "They are shown once. Hand them over by two ways; next: its holder runs ekok passwd.\n"
                     : "It is shown once; the one before counts no more. Hand it over to its holder.\n");
    pg_rows_free(rows);
    return true;
}

/* A statement and what is given with it; behind that comes the sealed factor. */
typedef struct {
    const char *sql, *param[5];
    int given;
} giving;

static bool give(command_session *s, const command_line *line, giving *what, failure *f)
{
    second_factor factor;
    bool good = ask_factor(line, line->word[2], span_of(""), &factor, f);
    what->param[what->given] = factor.sealed;
    good = good &&
           print_first(pg_query(s->pg, what->sql, what->given + 1, what->param, f), line->word[2], &factor);
    wipe(&factor, sizeof factor);
    return good;
}

static bool register_program(command_session *s, const giving *what, failure *f)
{
    static const char SQL[] = "SELECT access.register($1, $2, $3, $4)";
    pg_rows *rows = pg_query(s->pg, SQL, what->given, what->param, f);
    if (!rows)
        return false;
    (void)printf(
        "Registered; it logs in with its certificate. Next: ekok access ident, into pg_ident.conf.\n");
    pg_rows_free(rows);
    return true;
}

bool account_register(command_session *s, const command_line *line, failure *f)
{
    const char *kind = line->words > 4 ? line->word[4] : "person";
    if (line->words < 4)
        return fail(f, EXIT_USAGE, "access register: a login and whose it is are expected");
    giving what = {"SELECT access.register($1, $2, $3, $4, $5::bytea)",
                   {line->word[2], line->word[3], kind, line->certificate},
                   4};
    if (!access_step_up(s, line, f))
        return false;
    return strcmp(kind, "program") == 0 ? register_program(s, &what, f) : give(s, line, &what, f);
}

bool account_reset(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 3)
        return fail(f, EXIT_USAGE, "access reset: a login is expected");
    giving what = {"SELECT access.reset_login($1, $2::bytea)", {line->word[2]}, 1};
    return access_step_up(s, line, f) && give(s, line, &what, f);
}

bool account_install(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 4)
        return fail(f, EXIT_USAGE, "access install: a login and whose it is are expected");
    giving what = {"SELECT access.install_login($1, $2, $3::bytea)", {line->word[2], line->word[3]}, 2};
    return give(s, line, &what, f);
}

bool account_factor(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 3)
        return fail(f, EXIT_USAGE, "access factor: a login is expected");
    giving what = {"SELECT NULL FROM access.install_factor($1, $2::bytea)", {line->word[2]}, 1};
    return give(s, line, &what, f);
}

static bool seal_one(command_session *s, const command_line *line, const char *login, const char *bytes,
                     failure *f)
{
    uint8_t secret[TOTP_SECRET];
    second_factor factor;
    bool good = hex_read_bytea(bytes, secret, sizeof secret) == TOTP_SECRET ||
                fail(f, EXIT_EVIDENCE, "access seal: a second factor has no secret of 20 bytes");
    good = good && ask_factor(line, login, (span){(const char *)secret, sizeof secret}, &factor, f);
    wipe(secret, sizeof secret);
    const char *param[] = {login, factor.sealed};
    return good && pg_run(s->pg, "SELECT access.seal_factor($1, $2::bytea)", 2, param, f);
}

bool account_seal(command_session *s, const command_line *line, failure *f)
{
    pg_rows *rows = pg_query(s->pg, "SELECT login, secret FROM access.clear_factors()", 0, NULL, f);
    const int count = rows ? pg_rows_count(rows) : 0;
    bool good = rows != NULL;
    for (int row = 0; good && row < count; row++)
        good = seal_one(s, line, pg_rows_get(rows, row, 0), pg_rows_get(rows, row, 1), f);
    pg_rows_free(rows);
    /* what was replaced goes from the table's file too */
    good = good && (count == 0 || pg_run(s->pg, "VACUUM (FULL) access.factor", 0, NULL, f));
    if (good)
        (void)printf(
            "%d second factors are sealed. Whoever was superuser, and backups, may have their secrets: "
            "ekok access list irregular names them until they are reset.\n",
            count);
    return good;
}
