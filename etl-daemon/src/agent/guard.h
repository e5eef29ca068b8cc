/*
 * guard.h - stands before every value that leaves the agent one by one: permission, purpose, quota, pattern,
 * trace, in this order. What is not on the disk in the trace is not answered.
 *
 * Promises that a restart forgets no quota and no lock: both are read back from the trace. Thread-safe. Refuses
 * purposes that are empty or look like holding a number.
 */
#ifndef ETL_AGENT_GUARD_H
#define ETL_AGENT_GUARD_H

#include "agent/journal_keeper.h"
#include "agent/ledger.h"
#include "core/agent.h"
#include "secret/keyring.h"

typedef struct guard guard;

/* post and ring outlive it. NULL: f. */
guard *guard_open(const post *p, const keyring *ring, failure *f);
void guard_close(guard *g); /* NULL is fine */

typedef struct {
    ekok_agent_no code;
    char text[200];
} refusal;

/* Sets both and returns false. */
bool refuse(refusal *r, ekok_agent_no code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* One value that somebody asks for. */
typedef struct {
    const caller *who;
    span user, role;  /* whom a caller that names its users asks for, and as what; else empty */
    span why, topic;  /* purpose and case */
    const char *verb; /* "find", "open" */
    span place;       /* what is opened: table, column and row id; of a find: the kind */
    span value;       /* what is found, which tells neighbours; empty otherwise */
    key_purpose kind; /* of the value */
} guarded;

/* True: it is counted and in the trace, and may be answered. */
MUST_CHECK bool guard_admit(guard *g, const guarded *what, refusal *why_not);

/* One try of a one-time code, looked at: whose, of whose session, and the step that it is right for (0: none). */
typedef struct {
    const caller *who;
    span login, by;
    uint32_t step;
} guarded_code;

/* True: the try is counted and in the trace, and its outcome may be told. Wrong ones lock in the end. */
MUST_CHECK bool guard_code(guard *g, const guarded_code *what, refusal *why_not);

/* A second factor is made, or a given one sealed: written down before anybody has it. */
MUST_CHECK bool guard_factor(guard *g, const caller *who, span login, bool made, refusal *why_not);

/* A sealed second factor that does not open: somebody else's, another agent's, or changed. Refuses. */
bool guard_strange_factor(guard *g, const caller *who, refusal *why_not);

/* Unlocks; written down with who and why. */
MUST_CHECK bool guard_release(guard *g, const caller *who, span user, span why, refusal *why_not);

/* 7 words of a name and at most 16 numbers. */
enum { GUARD_STATUS = 4096 - 256, GUARD_VERSIONS = 1500 };

/* Writes down the keys of now; versions: those in use, the active one of a purpose first: "data=2,1". */
MUST_CHECK bool guard_keys(guard *g, char versions[GUARD_VERSIONS]);

/*
 * Once a second, in the cage: a trace that has grown is kept, and goes on in the next file, locks written anew into it.
 * What hinders that is in the log, once for each reason, and tried again in a minute. False: nobody knows which file
 * is in place; nothing is answered any more, and the caller ends.
 */
MUST_CHECK bool guard_turn(guard *g, journal_keeper *keeper, failure *f);

/* Lines key=value: counters, and the head of the trace. */
size_t guard_status(guard *g, char out[GUARD_STATUS]);

#endif
