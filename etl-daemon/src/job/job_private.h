/*
 * job_private.h - a run under way, for job.c, which pulls it, and job_end.c, which closes its books.
 */
#ifndef ETL_JOB_JOB_PRIVATE_H
#define ETL_JOB_JOB_PRIVATE_H

#include "job/circle.h"
#include "job/desk.h"
#include "job/fetch.h"
#include "job/file_run.h"
#include "job/keeper.h"
#include "job/known_pages.h"
#include "load/load_run.h"
#include "secret/seal.h"

struct job {
    const job_task *task;
    job_progress *progress;
    desk *desk;          /* while a page is in hand; for files, from beginning to end */
    http_client *client; /* while it is inside the gate, or NULL */
    gate_ticket ticket;
    page_memory body;
    file_run files; /* style file */
    load_run run;
    paging at;
    int64_t before;                    /* records of the listing before this run's first page */
    int broken_in_a_row;               /* pages since `frontier` that could not be decoded */
    char frontier[PAGING_CURSOR_TEXT]; /* where the first of them stands: there a later run begins */
    uint8_t sha256[SHA256_BYTES];
    circle seen;
    known_pages known;
    bool opened, contested; /* contested: another session had the source at the first try */
    failure why;            /* it could not be opened */
    bool taken;             /* another session took the source */
    char drift[DRIFT_LINES];
    int asked_seconds; /* by a source that wants to be left alone for longer than a run waits; else 0 */
};

typedef enum { LOOP_ON, LOOP_FINISHED, LOOP_STOPPED, LOOP_PAUSED, LOOP_DRIFTED, LOOP_FAILED } loop_step;

void job_report(job *j, job_state state);
void job_count(job *j, int pages, const page_counts *counts); /* committed ones */
void job_note_problem(job *j, const failure *why);

/* The pages that were gathered and are committed by now go into progress. */
void job_count_known(job *j);

/* Takes what is gathered, at the desk in hand. LOOP_ON: it is committed, or is asked for again. */
loop_step job_take_known(job *j, failure *f);

/* The same at the end of the pages, where no desk is in hand; a run that failed fails by its own reason. */
loop_step job_take_rest(job *j, loop_step step, failure *f);

/* Was that because another session took the source? */
void job_note_taken(job *j, const pg_session *pg);

/* Of fetch.h: a connection, as soon as there is a place; whether others need it; whether it was given up for them. */
fetch_outcome job_connect(void *context, http_client **client, failure *f);
bool job_yields(void *context);
bool job_yielded(void *context);

/* Gives the place back while it is waited for something else: where others want it, and where that takes long. */
void job_rest(job *j, int wait_ms);

/* A page came; silent: not before others could have become impatient. Makes room where others wait. */
void job_heard(job *j, bool silent);
void job_disconnect(job *j);

/* Says in progress how it ended, closes the run and writes the log's line; step is not LOOP_ON. */
void job_end(job *j, loop_step step, const failure *why);

/* The same of a run that could not be opened. */
void job_end_unopened(job *j, const failure *why);

#endif
