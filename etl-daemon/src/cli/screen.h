/*
 * screen.h - progress on standard output: bars redrawn in place on a terminal wide and high enough, plain
 * lines elsewhere, one table at the end.
 */
#ifndef ETL_CLI_SCREEN_H
#define ETL_CLI_SCREEN_H

#include "cli/progress.h"

typedef struct {
    bool bars;
    size_t drawn; /* lines of bars on the screen now */
    double last;  /* when plain lines were last printed */
} screen;

void screen_open(screen *s);

/* Draws what changed; `final`: for the last time. */
void screen_update(screen *s, progress *p, double now, bool final);

/* A line from the daemon that a person should see, above the bars. */
void screen_say(screen *s, const char *line);

/* What the whole run cost; peak resident memory of ekok-etld in KiB as the kernel counted it, 0: not known. */
typedef struct {
    double seconds;
    long peak_kib;
} run_cost;

/* What a table at the end is called, and what comes next by exit code. */
typedef struct {
    const char *title, *first, *heading[6], *unit;
    const char *advice[8]; /* by exit code up to EXIT_INTERRUPTED */
} screen_words;

void screen_end_with(const progress *p, const run_cost *cost, int code, const screen_words *words);

/* The books of the run: a row a source, a total, its cost, problems, and what to do next. */
void screen_end(const progress *p, const run_cost *cost, int code);

#endif
