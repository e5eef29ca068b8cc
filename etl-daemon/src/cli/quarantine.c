/*
 * quarantine.c - queries on etl.quarantine. What a replay has taken out is not listed any more. Refuses to open a
 * record before the reading is recorded.
 */
#include "cli/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/hiding.h"
#include "cli/listing.h"
#include "cli/text.h"
#include "secret/seal.h"

/* $1 source, $2 reason, $3 since, $4 until; each may be null */
#define CHOSEN                                                                                               \
    "q.resolved_run IS NULL AND ($1::text IS NULL OR q.source = $1) AND ($2::text IS NULL OR "               \
    "jsonb_path_exists(q.reasons, '$[*].reason ? (@ == $r)', jsonb_build_object('r', $2::text))) "           \
    "AND ($3::date IS NULL OR q.at >= $3::date) AND ($4::date IS NULL OR q.at < $4::date) "

enum { CHOSEN_PARAMS = 4 };

static const listing reasons = {
    .sql =
        "SELECT q.source, q.disposition, r->>'reason' AS reason, r->>'field' AS field, count(*) AS records "
        "FROM etl.quarantine q CROSS JOIN LATERAL jsonb_array_elements(q.reasons) r "
        "WHERE " CHOSEN "GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4",
    .params = CHOSEN_PARAMS,
    .column = {{"source", LISTED_TEXT},
               {"set aside", LISTED_TEXT},
               {"reason", LISTED_TEXT},
               {"field", LISTED_TEXT},
               {"records", LISTED_NUMBER}},
    .empty = "Nothing is set aside."};

/* $5: most rows */
static const listing set_aside = {
    .sql =
        "SELECT q.id, q.source, to_char(q.at, 'YYYY-MM-DD HH24:MI') AS at, q.first_run AS run, q.first_page "
        "AS page, "
        "(SELECT string_agg(concat_ws(' ', r->>'field', replace(r->>'reason', '_', ' ')), '; ' ORDER BY n) "
        "FROM jsonb_array_elements(q.reasons) WITH ORDINALITY AS x(r, n)) AS reasons "
        "FROM etl.quarantine q WHERE " CHOSEN "ORDER BY q.id DESC LIMIT $5::int",
    .params = CHOSEN_PARAMS + 1,
    .column = {{"id", LISTED_NUMBER},
               {"source", LISTED_TEXT},
               {"first seen", LISTED_TEXT},
               {"run", LISTED_NUMBER},
               {"page", LISTED_NUMBER},
               {"reasons", LISTED_TEXT}},
    .empty = "Nothing is set aside."};

static const char EXPORT[] =
    "SELECT q.id, json_build_object('id', q.id, 'source', q.source, 'record_id', q.record_id, 'disposition', "
    "q.disposition, 'reasons', q.reasons, 'first_run', q.first_run, 'first_page', q.first_page, 'at', q.at, "
    "'row_mac', encode(q.row_mac, 'hex'), 'sealed', encode(q.sealed, 'hex')) "
    "FROM etl.quarantine q WHERE " CHOSEN "AND q.id > $5::bigint ORDER BY q.id LIMIT 200";

static void choose(const command_line *line, const char *param[CHOSEN_PARAMS])
{
    param[0] = line->source;
    param[1] = line->reason;
    param[2] = line->since;
    param[3] = line->until;
}

static bool list_json(command_session *s, const listing *by_reason, const listing *rows, failure *f)
{
    (void)printf("{");
    bool good = listing_print_json(s->pg, "by_reason", by_reason, f);
    (void)printf(",\n ");
    good = good && listing_print_json(s->pg, "records", rows, f);
    (void)printf("}\n");
    return good;
}

bool quarantine_list(command_session *s, const command_line *line, failure *f)
{
    char most[16];
    listing by_reason = reasons, rows = set_aside;
    (void)snprintf(most, sizeof most, "%d", line->rows);
    choose(line, by_reason.param);
    choose(line, rows.param);
    rows.param[CHOSEN_PARAMS] = most;
    if (line->json)
        return list_json(s, &by_reason, &rows, f);
    (void)printf("Set aside, by reason (a record may have several)\n");
    if (!listing_print(s->pg, &by_reason, f))
        return false;
    (void)printf("\nThe latest %d\n", line->rows);
    return listing_print(s->pg, &rows, f);
}

