/*
 * drill.c - see drill.h. The order makes the comparison exact while the live server goes on: what witnesses remember is
 * copied first, then rows are counted, then the archive is waited for, as long as it takes by itself; so the copy must
 * hold all of the first two, and what it holds beyond them its own trace must account for.
 */
#include "cli/drill.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/json_text.h"
#include "cli/audit.h"
#include "cli/drill_copy.h"
#include "cli/text.h"

enum { WAL_NAME = 32, ID_TEXT = 24, POINT_TEXT = 48, ASKS_EVERY_MS = 200, FIGURES_MAX = 2000 };

typedef struct {
    const command_line *line;
    const char *conninfo;
    drill_place place;
    drill_repository repository;
    drill_copy copy;
    command_line witnessed; /* the command line with our copies of the witnesses' folders */
    char witness[COMMAND_WITNESSES][PLACE_TEXT];
    char id[ID_TEXT], wal[WAL_NAME], point[POINT_TEXT];
    double archived, recovery, verify; /* seconds, negative: not known */
    int64_t tables, rows, entries, age;
} drill;

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void say(const drill *d, const char *what)
{
    if (!d->line->json && isatty(STDOUT_FILENO))
        (void)printf("%s ...\n", what);
    (void)fflush(stdout);
}

static bool copy_witnesses(drill *d, failure *f)
{
    char name[16];
    d->witnessed = *d->line;
    for (size_t i = 0; i < d->line->witnesses; i++) {
        (void)snprintf(name, sizeof name, "witness-%zu", i);
        if (!drill_place_copy(&d->place, d->line->witness[i], name, f))
            return false;
        drill_place_path(&d->place, name, d->witness[i]);
        d->witnessed.witness[i] = d->witness[i];
    }
    return true;
}

static bool plain_name(const char *text, char *out, size_t room, failure *f)
{
    bool plain = text && *text && strlen(text) < room && !strpbrk(text, "'\\\"\n");
    (void)snprintf(out, room, "%s", plain ? text : "");
    return plain || fail(f, EXIT_CONFIG,
                         "the database or the role has a name that a drill does not take: quotes, a "
                         "backslash, or longer than %zu bytes",
                         room - 1);
}

