/*
 * pass.h - one pass over one system: plan, then batch after batch within its quotas, until nothing is planned, the
 * day's quota is used up, or it is told to stop. Has its own session and connection. A system that fails delays no
 * other.
 */
#ifndef ETL_VERIFY_PASS_H
#define ETL_VERIFY_PASS_H

#include "cell/house.h"
#include "config/inquiry_def.h"
#include "verify/ledger.h"
#include "wire/http.h"

typedef enum {
    PASS_WAITING,
    PASS_RUNNING,
    PASS_RETRYING,
    PASS_FINISHED,
    PASS_STOPPED,
    PASS_FAILED
} pass_state;

typedef struct {
    const char *system;
    pass_state state;
    int64_t asked, planned;
    ledger_counts counts;
    int64_t batches;
    exit_code code;
    char problem[400]; /* empty: none; at the end also why not all of it was asked */
} pass_progress;

typedef void (*pass_report_fn)(void *context, const pass_progress *progress);

typedef struct {
    const inquiry_def *def;
    const http_identity *identity;
    const sealer *keys;
    house *home; /* of the cells in which answers are read */
    const char *conninfo;
    const atomic_int *stop;   /* finish the batch in hand */
    const atomic_int *urgent; /* and do not wait for its answer */
    int most;                 /* enrolments asked about in this pass */
    pass_report_fn report;
    void *context;
} pass_task;

void pass_run(const pass_task *task, pass_progress *out);

#endif
