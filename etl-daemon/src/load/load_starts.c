/* load_starts.c - etl.open_runs: names and hashes of definitions go there, their texts the registry has. */
#include "load/load_starts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/json_text.h"
#include "secret/seal.h"

enum { WANTED_MAX = 1 << 20, HEX_TEXT = 2 * SHA256_BYTES + 1 };
enum { SOURCE, WAIT, RUN, CURSOR, RESUMED, ACCEPTED, STATE, PROBLEM };

static bool write_one(buf *out, const load_start *s)
{
    uint8_t sha256[SHA256_BYTES];
    char hex[HEX_TEXT], terms[RUN_TERMS_TEXT];
    if (!sha256_of((span){s->def->text, s->def->text_size}, sha256))
        return false;
    hex_write(sha256, SHA256_BYTES, hex);
    load_run_terms(s->def, s->lease_seconds, terms);
    return buf_printf(out, "%s{\"source\": ", out->size > 1 ? ", " : "") &&
           json_add_string(out, s->def->name) &&
           buf_printf(out, ", \"sha256\": \"%s\", \"forced\": %s, \"terms\": %s}", hex,
                      s->forced ? "true" : "false", terms);
}

static bool write_wanted(buf *out, const load_start *start, size_t count)
{
    bool good = buf_add_char(out, '[');
    for (size_t i = 0; good && i < count; i++)
        good = write_one(out, &start[i]);
    return good && buf_add(out, "]", 2);
}

static void refuse(load_start *s, const char *state, const char *problem)
{
    s->taken = load_run_refusal(state, &s->why);
    if (!s->taken)
        (void)fail(&s->why, s->why.code, "%s (SQLSTATE %s)", problem ? problem : "", state);
}

static void take_row(const pg_rows *rows, int row, load_start *s)
{
    const char *wait = pg_rows_get(rows, row, WAIT), *state = pg_rows_get(rows, row, STATE);
    s->why = (failure){.code = EXIT_DATABASE, .text = ""};
    if (state) {
        refuse(s, state, pg_rows_get(rows, row, PROBLEM));
        return;
    }
    s->wait_seconds = wait ? (int)strtol(wait, NULL, 10) : 0;
    if (s->wait_seconds == 0)
        s->opened = load_run_read(rows, row, RUN, &s->run, &s->why);
}

static void tell_all(load_start *start, size_t count, const failure *f)
{
    for (size_t i = 0; i < count; i++)
        start[i].why = *f;
}

/* Rows come in the order of their names, which may be another; each is looked for. */
static void take_rows(const pg_rows *rows, load_start *start, size_t count)
{
    failure none;
    (void)fail(&none, EXIT_INTERNAL, "etl.open_runs gave no row for it: is sql/ applied in this version?");
    tell_all(start, count, &none);
    for (int row = 0; row < pg_rows_count(rows); row++)
        for (size_t i = 0; i < count; i++)
            if (strcmp(pg_rows_get(rows, row, SOURCE), start[i].def->name) == 0)
                take_row(rows, row, &start[i]);
}

void load_starts_open(pg_session *pg, load_start *start, size_t count)
{
    failure f = {.code = EXIT_DONE, .text = ""};
    buf wanted;
    buf_init(&wanted, WANTED_MAX);
    pg_rows *rows = NULL;
    if (write_wanted(&wanted, start, count)) {
        const char *param[] = {wanted.data};
        rows = pg_query(pg,
                        "SELECT source, wait, run_id, cursor, resumed, accepted, state, problem FROM "
                        "set_config('synchronous_commit', 'off', true), etl.open_runs($1::jsonb)",
                        1, param, &f);
    } else {
        (void)fail(&f, EXIT_INTERNAL, "no memory to open the runs that are due");
    }
    buf_free(&wanted);
    if (rows)
        take_rows(rows, start, count);
    else
        tell_all(start, count, &f);
    pg_rows_free(rows);
}

bool load_run_wait(pg_session *pg, int64_t run_id, int seconds, bool waiting, failure *f)
{
    char id[24], text[16];
    (void)snprintf(id, sizeof id, "%" PRId64, run_id);
    (void)snprintf(text, sizeof text, "%d", seconds);
    const char *param[] = {id, text, waiting ? "t" : "f"};
    return pg_run(pg, "SELECT etl.wait_for_connection($1::bigint, $2::int, $3::boolean)", 3, param, f);
}