/* Counts and the number of the drill, in one transaction; then which piece of the WAL its commit lies in. */
static bool begin_drill(drill *d, pg_session *pg, failure *f)
{
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0 || !*host)
        (void)snprintf(host, sizeof host, "unknown");
    const char *param[] = {host, d->line->every};
    if (!pg_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ", 0, NULL, f))
        return false;
    pg_rows *rows = pg_query(
        pg, "SELECT audit.begin_drill($1, $2::interval), current_database(), session_user", 2, param, f);
    bool good = rows && plain_name(pg_rows_get(rows, 0, 1), d->copy.database, sizeof d->copy.database, f) &&
                plain_name(pg_rows_get(rows, 0, 2), d->copy.role, sizeof d->copy.role, f);
    if (good)
        (void)snprintf(d->id, sizeof d->id, "%s", pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    if (!good || !pg_run(pg, "COMMIT", 0, NULL, f)) {
        d->id[0] = '\0';
        return false;
    }
    rows = pg_query(pg, "SELECT pg_walfile_name(pg_current_wal_insert_lsn())", 0, NULL, f);
    if (rows)
        (void)snprintf(d->wal, sizeof d->wal, "%s", pg_rows_get(rows, 0, 0));
    pg_rows_free(rows);
    return rows != NULL;
}

/* Nobody hurries the archive: how long it takes is what a fire would cost. */
static bool await_archive(drill *d, pg_session *pg, failure *f)
{
    static const char ask[] =
        "SELECT coalesce(left(last_archived_wal, 24) >= $1, false), coalesce(last_archived_wal, 'none'), "
        "CASE WHEN last_failed_time > coalesce(last_archived_time, '-infinity') THEN last_failed_wal END, "
        "current_setting('archive_mode') FROM pg_stat_archiver";
    const struct timespec pause = {0, ASKS_EVERY_MS * 1000 * 1000};
    const char *param[] = {d->wal};
    for (double begun = seconds_now();; (void)nanosleep(&pause, NULL)) {
        pg_rows *rows = pg_query(pg, ask, 1, param, f);
        if (!rows)
            return false;
        double waited = seconds_now() - begun;
        const char *failed = pg_rows_get(rows, 0, 2);
        bool there = strcmp(pg_rows_get(rows, 0, 0), "t") == 0;
        bool off = strcmp(pg_rows_get(rows, 0, 3), "off") == 0;
        bool good = true;
        if (off)
            good = fail(f, EXIT_CONTINUITY, "the live server archives nothing: archive_mode is off");
        else if (!there && waited > d->line->wait)
            good = fail(f, EXIT_CONTINUITY,
                        "WAL is not archived: %s was written %d s ago, the last in the repository is %s%s%s",
                        d->wal, (int)waited, pg_rows_get(rows, 0, 1), failed ? ", archiving fails at " : "",
                        failed ? failed : "");
        pg_rows_free(rows);
        if (there)
            d->archived = waited;
        if (!good || there)
            return good;
    }
}

static bool compare_rows(drill *d, pg_session *pg, failure *f)
{
    static const char ask[] =
        "SELECT count(*), sum(standing), string_agg(format('%s: %s, %s due', table_name, "
        "coalesce(standing::text, "
        "'no table'), expected), "
        "'; ' ORDER BY table_name) FILTER (WHERE NOT holds) FROM audit.compare_drill($1::bigint)";
    const char *param[] = {d->id};
    pg_rows *rows = pg_query(pg, ask, 1, param, f);
    if (!rows)
        return false;
    const char *wrong = pg_rows_get(rows, 0, 2), *sum = pg_rows_get(rows, 0, 1);
    d->tables = strtoll(pg_rows_get(rows, 0, 0), NULL, 10);
    d->rows = sum ? strtoll(sum, NULL, 10) : 0;
    bool good = !wrong || fail(f, EXIT_CONTINUITY, "rows are not those that were counted: %.300s", wrong);
    pg_rows_free(rows);
    return good;
}

/* The newest commit in the copy; and is the drill's own beginning in it, which was committed before? */
static bool find_point(drill *d, pg_session *pg, failure *f)
{
    static const char ask[] = "SELECT to_char(p AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC', "
                              "extract(epoch FROM clock_timestamp() - p)::bigint, "
                              "EXISTS (SELECT FROM audit.drill WHERE id = $1::bigint) FROM (SELECT "
                              "coalesce(pg_last_xact_replay_timestamp(), "
                              "(SELECT max(begun_at) FROM audit.drill)) AS p) x";
    const char *param[] = {d->id};
    pg_rows *rows = pg_query(pg, ask, 1, param, f);
    if (!rows)
        return false;
    const char *point = pg_rows_get(rows, 0, 0), *age = pg_rows_get(rows, 0, 1);
    (void)snprintf(d->point, sizeof d->point, "%s", point ? point : "");
    d->age = age ? strtoll(age, NULL, 10) : -1;
    bool whole = strcmp(pg_rows_get(rows, 0, 2), "t") == 0;
    pg_rows_free(rows);
    return whole || fail(f, EXIT_CONTINUITY,
                         "the copy ends before the drill began, its newest commit is of %s: a piece of the "
                         "WAL is missing in the repository",
                         *d->point ? d->point : "an unknown time");
}

static bool verify_copy(drill *d, pg_session *pg, failure *f)
{
    audit_judgement judged;
    say(d, "holding the copy against witnesses and counts");
    double begun = seconds_now();
    if (!find_point(d, pg, f) || !audit_judge(pg, &d->witnessed, &judged, f) || !compare_rows(d, pg, f))
        return false;
    d->entries = (int64_t)judged.entries;
    d->verify = seconds_now() - begun;
    return judged.findings == 0 ||
           fail(f, EXIT_CONTINUITY, "the copy's audit is not whole: %zu finding(s), the first: %.250s",
                judged.findings, judged.first);
}

static bool restore_and_verify(drill *d, failure *f)
{
    pg_session *pg = NULL;
    say(d, "restoring the latest backup");
    double begun = seconds_now();
    bool good = drill_copy_restore(&d->copy, f) && drill_copy_start(&d->copy, &pg, f);
    if (good) {
        d->recovery = seconds_now() - begun;
        good = verify_copy(d, pg, f);
    }
    pg_close(pg);
    drill_copy_stop(&d->copy);
    return good;
}

/* Until the archive has it; the live server is not needed any longer then. */
static bool prepare(drill *d, failure *f)
{
    pg_session *pg = pg_open(d->conninfo, "ekok drill", f);
    if (!pg)
        return false;
    say(d, "counting rows, waiting for the archive");
    bool good = copy_witnesses(d, f) && begin_drill(d, pg, f) &&
                drill_repository_ask(&d->repository, &d->place, pg, f);
    int64_t room = drill_place_free(&d->place);
    if (good && d->repository.bytes > 0 && room >= 0 && room < d->repository.bytes + d->repository.bytes / 20)
        good = fail(f, EXIT_CONTINUITY, "%.200s: the backup needs %" PRId64 " MB, %" PRId64 " MB are free",
                    d->place.root, d->repository.bytes >> 20, room >> 20);
    good = good && await_archive(d, pg, f);
    pg_close(pg);
    return good;
}

/* {"backup": ..., figures that are known} */
static bool figures(const drill *d, buf *out)
{
    const struct {
        const char *name;
        int64_t value;
    } known[] = {{"archived_seconds", d->archived < 0 ? -1 : (int64_t)(d->archived + 0.5)},
                 {"recovery_seconds", d->recovery < 0 ? -1 : (int64_t)(d->recovery + 0.5)},
                 {"verify_seconds", d->verify < 0 ? -1 : (int64_t)(d->verify + 0.5)},
                 {"tables", d->tables},
                 {"rows", d->rows},
                 {"entries", d->entries}};
    bool good = buf_add_text(out, "{\"backup\": ") && json_add_string(out, d->repository.backup);
    if (*d->point)
        good = good && buf_add_text(out, ", \"recovery_point\": ") && json_add_string(out, d->point);
    for (size_t i = 0; good && i < sizeof known / sizeof *known; i++)
        if (known[i].value >= 0)
            good = buf_printf(out, ", \"%s\": %" PRId64, known[i].name, known[i].value);
    return good && buf_add_text(out, "}");
}

/* Into the book, on a fresh session: the first may have been cut while the copy was tried. */
static bool end_drill(const drill *d, bool passed, const char *problem, failure *f)
{
    buf text;
    buf_init(&text, FIGURES_MAX);
    pg_session *pg = d->id[0] ? pg_open(d->conninfo, "ekok drill", f) : NULL;
    bool good = pg && figures(d, &text) && buf_add(&text, "", 1);
    if (good) {
        const char *param[] = {d->id, passed ? "t" : "f", passed ? NULL : problem, text.data};
        good =
            pg_run(pg, "SELECT audit.end_drill($1::bigint, $2::boolean, $3::text, $4::jsonb)", 4, param, f);
    }
    pg_close(pg);
    buf_free(&text);
    return good;
}

static void print_outcome(const drill *d)
{
    char a[NUMBER_TEXT], b[NUMBER_TEXT];
    if (d->line->json) {
        buf text;
        buf_init(&text, FIGURES_MAX);
        if (figures(d, &text))
            (void)printf("%.*s\n", (int)text.size, text.data);
        buf_free(&text);
        return;
    }
    (void)printf("Drill %s passed: backup %s can be had back.\n\n", d->id, d->repository.backup);
    (void)printf("recovery time   %s from the call to restore until the copy answered\n",
                 text_duration(d->recovery, a));
    (void)printf("recovery point  %s, the newest commit in the copy, %s old now\n", d->point,
                 text_duration((double)d->age, a));
    (void)printf("exposure        %s until a commit lay in the repository: what a fire would cost\n",
                 text_duration(d->archived, a));
    (void)printf("rows            %s in %" PRId64 " tables are those that were counted\n",
                 text_number(d->rows, a), d->tables);
    (void)printf("trace           %s entries are what witnesses remember, verified in %s\n",
                 text_number(d->entries, a), text_duration(d->verify, b));
}

static bool read_request(drill *d, const command_line *line, config *ini, failure *f)
{
    d->line = line;
    d->archived = d->recovery = d->verify = -1;
    d->tables = d->rows = d->entries = d->age = -1;
    d->conninfo = line->database;
    if (!line->into || !line->keys_file || line->witnesses == 0)
        return fail(f, EXIT_USAGE,
                    "drill: --into DIR, --keys FILE and --witness DIR are needed; see docs/continuity.md");
    if (!line->database && !config_read(line->config_file, ini, f))
        return false;
    if (!line->database)
        d->conninfo = ini->database;
    d->copy.place = &d->place;
    d->copy.repository = &d->repository;
    d->copy.programs = line->programs;
    d->copy.libraries = line->libraries;
    return drill_repository_open(&d->repository, line->stanza, line->repository, f) &&
           drill_place_take(&d->place, line->into, f);
}

exit_code drill_run(const command_line *line, failure *f)
{
    static config ini;
    static drill d;
    d = (drill){.place.lock = -1};
    bool good = read_request(&d, line, &ini, f);
    bool passed = good && prepare(&d, f) && restore_and_verify(&d, f);
    if (good && d.id[0]) {
        failure unwritten = {.text = ""};
        if (!end_drill(&d, passed, f->text, &unwritten)) {
            if (passed)
                *f = unwritten;
            else
                (void)fprintf(stderr, "ekok: the outcome cannot be written down: %s\n", unwritten.text);
            passed = false;
        } else if (!passed)
            f->code = EXIT_CONTINUITY;
    }
    drill_place_leave(&d.place, line->keep);
    if (passed)
        print_outcome(&d);
    return passed ? EXIT_DONE : f->code;
}
