/*
 * journal_files.h - the files of a trace: the one that is written, and those before it, each named by the number of its
 * first line behind the name: "trace.000000000001".
 *
 * Promises that a kill at any moment leaves the lines where a start finds them, each once: a file is kept under its
 * second name before the new one takes its first. Refuses nothing; knows no lines.
 */
#ifndef ETL_AGENT_JOURNAL_FILES_H
#define ETL_AGENT_JOURNAL_FILES_H

#include <stdint.h>

#include "base/failure.h"

enum { JOURNAL_PATH = 1024 + 24 };

typedef struct {
    uint64_t *first; /* rising */
    size_t count;
} kept_files;

/* Those beside path; without one that is the same file as path itself. The caller frees first. EXIT_CONFIG. */
MUST_CHECK bool journal_kept(const char *path, kept_files *out, failure *f);

void journal_kept_name(const char *path, uint64_t first, char out[JOURNAL_PATH]);

/* A new file, empty and locked, that is not yet in its place. -1: f. */
int journal_next(const char *path, failure *f);

/* What became of a file that was to be kept: another is in its place; it goes on; nobody knows what the disk holds. */
typedef enum { JOURNAL_TURNED, JOURNAL_STAYS, JOURNAL_LOST } journal_turned;

/* Keeps the file at path under the number of its first line, and puts the new one in its place. */
MUST_CHECK journal_turned journal_turn(const char *path, uint64_t first, failure *f);

#endif
