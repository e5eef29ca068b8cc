/*
 * control.h - how the daemon is told to stop or to read its settings again, how it tells others how far it is, and
 * how it tells its service manager that it is ready and alive.
 *
 * SIGTERM, SIGINT: orders->stop; the page in hand is finished. A second one, or GRACE_SECONDS later:
 * orders->urgent, and no source is waited for any longer. SIGHUP: the same stop after the pages in hand, then
 * control_reload_wanted; no page is lost. Progress: one line a change on a file descriptor given by the caller,
 * tab-separated:
 *   source state rows total inserted updated unchanged quarantined refused pages problem
 * total is -1 where the source does not tell; problem may be empty. Where $NOTIFY_SOCKET is set, READY, STATUS,
 * RELOADING, STOPPING and the watchdog's sign of life are sent there (sd_notify(3)).
 */
#ifndef ETL_CONTROL_H
#define ETL_CONTROL_H

#include <pthread.h>
#include <stdatomic.h>

#include "job/job.h"
#include "metrics.h"
#include "verify/pass.h"

enum { GRACE_SECONDS = 10, PROGRESS_LINE = 1024 };

typedef struct {
    job_orders orders;
    int progress_fd;  /* -1: none */
    metrics *metrics; /* NULL: none */
    atomic_bool ended, terminate, reload;
    pthread_t thread;
} control;

/* Blocks the signals in this thread and all it starts later, and answers them in a thread of its own. */
MUST_CHECK bool control_start(control *c, int progress_fd, failure *f);
void control_end(control *c);

/* True once after a SIGHUP: the settings are to be read again. */
bool control_reload_wanted(control *c);

/* Takes back an order to stop that was for a reload or for a lost seat; false when the daemon is to end. */
bool control_go_on(control *c);

/* What the service manager shows: "READY=1\nSTATUS=..." and the like. */
void control_notify(const char *state);

/* A job_report_fn; context is the control. */
void control_report(void *context, const job_progress *progress);

/*
 * A pass_report_fn, the same: inserted, updated, unchanged are then matches, mismatches, unknowns; pages are batches.
 */
void control_report_pass(void *context, const pass_progress *progress);

/* The line without a line feed at its end; tabs and line breaks of the problem become spaces. */
void control_progress_line(const job_progress *p, char out[PROGRESS_LINE]);

#endif
