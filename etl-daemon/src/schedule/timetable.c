/* timetable.c - see timetable.h. */
#include "schedule/timetable.h"

#include <stdio.h>
#include <stdlib.h>

void timetable_open(timetable *t, const char *conninfo, wall_clock *wall)
{
    *t = (timetable){.conninfo = conninfo, .wall = wall};
}

void timetable_close(timetable *t)
{
    pg_close(t->pg);
    free(t->drifted);
    *t = (timetable){.pg = NULL};
}

/* Over a new session where the last one is gone. */
static pg_rows *ask(timetable *t, const char *sql, failure *f)
{
    if (t->pg && pg_lost(t->pg)) {
        pg_close(t->pg);
        t->pg = NULL;
    }
    if (!t->pg)
        t->pg = pg_open(t->conninfo, "ekok-etld schedule", f);
    return t->pg ? pg_query(t->pg, sql, 0, NULL, f) : NULL;
}

bool timetable_tick(timetable *t, failure *f)
{
    pg_rows *rows = ask(t, "SELECT wall, drifted FROM etl.tick()", f);
    if (!rows)
        return false;
    char *drifted = strdup(pg_rows_get(rows, 0, 1));
    wall_set(t->wall, strtoll(pg_rows_get(rows, 0, 0), NULL, 10));
    pg_rows_free(rows);
    if (!drifted)
        return fail(f, EXIT_INTERNAL, "no memory for the schedule");
    free(t->drifted);
    t->drifted = drifted;
    return true;
}

bool timetable_held(const timetable *t, const char *source)
{
    size_t n = strlen(source);
    for (const char *at = t->drifted; at && (at = strstr(at, source)); at += n)
        if (at > t->drifted && at[-1] == ' ' && at[n] == ' ')
            return true;
    return false;
}

enum { SOURCE, PULLED, BEGAN, ENDED, STATE, DRIFTED, OTHER, REQUESTS };

static int64_t seconds_of(const char *milliseconds)
{
    return milliseconds ? strtoll(milliseconds, NULL, 10) / 1000 : 0;
}

static bool is_true(const char *value)
{
    return value && *value == 't';
}

/* What a changed definition may have mended is tried again at once. */
static due_end end_of(const pg_rows *rows, int row)
{
    const char *state = pg_rows_get(rows, row, STATE);
    bool other = is_true(pg_rows_get(rows, row, OTHER));
    if (!is_true(pg_rows_get(rows, row, PULLED)))
        return PAST_NONE;
    if (is_true(pg_rows_get(rows, row, DRIFTED)))
        return other ? PAST_CUT : PAST_HELD;
    if (strcmp(state, "finished") == 0 || strcmp(state, "held") == 0)
        return PAST_DONE;
    if (strcmp(state, "failed") == 0)
        return other ? PAST_CUT : PAST_FAILED;
    return PAST_CUT;
}

static void read_past(const pg_rows *rows, int row, const source_def *def, int64_t now, due_past *out)
{
    const char *requests = pg_rows_get(rows, row, REQUESTS);
    *out = (due_past){.end = end_of(rows, row),
                      .began = seconds_of(pg_rows_get(rows, row, BEGAN)),
                      .ended = seconds_of(pg_rows_get(rows, row, ENDED))};
    long quota = def->limits.daily_quota;
    if (quota > 0 && requests && strtol(requests, NULL, 10) >= quota)
        out->not_before = due_tomorrow(now);
}

bool timetable_read(timetable *t, const job_task *task, size_t tasks, due_past *past, failure *f)
{
    pg_rows *rows = ask(t,
                        "SELECT source, pulled, began, ended, state, drifted, other_definition, requests "
                        "FROM etl.list_schedule()",
                        f);
    if (!rows)
        return false;
    int64_t now = wall_now_ms(t->wall) / 1000;
    for (size_t i = 0; i < tasks; i++) {
        past[i] = (due_past){.end = PAST_NONE, .began = now};
        for (int row = 0; row < pg_rows_count(rows); row++)
            if (strcmp(pg_rows_get(rows, row, SOURCE), task[i].def->name) == 0)
                read_past(rows, row, task[i].def, now, &past[i]);
    }
    pg_rows_free(rows);
    return true;
}
