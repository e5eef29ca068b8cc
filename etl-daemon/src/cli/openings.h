/*
 * openings.h - what the key agent's trace says was opened or looked for, read from a copy of it.
 *
 * Promises to have verified every line before any is used, and the line that somebody has remembered when one is
 * named. Keeps what it is asked to keep, at most OPENINGS_MAX. Refuses a trace with a line that cannot be read.
 */
#ifndef ETL_CLI_OPENINGS_H
#define ETL_CLI_OPENINGS_H

#include "agent/journal.h"
#include "agent/trace_line.h"
#include "cli/pairing.h"

enum { OPENINGS_MAX = 1000000, OPENING_TIME = 21 };

typedef struct {
    pairing_event event; /* who: the caller */
    uint64_t line;       /* of the trace */
    bool find;           /* a number was looked for: no cell, and the database has no reading of it */
    const char *user;    /* "" unless the caller named one */
    const char *topic;   /* the case, "" when none was told */
    char time[OPENING_TIME];
} opening;

typedef struct {
    opening **item; /* owned */
    size_t count, room;
    uint64_t lines;
    char head[JOURNAL_HASH];
    char first[OPENING_TIME], last[OPENING_TIME]; /* times of its first and last line, "" when it has none */
} openings;

typedef struct {
    bool (*wanted)(void *context, const opening *o); /* whether it is kept */
    void *context;
} openings_filter;

/*
 * head: "NUMBER:HASH" of a line that must be there, or NULL. EXIT_EVIDENCE: the trace is not whole, or lacks that line;
 * EXIT_CONFIG: there is no such file.
 */
MUST_CHECK bool openings_read(openings *out, const char *path, const char *head, openings_filter filter,
                              failure *f);
void openings_free(openings *o);

/* The row of "SCHEMA.TABLE.COLUMN/ROW", "" when there is none. */
const char *cell_row(const char *cell);

#endif
