/*
 * sweep.c - one statement a part: registry.step_sweep says what it did and how much is left. Nothing is kept here
 * between parts, so nothing is lost with this program, and several of them share the parts of one sweep.
 */
#include "cli/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/text.h"

enum { BAR = 30 };

typedef struct {
    bool finished;
    char title[64];
    int done, total;
} sweep_part;

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static pg_rows *one_row(command_session *s, const char *sql, const char *run, failure *f)
{
    pg_rows *rows = pg_query(s->pg, sql, run ? 1 : 0, &run, f);
    if (rows && pg_rows_count(rows) != 1) {
        pg_rows_free(rows);
        (void)fail(f, EXIT_INTERNAL, "the sweep gave no answer: is sql/ applied in this version?");
        return NULL;
    }
    return rows;
}

/* Number of the sweep as text; false on failure. Asked after it began: one statement sees no more than stood before. */
static bool begin(command_session *s, char run[32], bool *resumed, failure *f)
{
    pg_rows *rows = one_row(s, "SELECT registry.begin_sweep()", NULL, f);
    if (!rows)
        return false;
    (void)snprintf(run, 32, "%lld", (long long)pg_rows_number(rows, 0, 0));
    pg_rows_free(rows);
    rows =
        one_row(s, "SELECT (SELECT percent FROM registry.sweep_progress WHERE run_id = $1::bigint)", run, f);
    if (!rows)
        return false;
    *resumed = pg_rows_number(rows, 0, 0) > 0;
    pg_rows_free(rows);
    return true;
}

static bool step(command_session *s, const char *run, sweep_part *out, failure *f)
{
    pg_rows *rows =
        one_row(s, "SELECT finished, title, done, total FROM registry.step_sweep($1::bigint)", run, f);
    if (!rows)
        return false;
    const char *finished = pg_rows_get(rows, 0, 0), *title = pg_rows_get(rows, 0, 1);
    out->finished = finished && *finished == 't';
    (void)snprintf(out->title, sizeof out->title, "%s", title ? title : "");
    out->done = (int)pg_rows_number(rows, 0, 2);
    out->total = (int)pg_rows_number(rows, 0, 3);
    pg_rows_free(rows);
    return true;
}

static void draw(const sweep_part *part, double took)
{
    char bar[BAR + 1], time_text[NUMBER_TEXT];
    int full = part->total > 0 ? part->done * BAR / part->total : 0;
    for (int i = 0; i < BAR; i++)
        bar[i] = i < full ? '#' : '-';
    bar[BAR] = '\0';
    (void)printf("\r\033[K[%s] %3d%% %s, %s", bar, part->total > 0 ? part->done * 100 / part->total : 0,
                 part->title, text_duration(took, time_text));
    (void)fflush(stdout);
}

static bool work(command_session *s, const char *run, bool drawn, failure *f)
{
    double began = seconds_now();
    sweep_part part = {.finished = false};
    while (!part.finished) {
        if (!step(s, run, &part, f))
            return false;
        if (drawn)
            draw(&part, seconds_now() - began);
    }
    if (drawn)
        (void)printf("\r\033[K");
    return true;
}

enum { NEW, GONE, PERSONS, QUEUED, HITS, SCORED, COUNTS };

static void tell(const command_line *line, const int64_t count[COUNTS], double took)
{
    char number[COUNTS][NUMBER_TEXT], time_text[NUMBER_TEXT];
    if (line->json) {
        (void)printf("{\"matches_new\": %lld, \"matches_gone\": %lld, \"persons\": %lld, \"queued\": %lld, "
                     "\"rule_hits\": %lld, \"scored\": %lld, \"seconds\": %.3f}\n",
                     (long long)count[NEW], (long long)count[GONE], (long long)count[PERSONS],
                     (long long)count[QUEUED], (long long)count[HITS], (long long)count[SCORED], took);
        return;
    }
    for (int i = 0; i < COUNTS; i++)
        (void)text_number(count[i], number[i]);
    (void)printf("Swept in %s: %s pairs of enrolments compared, %s new matches, %s gone;\n"
                 "%s persons; %s persons break a rule; %s pairs wait for a human.\n"
                 "Next: ekok report.\n",
                 text_duration(took, time_text), number[SCORED], number[NEW], number[GONE], number[PERSONS],
                 number[HITS], number[QUEUED]);
}

bool sweep_run(command_session *s, const command_line *line, failure *f)
{
    char run[32];
    bool resumed = false;
    int64_t count[COUNTS];
    double began = seconds_now();
    if (!begin(s, run, &resumed, f))
        return false;
    if (resumed && !line->json)
        (void)printf("Going on with a sweep that was begun before\n");
    if (!work(s, run, !line->json && isatty(STDOUT_FILENO), f))
        return false;
    pg_rows *rows = one_row(s,
                            "SELECT matches_new, matches_gone, persons, queued, rule_hits, scored "
                            "FROM report.sweeps WHERE run_id = $1::bigint",
                            run, f);
    if (!rows)
        return false;
    for (int i = 0; i < COUNTS; i++)
        count[i] = pg_rows_number(rows, 0, i);
    pg_rows_free(rows);
    tell(line, count, seconds_now() - began);
    return true;
}
