/*
 * sight.c - see sight.h.
 */
#include "cli/sight.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json_text.h"

enum { ROWS_ROOM = 256 << 20 };

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool looks_for(const sight *s, const char *row)
{
    return !s->row || bsearch(&row, s->row, s->rows_wanted, sizeof *s->row, by_text) != NULL;
}

static bool in_time(const sight *s, int64_t at)
{
    return at >= s->since && at < s->until;
}

bool sight_asks_for(const sight *s, const opening *o)
{
    bool by =
        s->ask != SIGHT_OF_LOGIN || strcmp(o->event.who, s->subject) == 0 || strcmp(o->user, s->subject) == 0;
    return by && in_time(s, o->event.at);
}

/*
 * What the daemon opens and records no reading of: tokens of other systems, which are nobody's data, and records that
 * a replay reads anew, over and over without a trace so that it writes nothing where nothing is new.
 */
static bool is_unrecorded(const opening *o)
{
    return strncmp(o->event.cell, "etl.verification_grant.", 23) == 0 ||
           (strncmp(o->event.cell, "etl.quarantine.", 15) == 0 &&
            strcmp(o->event.why, "replay of quarantined records") == 0);
}

/* For the comparison, or one that the login has made itself; those at the edges of the time are compared too. */
static bool is_wanted(void *context, const opening *o)
{
    const sight *s = context;
    if (o->event.at < s->since - PAIRING_WAIT || o->event.at >= s->until + PAIRING_WAIT || is_unrecorded(o))
        return false;
    return o->find ? s->ask == SIGHT_OF_LOGIN && sight_asks_for(s, o) : looks_for(s, cell_row(o->event.cell));
}

/* Rows that the login itself has opened, as the agent says. */
static bool is_by_login(void *context, const opening *o)
{
    const sight *s = context;
    return !o->find && !is_unrecorded(o) && sight_asks_for(s, o);
}

static bool add_row(sight *s, const char *row, size_t room, failure *f)
{
    char *copy = s->rows_wanted < room ? strdup(row) : NULL;
    if (copy)
        s->row[s->rows_wanted++] = copy;
    return copy != NULL || fail(f, EXIT_INTERNAL, "no memory for what is looked for");
}

/* The rows that the answer is about: the database's, and what the trace adds. */
static bool take_rows(sight *s, const pg_rows *rows, const openings *more, failure *f)
{
    size_t known = (size_t)pg_rows_count(rows), room = known + more->count;
    s->row = calloc(room + 1, sizeof *s->row);
    bool good = s->row || fail(f, EXIT_INTERNAL, "no memory for what is looked for");
    for (size_t i = 0; good && i < known; i++)
        good = add_row(s, pg_rows_get(rows, (int)i, 0), room, f);
    for (size_t i = 0; good && i < more->count; i++)
        good = add_row(s, cell_row(more->item[i]->event.cell), room, f);
    if (good && s->rows_wanted > 0)
        qsort(s->row, s->rows_wanted, sizeof *s->row, by_text);
    return good;
}

static bool find_rows(sight *s, pg_session *pg, const command_line *line, failure *f)
{
    const char *param[] = {s->subject, line->since, line->until};
    openings own = {.count = 0};
    if (s->ask == SIGHT_OF_ALL)
        return true;
    pg_rows *rows =
        s->ask == SIGHT_OF_CITIZEN
            ? pg_query(pg, "SELECT audit.rows_of($1::uuid)", 1, param, f)
            : pg_query(pg,
                       "SELECT DISTINCT r.cell_row FROM audit.readings(NULL, $1::name, $2::timestamptz, "
                       "$3::timestamptz) r WHERE r.cell_row IS NOT NULL",
                       3, param, f);
    bool good = rows != NULL;
    if (good && s->ask == SIGHT_OF_LOGIN && s->with_trace)
        good = openings_read(&own, line->agent_trace, line->head, (openings_filter){is_by_login, s}, f);
    good = good && take_rows(s, rows, &own, f);
    openings_free(&own);
    pg_rows_free(rows);
    return good;
}

/* The rows as one JSON array, for the database. */
static bool write_rows(const sight *s, buf *out, failure *f)
{
    bool good = buf_add_char(out, '[');
    for (size_t i = 0; good && i < s->rows_wanted; i++)
        good = (i == 0 || buf_add_char(out, ',')) && json_add_string(out, s->row[i]);
    return (good && buf_add(out, "]", 2)) ||
           fail(f, EXIT_USAGE, "too many rows to ask about; give --since and --until");
}

