/*
 * sight_print.c - see sight_print.h. What belongs together stands in one row; what has nothing on the other side is
 * listed once more, below.
 */
#include "cli/sight_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/table.h"
#include "cli/text.h"

enum { CELL_ROOM = 256, MINUTES = 16, NAME_SHOWN = 14, ROW_SHOWN = 8 };

/* "registry.enrolment.nid_sealed" as people say it: "nid". */
static void say_seen(const char *seen, char out[CELL_ROOM])
{
    static const char ENROLMENT[] = "registry.enrolment.", SEALED[] = "_sealed";
    bool enrolment = strncmp(seen, ENROLMENT, sizeof ENROLMENT - 1) == 0;
    const char *column = enrolment ? seen + sizeof ENROLMENT - 1 : seen;
    size_t n = strcspn(column, "/"), end = sizeof SEALED - 1;
    if (enrolment && n > end && memcmp(column + n - end, SEALED, end) == 0)
        n -= end;
    char text[CELL_ROOM];
    (void)snprintf(text, sizeof text, "%.*s", (int)n, column);
    text_cut(strcmp(text, "*") == 0 ? "record" : text, 24, out, CELL_ROOM);
}

static void say_minute(const char *time, char out[MINUTES + 1])
{
    (void)snprintf(out, MINUTES + 1, "%.10s %.5s", time, strlen(time) > 16 ? time + 11 : "");
}

/* Who opened it, as the agent says. */
static const char *say_opened(const sight *s, const reading *r)
{
    if (!r->sealed)
        return "-";
    if (!s->with_trace)
        return "not asked";
    return r->event.other ? r->event.other->who : "NOBODY";
}

static bool add_reading(table *t, const sight *s, const reading *r)
{
    char time[MINUTES + 1], seen[CELL_ROOM], name[CELL_ROOM], row[CELL_ROOM], by[CELL_ROOM];
    say_minute(r->time, time);
    say_seen(r->seen, seen);
    text_cut(r->event.who, NAME_SHOWN, name, sizeof name);
    text_cut(r->row ? r->row : "-", ROW_SHOWN + 3, row, sizeof row);
    text_cut(say_opened(s, r), NAME_SHOWN, by, sizeof by);
    const char *const whole[] = {time, s->ask == SIGHT_OF_LOGIN ? row : name, seen, by, r->event.why};
    const char *const all[] = {time, name, row, seen, by, r->event.why};
    return table_row(t, s->ask == SIGHT_OF_ALL ? all : whole);
}

static bool finish(table *t, bool good, const char *empty, failure *f)
{
    if (!good)
        (void)fail(f, EXIT_USAGE, "more rows than a screen is for; use --json, or --since and --until");
    else if (t->rows == 0)
        (void)printf("%s\n", empty);
    else
        table_print(t, stdout);
    table_free(t);
    return good;
}

/* only_unopened: those that the agent knows nothing of. */
static bool print_readings(const sight *s, bool only_unopened, failure *f)
{
    table t;
    bool good = true;
    table_init(&t);
    table_column(&t, "when (UTC)", TABLE_LEFT);
    if (s->ask != SIGHT_OF_LOGIN)
        table_column(&t, "who", TABLE_LEFT);
    if (s->ask != SIGHT_OF_CITIZEN)
        table_column(&t, "row", TABLE_LEFT);
    table_column(&t, "what", TABLE_LEFT);
    table_column(&t, "opened by", TABLE_LEFT);
    table_column(&t, "what for", TABLE_LEFT);
    for (size_t i = 0; good && i < s->readings; i++) {
        const reading *r = &s->reading[i];
        if (r->asked && (!only_unopened || (r->sealed && !r->event.other)))
            good = add_reading(&t, s, r);
    }
    return finish(&t, good, "No reading is recorded.", f);
}

/* finds: numbers that were looked for; else openings without a reading. */
static bool print_openings(const sight *s, bool finds, failure *f)
{
    table t;
    bool good = true;
    char number[NUMBER_TEXT], time[MINUTES + 1], who[CELL_ROOM], seen[CELL_ROOM], row[CELL_ROOM];
    table_init(&t);
    table_column(&t, "line", TABLE_RIGHT);
    table_column(&t, "when (UTC)", TABLE_LEFT);
    table_column(&t, "opened by", TABLE_LEFT);
    table_column(&t, "row", TABLE_LEFT);
    table_column(&t, "what", TABLE_LEFT);
    table_column(&t, "what for", TABLE_LEFT);
    for (size_t i = 0; good && i < s->trace.count; i++) {
        const opening *o = s->trace.item[i];
        if (o->find != finds || o->event.other || !sight_asks_for(s, o))
            continue;
        say_minute(o->time, time);
        say_seen(o->event.cell, seen);
        text_cut(o->event.who, NAME_SHOWN, who, sizeof who);
        text_cut(finds ? "-" : cell_row(o->event.cell), ROW_SHOWN + 3, row, sizeof row);
        const char *const cell[] = {
            text_number((int64_t)o->line, number), time, who, row, seen, o->event.why};
        good = table_row(&t, cell);
    }
    return finish(&t, good, "None.", f);
}

static void print_extent(const sight *s)
{
    char n[NUMBER_TEXT], text[CELL_ROOM];
    (void)snprintf(text, sizeof text,
                   "The agent's trace is whole: %s lines, the first of %s, the last of %s.",
                   text_number((int64_t)s->trace.lines, n), s->trace.first, s->trace.last);
    text_print_wrapped(s->with_trace ? text
                                     : "The agent's trace was not given (--agent-trace FILE): what the "
                                       "database says is held against nothing.",
                       0, stdout);
    if (s->ask != SIGHT_OF_ALL)
        (void)printf("\n");
}

static bool print_finds(const sight *s, failure *f)
{
    size_t finds = 0;
    for (size_t i = 0; i < s->trace.count; i++)
        finds += s->trace.item[i]->find;
    if (finds == 0)
        return true;
    (void)printf("\nNumbers that this login looked for (the trace does not say whose)\n");
    return print_openings(s, true, f);
}

static bool print_discrepancies(const sight *s, failure *f)
{
    bool good = true;
    if (s->unread > 0) {
        (void)printf("\nOPENED WITHOUT A READING: %zu\n", s->unread);
        text_print_wrapped("The agent opened these, and the database has no reading of it: it was taken out, "
                           "or the value was read past the registry.",
                           0, stdout);
        good = print_openings(s, false, f);
    }
    if (good && s->unopened > 0) {
        (void)printf("\nREAD WITHOUT AN OPENING: %zu\n", s->unopened);
        text_print_wrapped(
            "The database recorded these before the agent was asked; the agent refused, or was "
            "not asked, or its trace lacks the end.",
            0, stdout);
        good = s->ask != SIGHT_OF_ALL || print_readings(s, true, f);
    }
    if (good && s->with_trace && s->unread + s->unopened == 0)
        (void)printf("\nBoth traces agree.\n");
    return good;
}

bool sight_print(const sight *s, failure *f)
{
    print_extent(s);
    return (s->ask == SIGHT_OF_ALL || print_readings(s, false, f)) && print_finds(s, f) &&
           print_discrepancies(s, f);
}
