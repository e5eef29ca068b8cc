/*
 * progress.h - what ekok-etld tells on its progress channel, as numbers, as bars and as plain lines. Pure:
 * the time is given, nothing is read or drawn here.
 */
#ifndef ETL_CLI_PROGRESS_H
#define ETL_CLI_PROGRESS_H

#include <stdint.h>

#include "base/span.h"
#include "cli/text.h"

enum { PROGRESS_SOURCES = 256, PROGRESS_NAME = 32, PROGRESS_TEXT = 1024 };

typedef struct {
    char name[PROGRESS_NAME];
    char state[16];      /* waiting, running, retrying, finished, stopped, failed, held */
    int64_t rows, total; /* total -1: the source does not tell */
    int64_t inserted, updated, unchanged, quarantined, refused;
    int64_t pages;
    char problem[400];
    double began, ended; /* seconds on the caller's clock; 0: not yet */
    bool told_start, told_end;
} progress_item;

typedef struct {
    progress_item item[PROGRESS_SOURCES];
    size_t count;
} progress;

/* Takes one line of the channel in, without its line feed; false when it is not of its form. */
bool progress_take(progress *p, const char *line, double now);

bool progress_is_over(const progress_item *item);
double progress_rate(const progress_item *item, double now); /* records a second, 0 when not known */
double progress_left(const progress_item *item, double now); /* seconds to the expected end, -1: not known */
int progress_percent(const progress_item *item);             /* 0 to 100, -1: not known */
size_t progress_name_width(const progress *p);

/* "dss   [#####-------]  45% 12,345/27,000  5,432/s  3 s running", at most SCREEN_COLUMNS - 1 columns. */
void progress_bar(const progress_item *item, size_t name_width, double now, char out[PROGRESS_TEXT]);

/* "dss: 12,345 of 27,000 records, 5,432/s, about 3 s left" */
void progress_line(const progress_item *item, double now, char out[PROGRESS_TEXT]);

#endif
