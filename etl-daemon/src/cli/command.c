/*
 * command.c - options may stand anywhere. Refuses an option it does not know, rather than take it for a word.
 */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>

static bool read_number(const char *text, int most, int *out)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (!*text || *end != '\0' || value < 0 || value > most)
        return false;
    *out = (int)value;
    return true;
}

/* Options of a drill and of access; false: none of them. */
static bool take_text(command_line *out, const char *option, const char *value)
{
    const struct {
        const char *option, **member;
    } known[] = {{"--into", &out->into},
                 {"--stanza", &out->stanza},
                 {"--repository", &out->repository},
                 {"--every", &out->every},
                 {"--programs", &out->programs},
                 {"--libraries", &out->libraries},
                 {"--ministry", &out->ministry},
                 {"--place", &out->place},
                 {"--certificate", &out->certificate},
                 {"--programme", &out->programme},
                 {"--record", &out->record},
                 {"--finding", &out->finding},
                 {"--agent-trace", &out->agent_trace},
                 {"--head", &out->head}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(option, known[i].option) == 0) {
            *known[i].member = value;
            return true;
        }
    return false;
}

/* 1: taken with its value, 0: not an option with a value, -1: a wrong value. */
static int take_valued(command_line *out, const char *option, const char *value)
{
    if (strcmp(option, "--config") == 0)
        out->config_file = value;
    else if (strcmp(option, "--source") == 0)
        out->source = value;
    else if (strcmp(option, "--purpose") == 0) {
        out->purpose = value;
        out->purpose_given = true;
    } else if (strcmp(option, "--database") == 0)
        out->database = value;
    else if (strcmp(option, "--wrap") == 0)
        out->wrap = value;
    else if (strcmp(option, "--keys") == 0)
        out->keys_file = value;
    else if (strcmp(option, "--witness") == 0 && out->witnesses < COMMAND_WITNESSES)
        out->witness[out->witnesses++] = value;
    else if (strcmp(option, "--case") == 0)
        out->topic = value;
    else if (strcmp(option, "--agent") == 0)
        out->agent = value;
    else if (strcmp(option, "--reason") == 0)
        out->reason = value;
    else if (strcmp(option, "--since") == 0)
        out->since = value;
    else if (strcmp(option, "--until") == 0)
        out->until = value;
    else if (strcmp(option, "--most") == 0)
        return read_number(value, MOST_MAX, &out->most) ? 1 : -1;
    else if (strcmp(option, "--cases") == 0)
        return read_number(value, CASES_MAX, &out->cases) ? 1 : -1;
    else if (strcmp(option, "--rows") == 0)
        return (out->rows_given = read_number(value, ROWS_MAX, &out->rows)) ? 1 : -1;
    else if (strcmp(option, "--wait") == 0)
        return read_number(value, WAIT_MAX, &out->wait) ? 1 : -1;
    else
        return take_text(out, option, value) ? 1 : 0;
    return 1;
}

static bool take_plain(command_line *out, const char *word)
{
    if (strcmp(word, "--all") == 0)
        out->all = true;
    else if (strcmp(word, "--json") == 0)
        out->json = true;
    else if (strcmp(word, "--clear") == 0)
        out->clear = true;
    else if (strcmp(word, "--code") == 0)
        out->code = true;
    else if (strcmp(word, "--dry-run") == 0)
        out->dry_run = true;
    else if (strcmp(word, "--keep") == 0)
        out->keep = true;
    else if (strcmp(word, "--check") == 0)
        out->check = true;
    else if (strcmp(word, "--print") == 0)
        out->print = true;
    else if (strcmp(word, "--help") == 0 && out->words == 0)
        out->word[out->words++] = "help";
    else if (strcmp(word, "--once") != 0) /* a run from here is always once */
        return false;
    return true;
}

bool command_line_read(int count, char **word, command_line *out, failure *f)
{
    const char *config_file = getenv("EKOK_CONFIG");
    *out = (command_line){.config_file = config_file && *config_file ? config_file : "ekok.ini",
                          .purpose = "report of striking cases",
                          .cases = CASES_DEFAULT,
                          .rows = ROWS_DEFAULT,
                          .stanza = "ekok",
                          .repository = "/etc/pgbackrest",
                          .every = "8 days",
                          .programs = "/usr/lib/postgresql/15/bin",
                          .libraries = "ekok",
                          .wait = WAIT_DEFAULT};
    for (int i = 1; i < count; i++) {
        if (word[i][0] != '-') {
            if (out->words >= WORDS_MAX)
                return fail(f, EXIT_USAGE, "more than %d words", WORDS_MAX);
            out->word[out->words++] = word[i];
            continue;
        }
        if (take_plain(out, word[i]))
            continue;
        int taken = i + 1 < count ? take_valued(out, word[i], word[i + 1]) : 0;
        if (taken < 0)
            return fail(f, EXIT_USAGE, "%s: a number from 0 to %d is accepted", word[i],
                        strcmp(word[i], "--cases") == 0  ? CASES_MAX
                        : strcmp(word[i], "--most") == 0 ? MOST_MAX
                        : strcmp(word[i], "--wait") == 0 ? WAIT_MAX
                                                         : ROWS_MAX);
        if (taken == 0)
            return fail(f, EXIT_USAGE, "%.60s: no such option, or its value is missing; see ekok help",
                        word[i]);
        i++;
    }
    return true;
}

bool command_session_open(command_session *s, const command_line *line, bool with_keys, failure *f)
{
    failure keys = {.text = ""};
    *s = (command_session){.pg = NULL};
    if (!line->database && !config_read(line->config_file, &s->config, f))
        return false;
    s->pg = pg_open(line->database ? line->database : s->config.database, "ekok", f);
    if (!s->pg)
        return false;
    if (with_keys && !line->database)
        s->keys = sealer_open(s->config.key_file, s->config.key_agent, &keys);
    (void)snprintf(s->sealed_because, sizeof s->sealed_because, "%s", s->keys ? "" : keys.text);
    return true;
}

void command_session_close(command_session *s)
{
    sealer_close(s->keys);
    pg_close(s->pg);
}