/* Opens the record into *out (freed by the caller, wiped); the reading is recorded first. */
static bool open_record(command_session *s, const command_line *line, const pg_rows *rows, opened_value *out,
                        failure *f)
{
    const char *mac = pg_rows_get(rows, 0, 0), *hex = pg_rows_get(rows, 0, 1);
    const char *param[] = {"etl.quarantine", "sealed", line->word[2],
                           line->purpose_given ? line->purpose : "a look at a quarantined record, hidden"};
    size_t n = strlen(hex) / 2;
    uint8_t *sealed = malloc(n + 1);
    *out = (opened_value){malloc(n + 1), n, 0};
    bool good = (sealed && out->bytes) || fail(f, EXIT_INTERNAL, "no memory for a record");
    for (size_t i = 0; good && i < n; i++)
        good = sscanf(hex + 2 * i, "%2hhx", &sealed[i]) == 1;
    const sealed_value value = {
        {"etl.quarantine", "sealed", span_of(mac)}, {(const char *)sealed, n}, {param[3], NULL}};
    good =
        good &&
        pg_run(s->pg, "SELECT audit.record_reading($1::text, $2::text, $3::text, $4::text)", 4, param, f) &&
        sealer_unseal(s->keys, &value, out, f);
    free(sealed);
    return good;
}

/* long: the lines of one screen, in their order */
static bool show_record(command_session *s, const command_line *line, const pg_rows *rows, failure *f)
{
    opened_value opened;
    bool good = open_record(s, line, rows, &opened, f);
    if (good && line->json) {
        (void)printf("%s\n", pg_rows_get(rows, 0, 4));
    } else if (good) {
        (void)printf("Quarantined record %s of %s, set aside %s\n", line->word[2], pg_rows_get(rows, 0, 2),
                     pg_rows_get(rows, 0, 3));
        text_print_wrapped(pg_rows_get(rows, 0, 5), 2, stdout);
        if (!line->clear)
            hide_values((char *)opened.bytes, opened.size);
        (void)printf("\n%.*s\n", (int)opened.size, (const char *)opened.bytes);
    }
    if (opened.bytes)
        wipe(opened.bytes, opened.size);
    free(opened.bytes);
    return good;
}

bool quarantine_show(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 3)
        return fail(f, EXIT_USAGE,
                    "quarantine show: one number is expected; ekok quarantine list shows them");
    if (line->clear && !line->purpose_given)
        return fail(f, EXIT_USAGE, "--clear: say why, with --purpose TEXT; it is recorded");
    if (!s->keys)
        return fail(f, EXIT_KEYS, "%s", s->sealed_because);
    const char *param[] = {line->word[2]};
    pg_rows *rows = pg_query(
        s->pg,
        "SELECT encode(row_mac, 'hex'), encode(sealed, 'hex'), source, to_char(at, 'YYYY-MM-DD HH24:MI'), "
        "json_build_object('id', id, 'source', source, 'disposition', disposition, 'reasons', reasons, 'at', "
        "at, "
        "'first_run', first_run, 'first_page', first_page, 'resolution', resolution, 'resolved_run', "
        "resolved_run), "
        "(SELECT string_agg(concat_ws(': ', r->>'field', replace(r->>'reason', '_', ' '), r->>'detail'), '; "
        "' "
        "ORDER BY n) FROM jsonb_array_elements(reasons) WITH ORDINALITY AS x(r, n)) "
        "FROM etl.quarantine WHERE id = $1::bigint",
        1, param, f);
    if (!rows)
        return false;
    bool good = pg_rows_count(rows) == 1 ? show_record(s, line, rows, f)
                                         : fail(f, EXIT_USAGE, "no quarantined record has this number");
    pg_rows_free(rows);
    return good;
}

static bool export_all(command_session *s, const command_line *line, FILE *out, failure *f)
{
    const char *param[CHOSEN_PARAMS + 1];
    char after[24] = "0";
    long records = 0;
    for (int count = 1; count > 0;) {
        choose(line, param);
        param[CHOSEN_PARAMS] = after;
        pg_rows *rows = pg_query(s->pg, EXPORT, CHOSEN_PARAMS + 1, param, f);
        if (!rows)
            return false;
        count = pg_rows_count(rows);
        for (int row = 0; row < count; row++)
            (void)fprintf(out, "%s\n", pg_rows_get(rows, row, 1));
        if (count > 0)
            (void)snprintf(after, sizeof after, "%s", pg_rows_get(rows, count - 1, 0));
        records += count;
        pg_rows_free(rows);
    }
    if (fflush(out) != 0 || ferror(out))
        return fail(f, EXIT_INTERNAL, "%s: cannot be written: %s", line->word[2], strerror(errno));
    (void)printf("%ld records, sealed, in %s\n", records, line->word[2]);
    return true;
}

bool quarantine_export(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 3)
        return fail(f, EXIT_USAGE, "quarantine export: the name of a new file is expected");
    int fd = open(line->word[2], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out)
        return fail(f, EXIT_USAGE, "%s: cannot be created: %s", line->word[2], strerror(errno));
    bool good = export_all(s, line, out, f);
    if (fclose(out) != 0 && good)
        good = fail(f, EXIT_INTERNAL, "%s: cannot be written: %s", line->word[2], strerror(errno));
    if (!good)
        (void)unlink(line->word[2]);
    return good;
}
