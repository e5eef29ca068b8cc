/*
 * ledger.h - the books of asking, kept by the database: planning, reserving, verdicts, tokens (functions of etl).
 * Promises that sealed values are opened here, after their readings are committed, and nowhere else in verify/.
 */
#ifndef ETL_VERIFY_LEDGER_H
#define ETL_VERIFY_LEDGER_H

#include "agent/sealer.h"
#include "base/buf.h"
#include "verify/answer.h"
#include "wire/pg.h"

enum { BATCH_MAX = 500, CLEAR_TEXT = 48, TOKEN_TEXT = 4096 };

/* One enrolment to ask about, in the clear; empty texts: not asked for. */
typedef struct {
    int64_t ref;
    char birth_date[11]; /* yyyy-mm-dd */
    char nid[CLEAR_TEXT], brn[CLEAR_TEXT], mobile[CLEAR_TEXT], wallet[CLEAR_TEXT], account[CLEAR_TEXT];
} asked;

typedef struct {
    int64_t batch; /* 0: nothing was reserved */
    size_t count;
    asked item[BATCH_MAX];
} reservation;

void reservation_wipe(reservation *r);

typedef struct {
    int day_left, minute_left, wait_seconds, planned;
    char closed_by[200]; /* empty: open */
} ledger_left;

typedef struct {
    int64_t matches, mismatches, unknowns;
} ledger_counts;

MUST_CHECK bool ledger_look(pg_session *pg, const char *system, ledger_left *out, failure *f);
MUST_CHECK bool ledger_plan(pg_session *pg, const char *system, int most, int *planned, failure *f);

/* The next batch, opened. The caller wipes it. */
MUST_CHECK bool ledger_reserve(pg_session *pg, const sealer *keys, const char *system, reservation *out,
                               failure *f);

/* Adds to *counts. */
MUST_CHECK bool ledger_record(pg_session *pg, int64_t batch, const answer *answers, ledger_counts *counts,
                              failure *f);

/* The batch got no usable answer. */
MUST_CHECK bool ledger_fail(pg_session *pg, int64_t batch, const char *problem, bool closes_day, failure *f);
MUST_CHECK bool ledger_share(pg_session *pg, const char *system, failure *f);

/* A token that is still good, or leave to ask for one, or seconds to wait. */
typedef struct {
    int64_t grant; /* whose token, or leave: 0 with wait_seconds */
    int wait_seconds;
    bool kept; /* text holds the token */
    char text[TOKEN_TEXT];
} ledger_token;

MUST_CHECK bool ledger_grant(pg_session *pg, const sealer *keys, const char *system, ledger_token *out,
                             failure *f);
MUST_CHECK bool ledger_keep(pg_session *pg, const sealer *keys, const ledger_token *token, int seconds,
                            failure *f);
MUST_CHECK bool ledger_drop(pg_session *pg, int64_t grant, failure *f);

#endif
