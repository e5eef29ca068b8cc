/*
 * load_run.c - calls of etl.open_run, etl.close_run and keyring.check_version. Keys themselves never travel: a
 * commitment does.
 */
#include "load/load_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "secret/seal.h"

enum { HEX_TEXT = 2 + 2 * 32 + 1 };

bool load_run_read(const pg_rows *rows, int row, int column, load_run *out, failure *f)
{
    const char *id = row < pg_rows_count(rows) ? pg_rows_get(rows, row, column) : NULL;
    const char *cursor = id ? pg_rows_get(rows, row, column + 1) : NULL;
    const char *resumed = id ? pg_rows_get(rows, row, column + 2) : NULL;
    const char *accepted = id ? pg_rows_get(rows, row, column + 3) : NULL;
    if (!id)
        return fail(f, EXIT_INTERNAL, "etl.open_run gave no run: is sql/ applied in this version?");
    if (cursor && strlen(cursor) >= sizeof out->cursor)
        return fail(f, EXIT_INTERNAL, "the cursor in etl.cursor is longer than any that is written there");
    out->id = strtoll(id, NULL, 10);
    (void)snprintf(out->cursor, sizeof out->cursor, "%s", cursor ? cursor : "");
    out->resumed = resumed && *resumed == 't';
    out->accepted = strdup(accepted ? accepted : "");
    return out->accepted || fail(f, EXIT_INTERNAL, "no memory for what was released of a source");
}

bool load_run_refusal(const char *sqlstate, failure *f)
{
    bool taken = strcmp(sqlstate, "55P03") == 0;
    if (taken)
        (void)fail(f, EXIT_PARTIAL, "another session is pulling this source; wait for it or stop it");
    else if (strcmp(sqlstate, "P0002") == 0 || strcmp(sqlstate, "55000") == 0) /* not known, or not active */
        f->code = EXIT_PARTIAL;
    return taken;
}

bool load_seat_keep(pg_session *pg, int seconds, bool *ours, failure *f)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%d", seconds);
    const char *param[] = {text};
    pg_rows *rows = pg_query(pg, "SELECT etl.keep_seat($1::int)", 1, param, f);
    if (!rows)
        return false;
    const char *answer = pg_rows_count(rows) == 1 ? pg_rows_get(rows, 0, 0) : NULL;
    *ours = answer && *answer == 't';
    pg_rows_free(rows);
    return true;
}

bool load_lists_all(const source_def *def)
{
    return def->style != PAGING_SINCE && def->style != PAGING_FILE && def->style != PAGING_NONE;
}

void load_run_terms(const source_def *def, int lease_seconds, char out[RUN_TERMS_TEXT])
{
    (void)snprintf(out, RUN_TERMS_TEXT,
                   "{\"whole\": %s, \"largest_drop\": %d, \"breaker_tries\": %d, \"breaker_seconds\": %d, "
                   "\"breaker_longest\": %d, \"lease\": %d}",
                   load_lists_all(def) ? "true" : "false", def->limits.largest_drop,
                   def->limits.breaker_tries, def->limits.breaker_seconds,
                   def->limits.breaker_longest_seconds, lease_seconds);
}

/* A daemon that is stopped in the middle of a page must not keep the next one waiting for its row locks. */
bool load_session_bound(pg_session *pg, int seconds, failure *f)
{
    char milliseconds[24];
    (void)snprintf(milliseconds, sizeof milliseconds, "%d", seconds * 1000);
    const char *param[] = {milliseconds};
    return pg_run(pg, "SELECT set_config('idle_in_transaction_session_timeout', $1::text, false)", 1, param,
                  f);
}

/* The call that opens a run, with the definition as its contract; NULL on failure. */
static pg_rows *open_by(pg_session *pg, const char *sql, const source_def *def, int lease_seconds, failure *f)
{
    uint8_t sha256[SHA256_BYTES];
    char hex[HEX_TEXT], terms[RUN_TERMS_TEXT];
    if (!sha256_of((span){def->text, def->text_size}, sha256)) {
        (void)fail(f, EXIT_INTERNAL, "the definition cannot be hashed");
        return NULL;
    }
    hex_write_bytea(sha256, SHA256_BYTES, hex);
    load_run_terms(def, lease_seconds, terms);
    const char *param[] = {def->name, hex, def->text, terms};
    pg_rows *rows = pg_query(pg, sql, 4, param, f);
    if (!rows)
        (void)load_run_refusal(pg_sqlstate(pg), f);
    return rows;
}

