/*
 * agent.c - see agent.h.
 */
#include "cli/agent.h"

#include <stdio.h>

#include "agent/purpose.h"
#include "cli/opening.h"

static bool socket_of(const command_line *line, config *c, const char **out, failure *f)
{
    *out = line->agent;
    if (line->agent)
        return true;
    if (!config_read(line->config_file, c, f))
        return false;
    *out = c->key_agent;
    return c->key_agent[0] ||
           fail(f, EXIT_CONFIG, "the configuration names no key agent; see [keys] agent, or give --agent");
}

bool agent_ask(const command_line *line, ekok_agent_kind kind, span payload, buf *out, failure *f)
{
    config c;
    const char *path;
    agent_client client;
    if (!socket_of(line, &c, &path, f))
        return false;
    client_init(&client, path);
    bool good = client_ask(&client, (ekok_agent_head){(uint8_t)kind, 0}, payload, out, f) == CLIENT_ANSWERED;
    client_close(&client);
    return good;
}

bool agent_status(const command_line *line, failure *f)
{
    buf out;
    buf_init(&out, EKOK_AGENT_SMALL);
    bool good = agent_ask(line, EKOK_AGENT_DO_STATUS, span_of(""), &out, f);
    if (good)
        (void)printf("%.*s", (int)out.size, out.data);
    buf_free(&out);
    return good;
}

bool agent_release(const command_line *line, failure *f)
{
    uint8_t payload[2 * 256];
    ekok_agent_out to = ekok_agent_write(payload, sizeof payload);
    buf out;
    if (line->words != 3 || !line->reason)
        return fail(f, EXIT_USAGE,
                    "agent release: CALLER or CALLER/USER is expected, and why: --reason TEXT");
    ekok_agent_put_text(&to, (ekok_span){line->word[2], strlen(line->word[2])});
    ekok_agent_put_text(&to, (ekok_span){line->reason, strlen(line->reason)});
    if (!to.whole)
        return fail(f, EXIT_USAGE, "agent release: the name or the reason is too long");
    buf_init(&out, EKOK_AGENT_SMALL);
    bool good = agent_ask(line, EKOK_AGENT_DO_RELEASE, (span){(char *)payload, to.size}, &out, f);
    if (good)
        (void)printf("%s is released.\n", line->word[2]);
    buf_free(&out);
    return good;
}

static bool print_cell(command_session *s, const command_line *line, const sealed_cell *cell, failure *f)
{
    uint8_t clear[OPENED_MAX];
    opened_value opened = {clear, sizeof clear, 0};
    const opening_reason reason = {line->purpose, line->topic};
    bool good = open_recorded(s, cell, &reason, &opened, f);
    if (good)
        (void)printf("%.*s\n", (int)opened.size, (const char *)clear);
    wipe(clear, sizeof clear);
    return good;
}

bool open_print(command_session *s, const command_line *line, failure *f)
{
    char column[32];
    if (line->words != 3)
        return fail(f, EXIT_USAGE,
                    "open: ENROLMENT and one of nid, brn, mobile, wallet, account are expected");
    if (!line->purpose_given)
        return fail(f, EXIT_USAGE,
                    "open: say why, with --purpose TEXT; it is recorded, here and by the key agent");
    if (purpose_holds_number(span_of(line->purpose)) || purpose_holds_number(span_of(line->topic)))
        return fail(f, EXIT_USAGE,
                    "open: the purpose or the case holds a long number; say in words why, without it");
    if (!s->keys)
        return fail(f, EXIT_KEYS, "%s", s->sealed_because);
    const char *param[] = {line->word[1], line->word[2], line->purpose};
    pg_rows *rows =
        pg_query(s->pg, "SELECT $1::uuid, registry.sealed_value($1::uuid, $2::text, $3::text)", 3, param, f);
    if (!rows)
        return false;
    (void)snprintf(column, sizeof column, "%.20s_sealed",
                   line->word[2]); /* the server knows the kind, or has refused it */
    const sealed_cell cell = {column, pg_rows_get(rows, 0, 0), pg_rows_get(rows, 0, 1)};
    bool good = print_cell(s, line, &cell, f);
    pg_rows_free(rows);
    return good;
}
