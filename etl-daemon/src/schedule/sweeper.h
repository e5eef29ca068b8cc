/*
 * sweeper.h - the sweep of the whole registry, begun by the daemon when the last one is old enough. A thread of its
 * own with a session of its own, open only while it works; a part is one transaction, and between two parts it looks
 * at the orders. It shares the sweep with whoever runs `ekok sweep`. Never stops the daemon: what goes wrong is
 * logged and tried again.
 */
#ifndef ETL_SCHEDULE_SWEEPER_H
#define ETL_SCHEDULE_SWEEPER_H

#include <pthread.h>

#include "job/job.h"

typedef struct {
    const char *conninfo;
    int interval_seconds; /* from the beginning of one sweep to that of the next; 0: never */
    const job_orders *orders;
    pthread_t thread;
    bool started;
} sweeper;

/* The first sweep begins an interval after the last one of the registry began, or after now if there was none. */
void sweeper_start(sweeper *s);
/* Waits for the part in hand; the orders must say stop. */
void sweeper_end(sweeper *s);

#endif