bool load_run_open(pg_session *pg, const source_def *def, int lease_seconds, load_run *out, failure *f)
{
    pg_rows *rows = open_by(pg,
                            "SELECT run_id, cursor, resumed, accepted FROM "
                            "set_config('synchronous_commit', 'off', true), "
                            "etl.open_run($1::text, $2::bytea, $3::text, $4::jsonb)",
                            def, lease_seconds, f);
    if (!rows)
        return false;
    bool good = load_run_read(rows, 0, 0, out, f);
    pg_rows_free(rows);
    return good;
}

bool load_run_open_replay(pg_session *pg, const source_def *def, int lease_seconds, int64_t *id, failure *f)
{
    if (!load_session_bound(pg, lease_seconds, f))
        return false;
    pg_rows *rows = open_by(pg, "SELECT etl.open_replay($1::text, $2::bytea, $3::text, $4::jsonb)", def,
                            lease_seconds, f);
    if (!rows)
        return false;
    *id = strtoll(pg_rows_get(rows, 0, 0), NULL, 10);
    pg_rows_free(rows);
    return true;
}

bool load_run_renew(pg_session *pg, int64_t run_id, int seconds, failure *f)
{
    char id[24], text[16];
    (void)snprintf(id, sizeof id, "%" PRId64, run_id);
    (void)snprintf(text, sizeof text, "%d", seconds);
    const char *param[] = {id, text};
    return pg_run(pg, "SELECT etl.renew_lease($1::bigint, $2::int)", 2, param, f);
}

bool load_run_begin_anew(pg_session *pg, int64_t run_id, failure *f)
{
    char id[24];
    (void)snprintf(id, sizeof id, "%" PRId64, run_id);
    const char *param[] = {id};
    return pg_run(pg, "SELECT etl.begin_anew($1::bigint)", 1, param, f);
}

bool load_run_close(pg_session *pg, int64_t run_id, const run_end *end, bool *held, failure *f)
{
    char id[24], seconds[16];
    (void)snprintf(id, sizeof id, "%" PRId64, run_id);
    (void)snprintf(seconds, sizeof seconds, "%d", end->retry_after);
    const char *param[] = {id, end->state, end->problem && *end->problem ? end->problem : NULL,
                           end->retry_after < 0 ? NULL : seconds};
    pg_rows *rows =
        pg_query(pg, "SELECT etl.close_run($1::bigint, $2::text, $3::text, $4::int)", 4, param, f);
    if (!rows)
        return false;
    const char *ended_as = pg_rows_count(rows) == 1 ? pg_rows_get(rows, 0, 0) : NULL;
    *held = ended_as && strcmp(ended_as, "held") == 0;
    pg_rows_free(rows);
    return true;
}

static bool check_key(pg_session *pg, key_purpose purpose, const key_facts *key, failure *f)
{
    char hex[HEX_TEXT], version[16];
    hex_write_bytea(key->commitment, COMMITMENT_BYTES, hex);
    (void)snprintf(version, sizeof version, "%" PRIu32, key->version);
    const char *param[] = {key_purpose_name(purpose), version, key_state_name(key->state), hex};
    pg_rows *rows =
        pg_query(pg, "SELECT keyring.check_version($1::text, $2::int, $3::text, $4::bytea)", 4, param, f);
    if (!rows)
        return false;
    const char *answer = pg_rows_count(rows) == 1 ? pg_rows_get(rows, 0, 0) : NULL;
    bool same = answer && *answer == 't';
    pg_rows_free(rows);
    return same || fail(f, EXIT_KEYS,
                        "this is not the key file of this registry: %s version %s differs; "
                        "put the right one at [keys] file",
                        key_purpose_name(purpose), version);
}

/* The active versions first: the first key file that a registry sees decides which are. */
bool load_keys_check(pg_session *pg, const sealer *keys, failure *f)
{
    for (int round = 0; round < 2; round++) {
        for (int purpose = 0; purpose < KEY_PURPOSES; purpose++) {
            key_facts key[KEY_VERSIONS_MAX];
            size_t count = sealer_versions(keys, (key_purpose)purpose, key);
            for (size_t i = 0; i < count; i++)
                if ((key[i].state == KEY_ACTIVE) == (round == 0) &&
                    !check_key(pg, (key_purpose)purpose, &key[i], f))
                    return false;
        }
    }
    return true;
}
