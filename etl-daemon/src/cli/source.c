/*
 * source.c - calls of etl.add_definition and etl.retire_source, and looks at what stands there. Refuses a definition
 * with an error before the database is asked. A cursor may hold a source's own record number, so only its kind and
 * time are shown.
 */
#include "cli/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/listing.h"
#include "cli/text.h"
#include "config/source_def.h"

static const listing sources = {
    .sql =
        "SELECT s.code AS source, s.state, coalesce(d.version, 0) AS version, "
        "coalesce(d.definition #>> '{auth,kind}', CASE WHEN d.version IS NOT NULL THEN 'mtls' END) AS auth, "
        "count(p.programme) AS programmes, CASE WHEN c.value IS NULL THEN 'start' "
        "WHEN c.value ~ '^(page|offset)=[0-9]{1,9}$' THEN replace(c.value, '=', ' ') "
        "WHEN c.value ~ '^since=[0-9]{4}-[0-9]{2}-[0-9]{2}' THEN 'since ' || substr(c.value, 7, 10) "
        "ELSE 'inside a listing' END AS position, s.title "
        "FROM etl.source s LEFT JOIN etl.source_programme p ON p.source = s.code "
        "LEFT JOIN etl.definition_in_force d ON d.source = s.code "
        "LEFT JOIN etl.cursor c ON c.source = s.code GROUP BY s.code, c.value, d.version, d.definition "
        "ORDER BY s.code",
    .column = {{"source", LISTED_TEXT},
               {"state", LISTED_TEXT},
               {"version", LISTED_NUMBER},
               {"auth", LISTED_TEXT},
               {"progs", LISTED_NUMBER},
               {"goes on at", LISTED_TEXT},
               {"title", LISTED_TEXT}},
    .empty = "No source is known: ekok source add FILE.json."};

/* $1: source */
static const listing versions = {
    .sql = "SELECT version, state, to_char(added_at, 'YYYY-MM-DD HH24:MI') AS added, added_by, "
           "left(encode(sha256, 'hex'), 16) AS sha256 FROM etl.source_definition WHERE source = $1 "
           "ORDER BY version",
    .params = 1,
    .column = {{"version", LISTED_NUMBER},
               {"state", LISTED_TEXT},
               {"added", LISTED_TEXT},
               {"by", LISTED_TEXT},
               {"SHA-256 begins", LISTED_TEXT}},
    .empty = "No definition was ever added."};

bool source_list(command_session *s, const command_line *line, failure *f)
{
    if (!line->json)
        return listing_print(s->pg, &sources, f);
    (void)printf("{");
    bool good = listing_print_json(s->pg, "sources", &sources, f);
    (void)printf("}\n");
    return good;
}

/* The words behind "source show" and the like; false when their number is wrong. */
static bool one_name(const command_line *line, failure *f)
{
    return line->words == 3 ||
           fail(f, EXIT_USAGE, "source %s: one name is expected; ekok source list shows them", line->word[1]);
}

bool source_show(command_session *s, const command_line *line, failure *f)
{
    if (!one_name(line, f))
        return false;
    const char *param[] = {line->word[2]};
    listing all = versions;
    all.param[0] = line->word[2];
    pg_rows *rows = pg_query(s->pg,
                             "SELECT jsonb_pretty(definition), definition::text FROM etl.source_definition "
                             "WHERE source = $1 ORDER BY version DESC LIMIT 1",
                             1, param, f);
    if (!rows)
        return false;
    bool good = pg_rows_count(rows) == 1 ||
                fail(f, EXIT_USAGE, "%.40s: has no definition; ekok source list", line->word[2]);
    if (good && line->json) {
        (void)printf("{\"definition\": %s,\n ", pg_rows_get(rows, 0, 1));
        good = listing_print_json(s->pg, "versions", &all, f);
        (void)printf("}\n");
    } else if (good) {
        good = listing_print(s->pg, &all, f);
        (void)printf("\n%s\n", pg_rows_get(rows, 0, 0));
    }
    pg_rows_free(rows);
    return good;
}

/* What the database refuses is said as it says it; it is the definition's fault when it is a matter of data. */
static bool refused(command_session *s, const char *file, failure *f)
{
    const char *state = pg_sqlstate(s->pg);
    if (strcmp(state, "P0002") != 0 && strncmp(state, "22", 2) != 0 && strncmp(state, "23", 2) != 0)
        return false;
    char text[sizeof f->text];
    memcpy(text, f->text, sizeof text);
    return fail(f, EXIT_CONFIG, "%s: %s", file, text);
}

static bool add_one(command_session *s, const char *file, const source_def *def, failure *f)
{
    const char *param[] = {def->text};
    pg_rows *rows =
        pg_query(s->pg, "SELECT source, version, added FROM etl.add_definition($1::jsonb)", 1, param, f);
    if (!rows)
        return refused(s, file, f);
    bool added = *pg_rows_get(rows, 0, 2) == 't';
    (void)printf("%s: version %s%s\n", pg_rows_get(rows, 0, 0), pg_rows_get(rows, 0, 1),
                 added ? "" : " says the same, nothing was added");
    pg_rows_free(rows);
    return true;
}

static bool propose_one(command_session *s, const char *file, const source_def *def, failure *f)
{
    const char *param[] = {def->text};
    pg_rows *rows = pg_query(s->pg, "SELECT etl.propose_definition($1::jsonb)", 1, param, f);
    if (!rows)
        return refused(s, file, f);
    (void)printf("%s: proposal %s waits for another operator. Next: ekok source proposals %s\n", def->name,
                 pg_rows_get(rows, 0, 0), pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return true;
}

typedef bool (*one_fn)(command_session *s, const char *file, const source_def *def, failure *f);

/* `with` may be NULL: only checked. A definition is too large for the stack. */
static bool each_file(command_session *s, const command_line *line, one_fn with, failure *f)
{
    source_def *def = calloc(1, sizeof *def);
    bool good = def || fail(f, EXIT_INTERNAL, "no memory for a source's definition");
    for (size_t i = 2; good && i < line->words; i++) {
        good = source_def_read(line->word[i], def, f);
        if (good) {
            good = !with || with(s, line->word[i], def, f);
            source_def_free(def);
        }
    }
    free(def);
    return good;
}

static bool all_or_none(command_session *s, const command_line *line, one_fn with, failure *f)
{
    if (line->words < 3)
        return fail(f, EXIT_USAGE, "source %s: a file with a definition is expected", line->word[1]);
    return each_file(s, line, NULL, f) && pg_run(s->pg, "BEGIN", 0, NULL, f) && each_file(s, line, with, f) &&
           pg_run(s->pg, "COMMIT", 0, NULL, f);
}

bool source_add(command_session *s, const command_line *line, failure *f)
{
    return all_or_none(s, line, add_one, f);
}

bool source_propose(command_session *s, const command_line *line, failure *f)
{
    return all_or_none(s, line, propose_one, f);
}

bool source_retire(command_session *s, const command_line *line, failure *f)
{
    if (!one_name(line, f))
        return false;
    const char *param[] = {line->word[2]};
    pg_rows *rows = pg_query(s->pg, "SELECT etl.retire_source($1::text)", 1, param, f);
    if (!rows)
        return refused(s, "source retire", f);
    (void)printf("%s: retired with version %s; its records stay. ekok source add brings it back.\n",
                 line->word[2], pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return true;
}
