/*
 * screen.c - the only place that knows of cursor movement. Refuses to draw bars where they could not be
 * redrawn.
 */
#include "cli/screen.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/failure.h"
#include "cli/table.h"

enum { PLAIN_EVERY = 3 /* seconds */ };
static const double REDRAW_EVERY = 0.1; /* seconds */

static bool terminal_holds(size_t lines)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= SCREEN_COLUMNS &&
           size.ws_row > lines + 1;
}

void screen_open(screen *s)
{
    *s = (screen){.bars = isatty(STDOUT_FILENO) == 1};
}

static void erase(screen *s)
{
    if (s->drawn > 0)
        (void)printf("\033[%zuA\r\033[J", s->drawn);
    s->drawn = 0;
}

static void draw_bars(screen *s, const progress *p, double now)
{
    char line[PROGRESS_TEXT];
    size_t width = progress_name_width(p);
    if (s->drawn > 0)
        (void)printf("\033[%zuA\r", s->drawn);
    for (size_t i = 0; i < p->count; i++) {
        progress_bar(&p->item[i], width, now, line);
        (void)printf("%s\033[K\n", line);
    }
    s->drawn = p->count;
    s->last = now;
}

static void tell(const progress_item *item, double now)
{
    char line[PROGRESS_TEXT];
    progress_line(item, now, line);
    (void)printf("%s\n", line);
}

/* A line at the start and at the end of each source; those between at most every PLAIN_EVERY seconds. */
static void print_lines(screen *s, progress *p, double now)
{
    bool due = now - s->last >= PLAIN_EVERY;
    for (size_t i = 0; i < p->count; i++) {
        progress_item *item = &p->item[i];
        bool over = progress_is_over(item);
        if (over && !item->told_end)
            tell(item, now);
        else if (!over && item->began > 0 && !item->told_start)
            (void)printf("%s: started\n", item->name);
        else if (!over && item->began > 0 && due)
            tell(item, now);
        item->told_start = item->told_start || item->began > 0;
        item->told_end = item->told_end || over;
    }
    if (due)
        s->last = now;
}

void screen_update(screen *s, progress *p, double now, bool final)
{
    if (s->last == 0)
        s->last = now;
    if (s->bars && !terminal_holds(p->count)) {
        erase(s);
        s->bars = false;
    }
    if (s->bars && (final || s->drawn == 0 || now - s->last >= REDRAW_EVERY))
        draw_bars(s, p, now);
    else if (!s->bars)
        print_lines(s, p, now);
    if (final)
        s->drawn = 0;
    (void)fflush(stdout);
}

void screen_say(screen *s, const char *line)
{
    erase(s);
    (void)fprintf(stderr, "%s\n", line);
}

static void add_counts(table *t, const char *name, const progress_item *item)
{
    char text[6][NUMBER_TEXT];
    const char *cell[] = {name,
                          text_number(item->rows, text[0]),
                          text_number(item->inserted, text[1]),
                          text_number(item->updated, text[2]),
                          text_number(item->unchanged, text[3]),
                          text_number(item->quarantined, text[4]),
                          text_number(item->refused, text[5])};
    if (!table_row(t, cell))
        (void)fprintf(stderr, "ekok: no memory for a row of the table\n");
}

static void print_books(const progress *p, const screen_words *words)
{
    table t;
    progress_item sum = {.total = -1};
    table_init(&t);
    table_column(&t, words->first, TABLE_LEFT);
    for (size_t i = 0; i < 6 && words->heading[i]; i++)
        table_column(&t, words->heading[i], TABLE_RIGHT);
    for (size_t i = 0; i < p->count; i++) {
        const progress_item *item = &p->item[i];
        add_counts(&t, item->name, item);
        sum.rows += item->rows;
        sum.inserted += item->inserted;
        sum.updated += item->updated;
        sum.unchanged += item->unchanged;
        sum.quarantined += item->quarantined;
        sum.refused += item->refused;
    }
    add_counts(&t, "total", &sum);
    t.total = true;
    table_print(&t, stdout);
    table_free(&t);
}

static void print_problems(const progress *p)
{
    for (size_t i = 0; i < p->count; i++) {
        char text[PROGRESS_TEXT];
        if (!p->item[i].problem[0])
            continue;
        (void)snprintf(text, sizeof text, "%s %s: %s", p->item[i].name, p->item[i].state, p->item[i].problem);
        text_print_wrapped(text, 4, stdout);
    }
}

static void print_cost(const progress *p, const run_cost *cost, const char *unit)
{
    int64_t rows = 0;
    char rate[NUMBER_TEXT];
    for (size_t i = 0; i < p->count; i++)
        rows += p->item[i].rows;
    (void)text_number(cost->seconds > 0 ? (int64_t)((double)rows / cost->seconds) : 0, rate);
    (void)printf("%s %s/s in %.1f s; peak memory of ekok-etld %.1f MiB\n", rate, unit, cost->seconds,
                 (double)cost->peak_kib / 1024);
}

void screen_end_with(const progress *p, const run_cost *cost, int code, const screen_words *words)
{
    if (p->count > 0) {
        (void)printf("\n%s\n", words->title);
        print_books(p, words);
        print_cost(p, cost, words->unit);
        print_problems(p);
    }
    if (code >= 0 && code <= EXIT_INTERRUPTED && words->advice[code])
        (void)printf("%s\n", words->advice[code]);
}

void screen_end(const progress *p, const run_cost *cost, int code)
{
    static const screen_words words = {
        .title = "Records",
        .first = "source",
        .heading = {"fetched", "inserted", "updated", "unchanged", "quarantined", "refused"},
        .unit = "records",
        .advice = {[EXIT_DONE] = "Next: ekok sweep finds double dipping; ekok report shows it.",
                   [EXIT_PARTIAL] =
                       "Next: mend what is named above, then ekok run again: it goes on where it stood.",
                   [EXIT_INTERRUPTED] = "Stopped. ekok run goes on where it stood.",
                   [EXIT_DATABASE] =
                       "Next: see that the database runs, then ekok run again: it goes on where it stood."}};
    screen_end_with(p, cost, code, &words);
}
