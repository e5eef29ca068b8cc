/*
 * progress.c - the state of each source as last told. Lines that do not parse are dropped: a screen is not
 * worth a crash.
 */
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIELDS = 11, BAR = 12 };

static progress_item *find(progress *p, span name)
{
    for (size_t i = 0; i < p->count; i++)
        if (span_equals(name, p->item[i].name))
            return &p->item[i];
    if (p->count >= PROGRESS_SOURCES || name.n == 0 || name.n >= PROGRESS_NAME)
        return NULL;
    progress_item *item = &p->item[p->count++];
    memcpy(item->name, name.p, name.n);
    item->total = -1;
    return item;
}

/* Cuts the line at its tabs; true for exactly FIELDS fields. */
static bool split(const char *line, span field[FIELDS])
{
    for (int i = 0; i < FIELDS; i++) {
        size_t n = i + 1 < FIELDS ? strcspn(line, "\t") : strlen(line);
        field[i] = (span){line, n};
        line += n;
        if (i + 1 < FIELDS && *line++ != '\t')
            return false;
    }
    return true;
}

static int64_t number(span field)
{
    return strtoll(field.p, NULL, 10); /* ends at the tab */
}

static void note_times(progress_item *item, double now)
{
    if (item->began == 0 && strcmp(item->state, "waiting") != 0)
        item->began = now;
    if (item->ended == 0 && progress_is_over(item))
        item->ended = now;
}

bool progress_take(progress *p, const char *line, double now)
{
    span field[FIELDS];
    progress_item *item = split(line, field) ? find(p, field[0]) : NULL;
    if (!item || field[1].n >= sizeof item->state)
        return false;
    (void)snprintf(item->state, sizeof item->state, "%.*s", (int)field[1].n, field[1].p);
    item->rows = number(field[2]);
    item->total = number(field[3]);
    item->inserted = number(field[4]);
    item->updated = number(field[5]);
    item->unchanged = number(field[6]);
    item->quarantined = number(field[7]);
    item->refused = number(field[8]);
    item->pages = number(field[9]);
    (void)snprintf(item->problem, sizeof item->problem, "%.*s", (int)field[10].n, field[10].p);
    note_times(item, now);
    return true;
}

bool progress_is_over(const progress_item *item)
{
    return strcmp(item->state, "finished") == 0 || strcmp(item->state, "stopped") == 0 ||
           strcmp(item->state, "failed") == 0 || strcmp(item->state, "held") == 0;
}

double progress_rate(const progress_item *item, double now)
{
    double seconds = (item->ended > 0 ? item->ended : now) - item->began;
    return item->began > 0 && seconds > 0.05 ? (double)item->rows / seconds : 0;
}

double progress_left(const progress_item *item, double now)
{
    double rate = progress_rate(item, now);
    if (progress_is_over(item))
        return 0;
    if (item->total < 0 || rate <= 0)
        return -1;
    return item->rows < item->total ? (double)(item->total - item->rows) / rate : 0;
}

int progress_percent(const progress_item *item)
{
    if (strcmp(item->state, "finished") == 0 || strcmp(item->state, "held") == 0)
        return 100;
    if (item->total < 0)
        return -1;
    return item->rows >= item->total ? 100 : (int)(item->rows * 100 / item->total);
}

size_t progress_name_width(const progress *p)
{
    size_t width = 5;
    for (size_t i = 0; i < p->count; i++) {
        size_t n = text_columns(p->item[i].name);
        width = n > width ? n : width;
    }
    return width > 10 ? 10 : width;
}

static void write_records(const progress_item *item, const char *between, char out[2 * NUMBER_TEXT])
{
    char rows[NUMBER_TEXT], total[NUMBER_TEXT];
    (void)text_number(item->rows, rows);
    (void)text_number(item->total, total);
    bool known = item->total >= 0;
    (void)snprintf(out, 2 * NUMBER_TEXT, "%s%s%s", rows, known ? between : "", known ? total : "");
}

static void write_left(const progress_item *item, double now, char out[NUMBER_TEXT])
{
    double left = progress_is_over(item) ? item->ended - item->began : progress_left(item, now);
    if (left < 0 || item->began == 0)
        (void)snprintf(out, NUMBER_TEXT, "?");
    else
        (void)text_duration(left, out);
}

void progress_bar(const progress_item *item, size_t name_width, double now, char out[PROGRESS_TEXT])
{
    char name[PROGRESS_NAME], bar[BAR + 1], percent[16] = "?", records[2 * NUMBER_TEXT];
    char rate[NUMBER_TEXT], left[NUMBER_TEXT], line[PROGRESS_TEXT];
    int done = progress_percent(item);
    text_cut(item->name, name_width, name, sizeof name);
    for (int i = 0; i < BAR; i++)
        bar[i] = done < 0 ? '.' : i < done * BAR / 100 ? '#' : '-';
    bar[BAR] = '\0';
    if (done >= 0)
        (void)snprintf(percent, sizeof percent, "%d%%", done);
    write_records(item, "/", records);
    (void)text_number((int64_t)progress_rate(item, now), rate);
    write_left(item, now, left);
    (void)snprintf(line, sizeof line, "%-*s [%s] %4s %19s %7s/s %8s %s", (int)name_width, name, bar, percent,
                   records, rate, left, item->state);
    text_cut(line, SCREEN_COLUMNS - 1, out, PROGRESS_TEXT);
}

void progress_line(const progress_item *item, double now, char out[PROGRESS_TEXT])
{
    char records[2 * NUMBER_TEXT], rate[NUMBER_TEXT], left[NUMBER_TEXT], more[512] = "";
    write_records(item, " of ", records);
    (void)text_number((int64_t)progress_rate(item, now), rate);
    write_left(item, now, left);
    if (progress_is_over(item))
        (void)snprintf(more, sizeof more, " in %s%s%s", left, item->problem[0] ? "; " : "", item->problem);
    else if (strcmp(item->state, "retrying") == 0)
        (void)snprintf(more, sizeof more, "; trying again: %s", item->problem);
    else if (left[0] != '?')
        (void)snprintf(more, sizeof more, ", about %s left", left);
    (void)snprintf(out, PROGRESS_TEXT, "%s: %s, %s records, %s/s%s", item->name, item->state, records, rate,
                   more);
}
