/*
 * desk.h - where fetched pages are worked on: a database session, a decoder and the buffers of a page. There are as
 * many as workers; jobs of any number share them, page by page, in the order in which their pages came.
 *
 * Promises that a job holds a desk only while it has a page in hand, so that a source which hangs, drips or is tried
 * again keeps nobody from one. A job that comes back to a desk nobody used meanwhile finds it as it was.
 */
#ifndef ETL_JOB_DESK_H
#define ETL_JOB_DESK_H

#include "job/page_work.h"

typedef struct desk {
    pg_session *pg;
    cell decoder;
    page_work work;
    const job_task *task; /* that work is open for; NULL: for none */
    bool busy;
} desk;

/* NULL: no memory. */
desks *desks_open(size_t count);
void desks_close(desks *d); /* NULL is fine; nobody is at a desk */

/* Waits for a desk. NULL: it could not be made ready for the task; nothing is held then. */
desk *desk_take(desks *d, const job_task *task, failure *f);
void desk_leave(desks *d, desk *k);

#endif
