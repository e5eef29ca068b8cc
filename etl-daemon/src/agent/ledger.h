/*
 * ledger.h - what one user found or opened lately: the quota's counts, and what looks like going through numbers
 * one by one.
 *
 * Promises that a value asked for again within the day does not count again, and that the last numbers themselves,
 * which alone tell neighbours, are in memory that the caller has locked. Knows no file and no clock: both are
 * handed in.
 */
#ifndef ETL_AGENT_LEDGER_H
#define ETL_AGENT_LEDGER_H

#include <stdint.h>

#include "agent/post.h"

enum {
    LEDGER_NAME = 196, /* a name of 63 bytes, each written as %XX */
    LEDGER_OF = POST_NAME + 8,
    LEDGER_SEEN = 64
};

typedef struct {
    int64_t at;
    uint64_t ref;
} ledger_use;

typedef struct {
    char name[LEDGER_NAME]; /* empty: free */
    char of[LEDGER_OF]; /* the caller; of wrong codes with ".codes" behind it, which is in no caller's name */
    bool locked;
    int64_t touched; /* last looked for */
    ledger_use *use; /* of the last day, in order of time */
    size_t uses, room;
    uint64_t seen[LEDGER_SEEN]; /* numbers found, each with its kind in the high byte; 0: none */
    size_t next_seen;
    int64_t refused_at; /* the last refusal that was written down; 0: none */
    uint64_t refused;   /* since then */
    int64_t burst_at;   /* the last alarm for too many in a minute */
} ledger;

typedef struct {
    int per_hour, per_day;
} ledger_limits;

typedef enum { LEDGER_COUNTED, LEDGER_AGAIN, LEDGER_HOUR, LEDGER_DAY, LEDGER_NO_MEMORY } ledger_answer;

/* Forgets what is older than a day; then may this value be had? Counts nothing. */
ledger_answer ledger_ask(ledger *l, ledger_limits limits, uint64_t ref, int64_t now);

/* Counts it; false when there is no memory. */
MUST_CHECK bool ledger_count(ledger *l, uint64_t ref, int64_t now);

/* How many values in the last minute. */
int ledger_last_minute(const ledger *l, int64_t now);

/* Remembers the number; how many of those remembered are at most `near` away from it, itself not counted. */
int ledger_neighbours(ledger *l, uint8_t kind, uint64_t number, uint64_t near);

/* Nothing in it is of use any more. */
bool ledger_idle(const ledger *l, int64_t now);

void ledger_forget_numbers(ledger *l);
void ledger_free(ledger *l); /* its uses */

/* The number that the last digits of a subject ("13:1234567890123") make; 0: none. */
uint64_t ledger_number(span subject);

#endif
