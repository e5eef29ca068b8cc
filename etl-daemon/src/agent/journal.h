/*
 * journal.h - the agent's own trace, outside of any database: one line a value found or opened, a refusal, an alarm.
 *
 *   NUMBER TIME TEXT HASH      HASH = SHA-256(hash of the line before, "NUMBER TIME TEXT"), in hex
 *
 * A file that has grown beyond its size is kept under another name (journal_files.h), and the next begins with the line
 * "continue after=HASH", which is chained to the last line before: one file behind the other they read as one trace,
 * and each can be read by itself. At a start, and while the agent serves: then another process moves the files
 * (journal_keeper.h).
 *
 * Promises that journal_add returns only when the line is on the disk, and that one agent alone writes a file. A
 * line that was cut by a crash was never answered for: it is cut off, and said so in the next. Refuses to add to a
 * file whose lines do not follow from each other.
 */
#ifndef ETL_AGENT_JOURNAL_H
#define ETL_AGENT_JOURNAL_H

#include <stdint.h>

#include "agent/journal_files.h"
#include "agent/journal_keeper.h"
#include "base/failure.h"

enum { JOURNAL_LINE = 2048, JOURNAL_HASH = 65 };

typedef struct {
    uint64_t number;
    int64_t at; /* seconds since 1970 */
    span time, text;
    span hash;
} journal_line;

typedef bool (*journal_line_fn)(void *context, const journal_line *line, failure *f);

/* How many lines, and the hash of the last: whoever remembers them knows a file whose end was cut off. */
typedef struct {
    uint64_t count;
    char hash[JOURNAL_HASH];
    uint64_t torn; /* bytes behind the last whole line */
} journal_head;

/* Reads and verifies the whole file; on_line may be NULL. EXIT_EVIDENCE names the first line that does not follow. */
MUST_CHECK bool journal_verify(const char *path, journal_line_fn on_line, void *context, journal_head *out,
                               failure *f);

typedef struct journal journal;

/* Where a trace lies (path outlives it), and the bytes beyond which a start begins another file; 0: none. */
typedef struct {
    const char *path;
    uint64_t most;
} journal_place;

/*
 * Verifies, hands over what is there, with the files before it that still lie beside it, and begins a line. *turned: a
 * new file was begun. NULL: f.
 */
journal *journal_open(const journal_place *at, journal_line_fn on_line, void *context, bool *turned,
                      failure *f);
void journal_close(journal *j); /* NULL is fine */

/* text: one line without line feed. Not thread-safe. False: nothing may be answered. */
MUST_CHECK bool journal_add(journal *j, const char *text);

/* Is the file longer than `most`, 0: no ceiling, and fit to be followed by another? */
bool journal_is_long(const journal *j, uint64_t most);

/*
 * The next file, its first line chained to the last of this one, takes its place; by the keeper's hands, NULL: one's
 * own. JOURNAL_STAYS: all is as before. JOURNAL_LOST: nothing may be answered any more, a start finds out what stands.
 * Not thread-safe.
 */
MUST_CHECK journal_turned journal_turn_over(journal *j, journal_keeper *keeper, failure *f);

void journal_head_of(const journal *j, journal_head *out);

#endif
