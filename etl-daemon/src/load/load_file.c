/* load_file.c - see load_file.h. */
#include "load/load_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { HEX_TEXT = 2 + 64 + 1, NUMBER_TEXT = 24 };

bool load_file_take(pg_session *pg, int64_t run_id, const load_file *file, file_state *state, failure *f)
{
    char run[NUMBER_TEXT], hash[HEX_TEXT], bytes[NUMBER_TEXT];
    (void)snprintf(run, sizeof run, "%" PRId64, run_id);
    (void)snprintf(hash, sizeof hash, "\\x%.64s", file->sha256);
    (void)snprintf(bytes, sizeof bytes, "%" PRId64, file->bytes);
    const char *param[] = {run, hash, bytes, file->name};
    pg_rows *rows =
        pg_query(pg, "SELECT etl.take_file($1::bigint, $2::bytea, $3::bigint, $4::text)", 4, param, f);
    if (!rows)
        return false;
    const char *answer = pg_rows_count(rows) == 1 ? pg_rows_get(rows, 0, 0) : NULL;
    *state = answer && strcmp(answer, "loaded") == 0    ? FILE_LOADED
             : answer && strcmp(answer, "refused") == 0 ? FILE_REFUSED
                                                        : FILE_TAKEN;
    bool good = answer != NULL;
    pg_rows_free(rows);
    return good || fail(f, EXIT_INTERNAL, "etl.take_file gave no state: is sql/ applied in this version?");
}

bool load_file_end(pg_session *pg, int64_t run_id, const char *sha256, const char *problem, failure *f)
{
    char run[NUMBER_TEXT], hash[HEX_TEXT];
    (void)snprintf(run, sizeof run, "%" PRId64, run_id);
    (void)snprintf(hash, sizeof hash, "\\x%.64s", sha256);
    const char *param[] = {run, hash, problem ? "refused" : "loaded", problem};
    return pg_run(pg, "SELECT etl.end_file($1::bigint, $2::bytea, $3::text, $4::text)", 4, param, f);
}
