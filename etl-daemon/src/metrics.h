/*
 * metrics.h - what machines ask of the daemon: GET /metrics (Prometheus' text format) and GET /health, over a Unix
 * socket.
 *
 * Promises counts, states and sizes only; labels are names of sources. Refuses TCP: whoever may open the socket
 * may read.
 */
#ifndef ETL_METRICS_H
#define ETL_METRICS_H

#include "job/job.h"

typedef struct metrics metrics;

typedef struct {
    const char *socket; /* its path; an old socket there is replaced */
    const char *conninfo;
    const atomic_bool *standing_by;
    int interval_seconds; /* of sources that promise no freshness of their own */
} metrics_options;

/* options' strings outlive it. NULL: f. */
metrics *metrics_start(const metrics_options *options, failure *f);
void metrics_stop(metrics *w);

/* A job's progress, for the counters. From any thread. */
void metrics_note(metrics *w, const job_progress *p);

#endif
