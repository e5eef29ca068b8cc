/*
 * job.h - one source's run, from its lease to its books: fetch a page, or cut it from a file, load it, go on. Has its
 * own thread and its own HTTPS connection; sits at a desk (desk.h) only while it has a page in hand, and opens and
 * closes its run in the session of all (keeper.h).
 *
 * Memory. All bodies together: page_memory.h. A desk takes at worst 9 x row_bytes (two COPY buffers, decoder,
 * sealing), 1 MiB of ids, and the session of libpq; a job beside that its connection (gate.h) and its stack: ADR 14.
 * One workbook is open at a time in the whole process: decode/xlsx.h, at worst 11 MiB, in its cell. A page that a
 * registry signed is held twice.
 */
#ifndef ETL_JOB_JOB_H
#define ETL_JOB_JOB_H

#include <stdatomic.h>

#include "agent/sealer.h"
#include "base/wall.h"
#include "cell/house.h"
#include "job/connector.h"
#include "job/gate.h"
#include "job/page_memory.h"
#include "secret/jws.h"
#include "source/auth.h"

typedef enum {
    JOB_WAITING,
    JOB_RUNNING,
    JOB_RETRYING,
    JOB_FINISHED,
    JOB_STOPPED,
    JOB_FAILED,
    JOB_HELD, /* a human decides: more vanished than is plausible, or the source broke its contract */
    JOB_ALONE /* not begun: the source is left alone for a while (circuit breaker) */
} job_state;

typedef struct {
    atomic_int stop;   /* finish the page in hand, then close the run */
    atomic_int urgent; /* give up waiting for the source as well */
} job_orders;

/* Why a stopped run goes on by itself later. */
typedef enum { PAUSE_NONE, PAUSE_QUOTA, PAUSE_HOURS } job_pause;

typedef struct {
    const char *source;
    job_state state;
    job_pause pause; /* of JOB_STOPPED */
    bool drifted;    /* of JOB_HELD */
    int64_t rows;    /* fetched by this run */
    int64_t total;   /* to be expected of this run, -1 when the source does not tell */
    int64_t inserted, updated, unchanged, quarantined, refused;
    int pages, broken_pages;
    exit_code code;    /* meaningful at the end */
    int wait_seconds;  /* of JOB_ALONE */
    char problem[400]; /* empty: none */
} job_progress;

typedef struct job job;
typedef struct keeper keeper;
typedef struct desks desks;

typedef void (*job_report_fn)(void *context, const job_progress *progress);

typedef struct {
    const source_def *def;
    const connector *kind;
    const http_identity *identity;
    const sealer *keys;
    const jws_key *signer; /* of the source's messages; NULL: signatures are not asked for */
    auth *auth;            /* NULL: our certificate alone */
    house *home;           /* of the decoding cells */
    const char *conninfo;
    int lease_seconds;
    bool forced; /* a human asked for this run: an open circuit breaker is tried at once */
    page_pool *pool;
    keeper *keeper;
    gate *gate;             /* of a trial: NULL */
    desks *desks;           /* of a trial: NULL */
    const wall_clock *wall; /* its hours are looked at before each page; NULL: a human asked, at any hour */
    const job_orders *orders;
    job_report_fn report; /* called after each page and each change of state, in the job's thread */
    void *context;
} job_task;

const char *job_state_name(job_state state);

typedef struct {
    const job_task *task;
    job_progress *progress; /* from now on; outlives the job */
    job *job;               /* NULL: the source is left alone, or there is no memory; progress says so */
} job_start;

/*
 * Opens a run of each source, by one call of the database, and takes no more memory than their books do. All are of
 * one daemon: they have the keeper of the first. A run that could not be opened is a job too, which ends by saying so.
 */
void jobs_begin(job_start *start, size_t count);

/* Pulls it, and ends it; *out is then its last progress, its code and its problem line. To be called once. */
void job_go_on(job *j);

#endif
