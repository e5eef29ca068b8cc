/*
 * harden.c - see harden.h. Every sentence and every query stands in harden_*.def; here is only how they are asked and
 * shown.
 */
#include "cli/harden.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/json_text.h"
#include "cli/table.h"
#include "cli/text.h"

enum { QUERY_TEXT = 2048, ANSWER_MAX = 1 << 20, SHORT_FOUND = 40, PARAGRAPH = 1500 };

typedef struct {
    const char *name, *value, *rule, *wanted, *why, *source;
} setting;

static const setting settings[] = {
#define X(name, value, rule, wanted, why, source) {name, value, rule, wanted, why, source},
#include "cli/harden_setting.def"
#undef X
};

typedef struct {
    const char *code, *holds, *sql, *mend, *source;
} check;

static const check checks[] = {
#define X(code, holds, sql, mend, source) {code, holds, sql, mend, source},
#include "cli/harden_check.def"
#undef X
};

static const struct {
    const char *file, *line;
} lines[] = {
#define X(file, line) {file, line},
#include "cli/harden_file.def"
#undef X
};

enum {
    SETTINGS = sizeof settings / sizeof *settings,
    CHECKS = sizeof checks / sizeof *checks,
    LINES = sizeof lines / sizeof *lines
};

/* What one question gave: found is "" where it holds. */
typedef struct {
    const char *code, *source;
    bool holds;
    char found[400], mend[300];
} verdict;

static bool ask(pg_session *pg, const char *sql, verdict *v, failure *f)
{
    pg_rows *rows = pg_query(pg, sql, 0, NULL, f);
    if (!rows)
        return false;
    const char *found = pg_rows_count(rows) > 0 ? pg_rows_get(rows, 0, 0) : NULL;
    v->holds = found == NULL;
    (void)snprintf(v->found, sizeof v->found, "%s", found ? found : "");
    pg_rows_free(rows);
    return true;
}

static bool ask_setting(pg_session *pg, const setting *s, verdict *v, failure *f)
{
    char sql[QUERY_TEXT];
    *v = (verdict){.code = s->name, .source = s->source};
    if (s->value)
        (void)snprintf(v->mend, sizeof v->mend, "%s = '%s': %s", s->name, s->value, s->why);
    else
        (void)snprintf(v->mend, sizeof v->mend, "%s: %s", s->wanted, s->why);
    int n = snprintf(sql, sizeof sql,
                     "SELECT CASE WHEN v IS NULL THEN 'not known to the server' WHEN (%s) THEN NULL WHEN v = "
                     "'' THEN 'empty' ELSE v END "
                     "FROM (SELECT (SELECT setting FROM pg_settings WHERE name = '%s') AS v) s",
                     s->rule, s->name);
    return n < QUERY_TEXT ? ask(pg, sql, v, f) : fail(f, EXIT_INTERNAL, "%s: its rule is too long", s->name);
}

static bool ask_check(pg_session *pg, const check *c, verdict *v, failure *f)
{
    *v = (verdict){.code = c->code, .source = c->source};
    (void)snprintf(v->mend, sizeof v->mend, "%s. %s", c->holds, c->mend);
    return ask(pg, c->sql, v, f);
}

static bool print_json(const verdict *v, size_t count)
{
    buf out;
    buf_init(&out, ANSWER_MAX);
    bool good = buf_add_text(&out, "{\"checks\": [");
    for (size_t i = 0; good && i < count; i++)
        good = buf_printf(&out, "%s{\"check\": \"%s\", \"holds\": %s, \"found\": ", i ? ",\n " : "",
                          v[i].code, v[i].holds ? "true" : "false") &&
               json_add_string(&out, v[i].found) && buf_add_text(&out, ", \"mend\": ") &&
               json_add_string(&out, v[i].mend) && buf_add_text(&out, ", \"source\": ") &&
               json_add_string(&out, v[i].source) && buf_add_text(&out, "}");
    good = good && buf_add_text(&out, "]}\n") && fwrite(out.data, 1, out.size, stdout) == out.size;
    buf_free(&out);
    return good;
}

static bool print_table(const verdict *v, size_t count)
{
    char found[SHORT_FOUND * 4 + 4], text[PARAGRAPH];
    table t;
    table_init(&t);
    table_column(&t, "check", TABLE_LEFT);
    table_column(&t, "holds", TABLE_LEFT);
    table_column(&t, "found", TABLE_LEFT);
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        text_cut(v[i].found, SHORT_FOUND, found, sizeof found);
        const char *cell[] = {v[i].code, v[i].holds ? "yes" : "NO", found};
        good = table_row(&t, cell);
    }
    if (good)
        table_print(&t, stdout);
    table_free(&t);
    for (size_t i = 0; good && i < count; i++)
        if (!v[i].holds) {
            (void)snprintf(text, sizeof text, "- %s: %s. To mend: %s (%s)", v[i].code, v[i].found, v[i].mend,
                           v[i].source);
            (void)printf("\n");
            text_print_wrapped(text, 2, stdout);
        }
    return good;
}

bool harden_check(command_session *s, const command_line *line, failure *f)
{
    static verdict v[SETTINGS + CHECKS];
    size_t count = 0, broken = 0;
    if (line->words > 1 || !line->check)
        return fail(f, EXIT_USAGE, "harden: either --check, or --print with the name of a file");
    for (size_t i = 0; i < SETTINGS; i++, count++)
        if (!ask_setting(s->pg, &settings[i], &v[count], f))
            return false;
    for (size_t i = 0; i < CHECKS; i++, count++)
        if (!ask_check(s->pg, &checks[i], &v[count], f))
            return false;
    for (size_t i = 0; i < count; i++)
        broken += !v[i].holds;
    if (!(line->json ? print_json(v, count) : print_table(v, count)))
        return fail(f, EXIT_INTERNAL, "the verdicts cannot be printed");
    return broken == 0 || fail(f, EXIT_CONTINUITY, "%zu of %zu checks do not hold", broken, count);
}

static void print_settings(void)
{
    (void)printf("# A hardened server for Ekok: ekok harden --print; checked by ekok harden --check.\n");
    for (size_t i = 0; i < SETTINGS; i++)
        if (settings[i].value)
            (void)printf("%s = '%s'  # %s\n", settings[i].name, settings[i].value, settings[i].why);
        else
            (void)printf("# %s must be %s: %s\n", settings[i].name, settings[i].wanted, settings[i].why);
}

bool harden_print(const command_line *line, failure *f)
{
    const char *file = line->words > 1 ? line->word[1] : "postgresql.conf";
    size_t printed = 0;
    if (strcmp(file, "postgresql.conf") == 0) {
        print_settings();
        return true;
    }
    for (size_t i = 0; i < LINES; i++)
        if (strcmp(file, lines[i].file) == 0) {
            (void)puts(lines[i].line);
            printed++;
        }
    return printed > 0 ||
           fail(f, EXIT_USAGE,
                "harden --print: accepted: postgresql.conf, pg_hba.conf, pg_ident.conf, pgbackrest.conf");
}