static void take_reading(const sight *s, int row, reading *out)
{
    const pg_rows *rows = s->rows;
    const char *at = pg_rows_get(rows, row, 0), *actor = pg_rows_get(rows, row, 2);
    *out = (reading){.time = pg_rows_get(rows, row, 1),
                     .holder = pg_rows_get(rows, row, 3),
                     .seen = pg_rows_get(rows, row, 4),
                     .row = pg_rows_get(rows, row, 6),
                     .person = pg_rows_get(rows, row, 7),
                     .sealed = pg_rows_get(rows, row, 9)[0] == 't'};
    out->event = (pairing_event){strtoll(at, NULL, 10), pg_rows_get(rows, row, 5), actor,
                                 pg_rows_get(rows, row, 8), NULL};
    out->asked = in_time(s, out->event.at) && (s->ask != SIGHT_OF_LOGIN || strcmp(actor, s->subject) == 0);
}

/* $1 rows as JSON or null, $2 a login or null, $3 since, $4 until; those at the edges for the comparison */
static const char READINGS[] =
    "SELECT floor(extract(epoch FROM r.at))::bigint, to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD "
    "HH24:MI:SS'), "
    "r.actor, r.holder, r.seen, r.seen || coalesce('/' || r.cell_row, ''), r.cell_row, r.person_id, "
    "r.purpose, "
    "r.seen ~ '[._]sealed$' FROM audit.readings(CASE WHEN $1::jsonb IS NOT NULL THEN "
    "ARRAY(SELECT jsonb_array_elements_text($1::jsonb)) END, $2::name, $3::timestamptz - interval '1 hour', "
    "$4::timestamptz + interval '1 hour') r LIMIT 1000001";

static bool read_readings(sight *s, pg_session *pg, const command_line *line, failure *f)
{
    buf rows;
    buf_init(&rows, ROWS_ROOM);
    bool good = !s->row || write_rows(s, &rows, f);
    const char *param[] = {s->row ? rows.data : NULL, s->ask == SIGHT_OF_LOGIN ? s->subject : NULL,
                           line->since, line->until};
    s->rows = good ? pg_query(pg, READINGS, 4, param, f) : NULL;
    buf_free(&rows);
    if (!s->rows)
        return false;
    s->readings = (size_t)pg_rows_count(s->rows);
    if (s->readings > OPENINGS_MAX)
        return fail(f, EXIT_USAGE, "more than %d readings to compare; give --since and --until",
                    OPENINGS_MAX);
    s->reading = calloc(s->readings + 1, sizeof *s->reading);
    if (!s->reading)
        return fail(f, EXIT_INTERNAL, "no memory for the readings");
    for (size_t i = 0; i < s->readings; i++)
        take_reading(s, (int)i, &s->reading[i]);
    return true;
}

/* Sealed readings against openings; then what is left over is counted. */
static bool compare(sight *s, failure *f)
{
    pairing_event **of = calloc(s->readings + s->trace.count + 1, sizeof(pairing_event *));
    size_t sealed = 0, opened = 0;
    if (!of)
        return fail(f, EXIT_INTERNAL, "no memory to compare with");
    for (size_t i = 0; i < s->readings; i++)
        if (s->reading[i].sealed)
            of[sealed++] = &s->reading[i].event;
    for (size_t i = 0; i < s->trace.count; i++)
        if (!s->trace.item[i]->find)
            of[sealed + opened++] = &s->trace.item[i]->event;
    pairing_find(of, sealed, of + sealed, opened);
    free(of);
    for (size_t i = 0; i < s->readings; i++)
        s->unopened += s->reading[i].asked && s->reading[i].sealed && !s->reading[i].event.other;
    for (size_t i = 0; i < s->trace.count; i++)
        s->unread +=
            !s->trace.item[i]->find && !s->trace.item[i]->event.other && sight_asks_for(s, s->trace.item[i]);
    return true;
}

static bool read_time(sight *s, pg_session *pg, const command_line *line, failure *f)
{
    static const char SQL[] =
        "SELECT coalesce(floor(extract(epoch FROM $1::timestamptz))::bigint, -4000000000), "
        "coalesce(ceil(extract(epoch FROM $2::timestamptz))::bigint, 400000000000)";
    const char *param[] = {line->since, line->until};
    pg_rows *rows = pg_query(pg, SQL, 2, param, f);
    if (!rows)
        return false;
    s->since = strtoll(pg_rows_get(rows, 0, 0), NULL, 10);
    s->until = strtoll(pg_rows_get(rows, 0, 1), NULL, 10);
    pg_rows_free(rows);
    return true;
}

bool sight_gather(sight *out, command_session *s, const command_line *line, failure *f)
{
    out->with_trace = line->agent_trace != NULL;
    return read_time(out, s->pg, line, f) && find_rows(out, s->pg, line, f) &&
           read_readings(out, s->pg, line, f) &&
           (!out->with_trace || (openings_read(&out->trace, line->agent_trace, line->head,
                                               (openings_filter){is_wanted, out}, f) &&
                                 compare(out, f)));
}

void sight_free(sight *s)
{
    for (size_t i = 0; i < s->rows_wanted; i++)
        free(s->row[i]);
    free(s->row);
    free(s->reading);
    openings_free(&s->trace);
    pg_rows_free(s->rows);
    *s = (sight){.subject = NULL};
}
