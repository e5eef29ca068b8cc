/*
 * books.c - calls of keyring.*; see sql/registry/functions/rotate.sql.
 */
#include "rotate/books.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"

/* The one row of an answer, which is freed when it is another. */
static pg_rows *only_row(pg_rows *rows, failure *f)
{
    if (rows && pg_rows_count(rows) == 1)
        return rows;
    if (rows)
        (void)fail(f, EXIT_INTERNAL,
                   "the database gave no answer about keys: is sql/ applied in this version?");
    pg_rows_free(rows);
    return NULL;
}

static pg_rows *one_row(pg_session *pg, const char *sql, int count, const char *const *param, failure *f)
{
    return only_row(pg_query(pg, sql, count, param, f), f);
}

/* What is asked with each part: parsed once. */
static pg_rows *one_row_again(pg_session *pg, const char *sql, int count, const char *const *param,
                              failure *f)
{
    return only_row(pg_query_again(pg, sql, count, param, f), f);
}

/* The one cell of the one row, copied; "" for null. */
static bool one_cell(pg_session *pg, const char *sql, const char *const param[2], char out[NUMBER_ROOM],
                     failure *f)
{
    pg_rows *rows = one_row(pg, sql, param[0] ? (param[1] ? 2 : 1) : 0, param, f);
    const char *text = rows ? pg_rows_get(rows, 0, 0) : NULL;
    bool good = rows != NULL;
    (void)snprintf(out, NUMBER_ROOM, "%s", text ? text : "");
    pg_rows_free(rows);
    return good;
}

void books_unreadable(unreadable *u, span row, const char *why)
{
    if (u->count++ == 0)
        (void)snprintf(u->first, sizeof u->first, "%.180s (row %.*s)", why, (int)(row.n < 80 ? row.n : 80),
                       row.p);
}

bool books_hold(pg_session *pg, failure *f)
{
    if (pg_run(pg, "SELECT keyring.hold_rotation()", 0, NULL, f))
        return true;
    if (strcmp(pg_sqlstate(pg), "55P03") == 0)
        return fail(f, EXIT_PARTIAL,
                    "another session is rotating keys; ekok keys status shows how far it is");
    return false;
}

bool books_unfinished(pg_session *pg, key_purpose purpose, uint32_t *version, failure *f)
{
    char text[NUMBER_ROOM];
    const char *param[2] = {key_purpose_name(purpose), NULL};
    bool good = one_cell(
        pg, "SELECT (SELECT to_version FROM keyring.rotation WHERE state = 'running' AND purpose = $1::text)",
        param, text, f);
    *version = (uint32_t)strtoul(text, NULL, 10);
    return good;
}

static bool is_in_state(pg_session *pg, const char *const param[3], bool *is, failure *f)
{
    pg_rows *rows = one_row(pg,
                            "SELECT EXISTS (SELECT FROM keyring.key WHERE purpose = $1::text AND version = "
                            "$2::int AND state = $3::text)",
                            3, param, f);
    bool good = rows != NULL;
    *is = good && *pg_rows_get(rows, 0, 0) == 't';
    pg_rows_free(rows);
    return good;
}

bool books_active(pg_session *pg, key_purpose purpose, uint32_t version, bool *active, failure *f)
{
    char number[NUMBER_ROOM];
    const char *param[] = {key_purpose_name(purpose), number, "active"};
    (void)snprintf(number, sizeof number, "%" PRIu32, version);
    return is_in_state(pg, param, active, f);
}

bool books_retired(pg_session *pg, key_purpose purpose, uint32_t version, bool *retired, failure *f)
{
    char number[NUMBER_ROOM];
    const char *param[] = {key_purpose_name(purpose), number, "retired"};
    (void)snprintf(number, sizeof number, "%" PRIu32, version);
    return is_in_state(pg, param, retired, f);
}

static bool register_version(pg_session *pg, key_purpose purpose, const key_facts *key, failure *f)
{
    char version[NUMBER_ROOM], hex[2 + 2 * COMMITMENT_BYTES + 1];
    (void)snprintf(version, sizeof version, "%" PRIu32, key->version);
    hex_write_bytea(key->commitment, COMMITMENT_BYTES, hex);
    const char *param[] = {key_purpose_name(purpose), version, key_state_name(key->state), hex};
    pg_rows *rows =
        one_row(pg, "SELECT keyring.check_version($1::text, $2::int, $3::text, $4::bytea)", 4, param, f);
    const char *text = rows ? pg_rows_get(rows, 0, 0) : NULL;
    bool fits = text && *text == 't';
    if (rows && !fits)
        (void)fail(f, EXIT_KEYS, "this is not the key file of this registry: %s version %s differs",
                   key_purpose_name(purpose), version);
    pg_rows_free(rows);
    return fits;
}

