/* load_limit.c - see load_limit.h. */
#include "load/load_limit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER = 24 };

/* param: up to a NULL. */
static bool ask_number(pg_session *pg, const char *sql, const char *const *param, int *out, failure *f)
{
    int count = 0;
    while (param[count])
        count++;
    pg_rows *rows = pg_query(pg, sql, count, param, f);
    if (!rows)
        return false;
    const char *answer = pg_rows_count(rows) == 1 ? pg_rows_get(rows, 0, 0) : NULL;
    *out = answer ? (int)strtol(answer, NULL, 10) : 0;
    pg_rows_free(rows);
    return true;
}

bool load_request_take(pg_session *pg, const source_def *def, int *wait_ms, failure *f)
{
    char second[NUMBER], minute[NUMBER], day[NUMBER];
    (void)snprintf(second, sizeof second, "%d", def->limits.per_second);
    (void)snprintf(minute, sizeof minute, "%d", def->limits.per_minute);
    (void)snprintf(day, sizeof day, "%ld", def->limits.daily_quota);
    const char *param[] = {def->name, second, minute, day, NULL};
    return ask_number(pg, "SELECT etl.take_request($1::text, $2::int, $3::int, $4::bigint)", param, wait_ms,
                      f);
}

bool load_grant_take(pg_session *pg, const source_def *def, int *wait_seconds, failure *f)
{
    char most[NUMBER];
    (void)snprintf(most, sizeof most, "%d", def->auth.grants_per_hour);
    const char *param[] = {def->name, most, NULL};
    return ask_number(pg, "SELECT etl.take_grant($1::text, $2::int)", param, wait_seconds, f);
}

bool load_run_hold(pg_session *pg, int64_t run_id, const char *problem, const char *drift, failure *f)
{
    char id[NUMBER];
    (void)snprintf(id, sizeof id, "%" PRId64, run_id);
    const char *param[] = {id, problem, drift};
    return pg_run(pg, "SELECT etl.hold_run($1::bigint, $2::text, string_to_array($3::text, chr(10)))", 3,
                  param, f);
}

bool load_run_pause(pg_session *pg, int64_t run_id, const char *waits_for, const char *problem, failure *f)
{
    char id[NUMBER];
    (void)snprintf(id, sizeof id, "%" PRId64, run_id);
    const char *param[] = {id, waits_for, problem};
    return pg_run(pg, "SELECT etl.pause_run($1::bigint, $2::text, $3::text)", 3, param, f);
}
