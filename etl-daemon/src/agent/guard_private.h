/*
 * guard_private.h - what the files of the guard share: its state under one lock, its ledgers, its lines.
 *
 * Private to guard*.c, whose functions here all want the lock held.
 */
#ifndef ETL_AGENT_GUARD_PRIVATE_H
#define ETL_AGENT_GUARD_PRIVATE_H

#include <pthread.h>

#include "agent/guard.h"
#include "agent/journal.h"

enum { GUARD_LEDGERS = 1024, GUARD_USER = 63 /* bytes of a name */ };

struct guard {
    const post *post;
    const keyring *ring;
    journal *journal;
    pthread_mutex_t lock;
    uint64_t found, opened, codes, codes_wrong, refused, alarms, released;
    int64_t turn_at; /* not before: a file could not be followed by another */
    failure not_turned;
    ledger of[GUARD_LEDGERS];
};

/* A text as one word of a line: what is no printable ASCII, a space, '=' or '%' becomes %XX. Returns out. */
const char *guard_word(span text, char *out, size_t room);

/* key=value of a line that this program has written; false: it has none such. */
bool guard_field(span text, const char *key, char *out, size_t room);

/*
 * Finds the ledger of a user, named as the trace names him, or begins one in a free place; that of a caller as a
 * whole is called "*". NULL: all places are in use, or as many as one caller may have.
 */
ledger *guard_ledger(guard *g, const char *of, const char *name);

/* Event, counter and trace; a trace that cannot be written shows in that nothing is answered any more. */
bool guard_alarm(guard *g, const ledger *l, const char *what, const char *pattern);

/* Refusals are written down, the first at once, then one a minute with their count: nobody fills the disk. */
bool guard_turn_away(guard *g, ledger *l, ekok_agent_no code, const char *pattern, refusal *out);

/* A wrong code of the trace, counted again when it is of the last day. */
bool guard_take_code(guard *g, const journal_line *line, failure *f);

#endif
