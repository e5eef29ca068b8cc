/*
 * watch.h - what machines ask of the daemon: GET /metrics (Prometheus' text format) and GET /health, over a Unix socket.
 *
 * Promises counts, states and sizes only; labels are names of sources. Refuses TCP: whoever may open the socket may read.
 */
#ifndef ETL_WATCH_H
#define ETL_WATCH_H

#include "job/job.h"

typedef struct watch watch;

typedef struct {
    const char *socket; /* its path; an old socket there is replaced */
    const char *conninfo;
    const atomic_bool *standing_by;
    int interval_seconds; /* of sources that promise no freshness of their own */
} watch_options;

/* options' strings outlive it. NULL: f. */
watch *watch_start(const watch_options *options, failure *f);
void watch_stop(watch *w);

/* A job's progress, for the counters. From any thread. */
void watch_note(watch *w, const job_progress *p);

#endif
