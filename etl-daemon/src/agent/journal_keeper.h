/*
 * journal_keeper.h - a process apart that moves the files of the trace for an agent that gives up opening and renaming
 * them: forked before there is any key, it makes the next file and hands over its descriptor, and puts it in place.
 *
 * Promises that it holds no key, takes in nothing but two short messages, and ends with its parent. One that is gone
 * leaves the file as it is; one that goes while it moves files is told apart (JOURNAL_LOST). Refuses to be started by a
 * process that has threads already. Not thread-safe: its caller locks.
 */
#ifndef ETL_AGENT_JOURNAL_KEEPER_H
#define ETL_AGENT_JOURNAL_KEEPER_H

#include "agent/journal_files.h"

typedef struct journal_keeper journal_keeper;

/* NULL: f. path outlives it. */
journal_keeper *journal_keeper_start(const char *path, failure *f);
void journal_keeper_stop(journal_keeper *k); /* it ends by itself then; NULL is fine */

/* As journal_next. */
int journal_keeper_next(journal_keeper *k, failure *f);

/* As journal_turn; JOURNAL_LOST also when it did not answer. */
MUST_CHECK journal_turned journal_keeper_turn(journal_keeper *k, uint64_t first, failure *f);

#endif
