/*
 * drill_book.c - what the book of drills says: ekok drill status, ekok drill history, and the line in ekok status.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/drill.h"
#include "cli/listing.h"
#include "cli/text.h"

static const listing history = {
    .sql = "SELECT id, to_char(begun_at AT TIME ZONE 'Asia/Dhaka', 'YYYY-MM-DD HH24:MI'), outcome, "
           "recovery_seconds, archived_seconds, "
           "rows, coalesce(problem, backup, '') FROM report.drills ORDER BY id DESC LIMIT 20",
    .column = {{"drill", LISTED_NUMBER},
               {"begun (Dhaka)", LISTED_TEXT},
               {"outcome", LISTED_TEXT},
               {"back in s", LISTED_NUMBER},
               {"lost s", LISTED_NUMBER},
               {"rows", LISTED_NUMBER},
               {"backup or problem", LISTED_TEXT}},
    .empty = "No backup of this registry was ever restored; see docs/continuity.md."};

static const listing all = {.sql = "SELECT * FROM report.drills ORDER BY id DESC"};
static const listing now = {.sql = "SELECT * FROM report.continuity"};

/* One line, and whether it is good news; *never when no drill has ended yet. */
static bool tell(pg_session *pg, bool *well, bool *never, failure *f)
{
    char back[NUMBER_TEXT], lost[NUMBER_TEXT], age[NUMBER_TEXT], line[600];
    pg_rows *rows = pg_query(
        pg,
        "SELECT condition, passed_age_seconds, recovery_seconds, archived_seconds, coalesce(problem, '') "
        "FROM report.continuity",
        0, NULL, f);
    if (!rows)
        return false;
    const char *condition = pg_rows_get(rows, 0, 0), *since = pg_rows_get(rows, 0, 1);
    *well = strcmp(condition, "well") == 0;
    *never = strcmp(condition, "never drilled") == 0 || strcmp(condition, "running") == 0;
    int n = 0;
    if (*well)
        n = snprintf(
            line, sizeof line, "Backup: restored and verified %s ago, back in %s, a fire would cost %s.",
            text_duration(strtod(since, NULL), age),
            text_duration(strtod(pg_rows_get(rows, 0, 2), NULL), back),
            pg_rows_get(rows, 0, 3) ? text_duration(strtod(pg_rows_get(rows, 0, 3), NULL), lost) : "-");
    else if (*never)
        n = snprintf(line, sizeof line,
                     "Backup: none was ever restored to see whether it can be: ekok drill.");
    else
        n = snprintf(line, sizeof line, "BACKUP: THE DRILL IS %s%s%.320s; the last that passed: %s%s.",
                     strcmp(condition, "overdue") == 0  ? "OVERDUE"
                     : strcmp(condition, "failed") == 0 ? "FAILED"
                                                        : "BROKEN OFF",
                     *pg_rows_get(rows, 0, 4) ? ": " : "", pg_rows_get(rows, 0, 4),
                     since ? text_duration(strtod(since, NULL), age) : "never", since ? " ago" : "");
    if (n > 0)
        text_print_wrapped(line, 2, stdout);
    pg_rows_free(rows);
    return true;
}

bool drill_status(command_session *s, const command_line *line, failure *f)
{
    bool well = false, never = false;
    if (line->json) {
        (void)printf("{");
        bool good = listing_print_json(s->pg, "continuity", &now, f);
        (void)printf("}\n");
        pg_rows *rows = good ? pg_query(s->pg, "SELECT condition FROM report.continuity", 0, NULL, f) : NULL;
        if (!rows)
            return false;
        well = strcmp(pg_rows_get(rows, 0, 0), "well") == 0;
        pg_rows_free(rows);
    } else if (!tell(s->pg, &well, &never, f))
        return false;
    return well || fail(f, EXIT_CONTINUITY,
                        "no drill has shown that the backup can be had back; see docs/continuity.md");
}

bool drill_history(command_session *s, const command_line *line, failure *f)
{
    if (!line->json)
        return listing_print(s->pg, &history, f);
    (void)printf("{");
    bool good = listing_print_json(s->pg, "drills", &all, f);
    (void)printf("}\n");
    return good;
}

bool drill_alarm(pg_session *pg, failure *f)
{
    bool well = false, never = false;
    return tell(pg, &well, &never, f) &&
           (well || never ||
            fail(f, EXIT_CONTINUITY, "a drill of the backup failed or is overdue: ekok drill history"));
}