bool books_register(pg_session *pg, const keyring *ring, key_purpose purpose, failure *f)
{
    key_facts key[KEY_VERSIONS_MAX];
    size_t count = keyring_versions(ring, purpose, key);
    for (size_t i = 0; i < count; i++)
        if (!register_version(pg, purpose, &key[i], f))
            return false;
    return true;
}

bool books_begin(pg_session *pg, key_purpose purpose, uint32_t version, char rotation[NUMBER_ROOM],
                 failure *f)
{
    char number[NUMBER_ROOM];
    const char *param[2] = {key_purpose_name(purpose), number};
    (void)snprintf(number, sizeof number, "%" PRIu32, version);
    return one_cell(pg, "SELECT rotation_id FROM keyring.begin_rotation($1::text, $2::int)", param, rotation,
                    f);
}

bool books_next(pg_session *pg, const char *rotation, int blocks, rotate_part *out, failure *f)
{
    char number[NUMBER_ROOM];
    const char *param[] = {rotation, number};
    (void)snprintf(number, sizeof number, "%d", blocks);
    pg_rows *rows = one_row_again(
        pg, "SELECT table_name, first_block, end_block FROM keyring.next_part($1::bigint, $2::int)", 2, param,
        f);
    if (!rows)
        return false;
    const char *table = pg_rows_get(rows, 0, 0), *first = pg_rows_get(rows, 0, 1),
               *end = pg_rows_get(rows, 0, 2);
    out->none = table == NULL;
    (void)snprintf(out->table, sizeof out->table, "%s", table ? table : "");
    (void)snprintf(out->first, sizeof out->first, "%s", first ? first : "0");
    (void)snprintf(out->end, sizeof out->end, "%s", end ? end : "");
    pg_rows_free(rows);
    return true;
}

bool books_note(pg_session *pg, const char *rotation, const rotate_part *part, const int64_t counts[2],
                failure *f)
{
    char values[NUMBER_ROOM], passed_over[NUMBER_ROOM];
    (void)snprintf(values, sizeof values, "%" PRId64, counts[0]);
    (void)snprintf(passed_over, sizeof passed_over, "%" PRId64, counts[1]);
    const char *param[] = {rotation, part->table, part->end[0] ? part->end : NULL, values, passed_over};
    pg_rows *rows = one_row_again(
        pg, "SELECT keyring.note_part($1::bigint, $2::text, $3::bigint, $4::bigint, $5::bigint)", 5, param,
        f);
    bool good = rows != NULL;
    pg_rows_free(rows);
    return good;
}

bool books_look(pg_session *pg, const char *rotation, const char *table, rotate_progress *out, failure *f)
{
    const char *param[] = {rotation, table};
    pg_rows *rows =
        one_row_again(pg,
                      "SELECT percent, pass FROM keyring.rotation_progress WHERE id = $1::bigint AND "
                      "table_name = $2::text",
                      2, param, f);
    if (!rows)
        return false;
    out->percent = (int)strtol(pg_rows_get(rows, 0, 0), NULL, 10);
    out->pass = (int)strtol(pg_rows_get(rows, 0, 1), NULL, 10);
    (void)snprintf(out->table, sizeof out->table, "%s", table);
    pg_rows_free(rows);
    return true;
}

bool books_finish(pg_session *pg, const char *rotation, bool *proved, failure *f)
{
    char text[NUMBER_ROOM];
    const char *param[2] = {rotation, NULL};
    bool good = one_cell(pg, "SELECT keyring.finish_rotation($1::bigint)", param, text, f);
    *proved = text[0] == 't';
    return good;
}

bool books_again(pg_session *pg, const char *rotation, failure *f)
{
    return pg_run(pg, "SELECT keyring.go_through_again($1::bigint)", 1, &rotation, f);
}

bool books_activate_tokens(pg_session *pg, const char *rotation, failure *f)
{
    return pg_run(pg, "SELECT keyring.activate_tokens($1::bigint)", 1, &rotation, f);
}

bool books_activate_contents(pg_session *pg, const char *rotation, failure *f)
{
    return pg_run(pg, "SELECT keyring.activate_macs($1::bigint)", 1, &rotation, f);
}

static bool finish_checked(pg_session *pg, const char *sql, const char *rotation, int64_t checked, failure *f)
{
    char number[NUMBER_ROOM];
    const char *param[] = {rotation, number};
    (void)snprintf(number, sizeof number, "%" PRId64, checked);
    return pg_run(pg, sql, 2, param, f);
}

bool books_finish_tokens(pg_session *pg, const char *rotation, int64_t checked, failure *f)
{
    return finish_checked(pg, "SELECT keyring.finish_tokens($1::bigint, $2::bigint)", rotation, checked, f);
}

bool books_finish_contents(pg_session *pg, const char *rotation, int64_t checked, failure *f)
{
    return finish_checked(pg, "SELECT keyring.finish_macs($1::bigint, $2::bigint)", rotation, checked, f);
}
