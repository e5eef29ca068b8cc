/*
 * seat.h - of several daemons on one registry, one keeps the schedule and the others stand by. The seat is a lease
 * in the database, kept by a session and a thread of its own.
 *
 * Promises that a daemon which loses its seat finishes the page in hand and stands by again. Nothing rests on it
 * but the order of things: what may be written is decided by the source's own lease, page by page.
 */
#ifndef ETL_SEAT_H
#define ETL_SEAT_H

#include <pthread.h>
#include <stdatomic.h>

#include "job/job.h"
#include "wire/pg.h"

typedef struct {
    const char *conninfo;
    int lease_seconds;
    job_orders *orders;
    atomic_bool ended;
    pg_session *pg;
    pthread_t thread;
    bool kept; /* the thread runs */
} seat;

/* Waits until the seat is ours; false when the orders say stop. */
MUST_CHECK bool seat_take(seat *s, const char *conninfo, int lease_seconds, job_orders *orders);

/* Gives it back. */
void seat_leave(seat *s);

#endif
