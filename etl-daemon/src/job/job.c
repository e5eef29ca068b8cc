/*
 * job.c - the loop over the pages of a source. Refuses to leave a run open that it can still close; a lost
 * database session leaves it 'running', and the next run marks it 'aborted' and goes on from the last
 * committed cursor.
 */
#include "job/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "base/stop_point.h"
#include "job/circle.h"
#include "job/fetch.h"
#include "job/file_run.h"
#include "job/page_work.h"
#include "load/load_run.h"
#include "secret/seal.h"

enum { BROKEN_IN_A_ROW_MAX = 3, LEASE_WAIT = 10000, LEASE_LOOK = 100 /* milliseconds */ };

typedef struct {
    const job_task *task;
    job_progress *progress;
    pg_session *pg;
    http_client *client;
    page_memory body;
    cell decoder;
    page_work work;
    file_run files; /* style file */
    load_run run;
    paging at;
    int64_t before;                    /* records of the listing before this run's first page */
    int broken_in_a_row;               /* pages since `frontier` that could not be decoded */
    char frontier[PAGING_CURSOR_TEXT]; /* where the first of them stands: there a later run begins */
    uint8_t sha256[SHA256_BYTES];
    circle seen;
    int asked_seconds; /* by a source that wants to be left alone for longer than a run waits; else 0 */
} job;

typedef enum { LOOP_ON, LOOP_FINISHED, LOOP_STOPPED, LOOP_FAILED } loop_step;

const char *job_state_name(job_state state)
{
    static const char *const name[] = {"waiting", "running", "retrying", "finished",
                                       "stopped", "failed",  "held",     "left alone"};
    return name[state];
}

static void report(job *j, job_state state)
{
    j->progress->state = state;
    j->task->report(j->task->context, j->progress);
}

static void note_problem(job *j, const failure *why)
{
    (void)snprintf(j->progress->problem, sizeof j->progress->problem, "%s", why->text);
    j->progress->code = why->code;
}

static bool on_retry(void *context, int wait_ms, failure *why)
{
    job *j = context;
    const source_deadlines *d = &j->task->def->deadlines;
    note_problem(j, why);
    report(j, JOB_RETRYING);
    j->progress->problem[0] = '\0';
    return load_run_renew(j->pg, j->run.id, j->task->lease_seconds + wait_ms / 1000 + d->page_seconds, why);
}

static void count_page(job *j, const page_report *page)
{
    job_progress *p = j->progress;
    p->rows += page->records;
    p->inserted += page->counts.inserted;
    p->updated += page->counts.updated;
    p->unchanged += page->counts.unchanged;
    p->quarantined += page->counts.quarantined;
    p->refused += page->counts.refused;
    if (page->total >= 0 && p->total < 0)
        p->total = page->total > j->before ? page->total - j->before : 0;
}

static page_mark mark_of(const job *j)
{
    return (page_mark){.run_id = j->run.id,
                       .number = j->progress->pages + 1,
                       .sha256 = j->sha256,
                       .bytes = (int64_t)j->body.size};
}

/* Seals the whole body and keeps it; one body at a time in the whole process, for its memory. */
static bool keep_broken(job *j, const failure *broken, failure *f)
{
    char place_id[48];
    page_mark mark = mark_of(j);
    mark.next_cursor = j->frontier[0] ? j->frontier : NULL;
    (void)snprintf(place_id, sizeof place_id, "%" PRId64 "/%d", mark.run_id, mark.number);
    const seal_place place = {"etl.page", "kept", span_of(place_id)};
    buf sealed;
    buf_init(&sealed, j->body.size + SEAL_OVERHEAD);
    (void)pthread_mutex_lock(&j->task->pool->seal_slot);
    bool kept = sealer_seal(j->task->keys, &place, page_memory_span(&j->body), &sealed, f) &&
                load_page_keep(&j->work.load, &mark, buf_span(&sealed), broken->text, f);
    buf_free(&sealed);
    (void)pthread_mutex_unlock(&j->task->pool->seal_slot);
    return kept;
}

/* Past a kept page, where the style allows it. */
static loop_step skip_broken(job *j, const failure *broken, failure *f)
{
    if (!paging_can_skip(&j->at)) {
        (void)fail(f, EXIT_PARTIAL,
                   "page %d cannot be decoded and is kept; without it the next one is not known: %s",
                   j->progress->pages, broken->text);
        return LOOP_FAILED;
    }
    if (j->broken_in_a_row >= BROKEN_IN_A_ROW_MAX) {
        (void)fail(f, EXIT_PARTIAL, "%d pages in a row cannot be decoded and are kept; the last: %s",
                   j->broken_in_a_row, broken->text);
        return LOOP_FAILED;
    }
    paging_skip(&j->at);
    bool beyond = j->progress->total >= 0 && paging_records_before(&j->at) >= j->before + j->progress->total;
    return beyond ? LOOP_FINISHED : LOOP_ON;
}

static loop_step broken_page(job *j, const failure *broken, failure *f)
{
    if (j->broken_in_a_row++ == 0)
        paging_cursor(&j->at, j->frontier);
    log_event(LOG_WARNING, j->task->def->name, "page_broken", "page=%d bytes=%zu problem=\"%s\"",
              j->progress->pages + 1, j->body.size, broken->text);
    if (!keep_broken(j, broken, f))
        return LOOP_FAILED;
    j->progress->pages++;
    j->progress->broken_pages++;
    return skip_broken(j, broken, f);
}

/*
 * A listing that goes round is stuck, though its source says that there is more; the pages of this run may have hidden
 * others, so the next one begins at the start.
 */
static void watch_circle(job *j, page_report *page)
{
    char cursor[PAGING_CURSOR_TEXT];
    paging_cursor(&j->at, cursor);
    const char *problem = circle_closed(&j->seen, j->sha256, cursor);
    if (!problem)
        return;
    page->step = PAGING_STUCK;
    if (load_run_begin_anew(j->pg, j->run.id, &page->why))
        (void)fail(&page->why, EXIT_PARTIAL, "%s", problem);
}

static loop_step load_fetched(job *j, failure *f)
{
    page_mark mark = mark_of(j);
    page_report page = {.total = -1};
    switch (page_work_load(&j->work, page_memory_span(&j->body), &mark, &j->at, &page)) {
    case PAGE_FAILED:
    case PAGE_DRIFTED:
        *f = page.why;
        return LOOP_FAILED;
    case PAGE_BROKEN:
        return broken_page(j, &page.why, f);
    case PAGE_LOADED:
        break;
    }
    j->broken_in_a_row = 0;
    j->progress->pages++;
    count_page(j, &page);
    log_event(LOG_DEBUG, j->task->def->name, "page_loaded", "page=%d rows=%" PRId64 " quarantined=%" PRId64,
              j->progress->pages, page.records, page.counts.quarantined);
    if (page.step == PAGING_MORE && page.records > 0)
        watch_circle(j, &page);
    if (page.step == PAGING_STUCK)
        *f = page.why;
    return page.step == PAGING_MORE ? LOOP_ON : page.step == PAGING_DONE ? LOOP_FINISHED : LOOP_FAILED;
}

/* A page of a file was loaded, or turned out to be broken; the file is ended where it ends. */
static loop_step load_cut(job *j, failure *f)
{
    page_mark mark = mark_of(j);
    page_report page = {.total = -1};
    page_outcome outcome = page_work_load(&j->work, page_memory_span(&j->body), &mark, &j->at, &page);
    if (outcome == PAGE_BROKEN)
        return file_run_refuse(&j->files, page.why.text, f) ? LOOP_ON : LOOP_FAILED;
    if (outcome == PAGE_LOADED) {
        j->progress->pages++;
        count_page(j, &page);
        if (page.step == PAGING_MORE)
            return LOOP_ON;
        if (page.step == PAGING_DONE)
            return file_run_end(&j->files, f) ? LOOP_ON : LOOP_FAILED;
    }
    *f = page.why;
    return LOOP_FAILED;
}

/* One page of a file, or the search for the next file. */
static loop_step next_cut(job *j, failure *f)
{
    switch (file_run_next(&j->files, f)) {
    case FILE_PAGE:
        break;
    case FILE_SET_ASIDE:
        return LOOP_ON;
    case FILE_NO_MORE:
        return LOOP_FINISHED;
    case FILE_STOPPED:
        return LOOP_STOPPED;
    case FILE_FAILED:
        return LOOP_FAILED;
    }
    if (!sha256_of(page_memory_span(&j->body), j->sha256)) {
        (void)fail(f, EXIT_INTERNAL, "a page could not be hashed");
        return LOOP_FAILED;
    }
    stop_point("page_fetched");
    loop_step step = load_cut(j, f);
    page_memory_clear(&j->body);
    return step;
}

static loop_step next_page(job *j, failure *f)
{
    char url[PAGING_URL_TEXT];
    fetcher fetch = {j->task, j->client, &j->body, on_retry, j, &j->at, 0};
    if (j->task->orders->stop)
        return LOOP_STOPPED;
    if (j->task->def->style == PAGING_FILE)
        return next_cut(j, f);
    if (j->progress->pages >= PAGES_MAX || !paging_url(&j->at, url)) {
        (void)fail(f, EXIT_PARTIAL, "the listing has no end, or its next address is too long");
        return LOOP_FAILED;
    }
    fetch_outcome fetched = fetch_page(&fetch, url, f);
    j->asked_seconds = fetch.asked_seconds;
    if (fetched != FETCH_DONE)
        return fetched == FETCH_STOPPED ? LOOP_STOPPED : LOOP_FAILED;
    if (!sha256_of(page_memory_span(&j->body), j->sha256)) {
        (void)fail(f, EXIT_INTERNAL, "a page could not be hashed");
        return LOOP_FAILED;
    }
    stop_point("page_fetched");
    loop_step step = load_fetched(j, f);
    page_memory_clear(&j->body);
    return step;
}

/*
 * Opens the run; waits a little for the lease, because a daemon that was killed leaves a session behind which the
 * server ends only when its statement is done or its client's absence is noticed.
 */
static bool take_run(job *j, failure *f)
{
    int waited = 0, lease = j->task->lease_seconds + j->task->def->deadlines.page_seconds;
    while (!load_run_open(j->pg, j->task->def, lease, &j->run, f)) {
        if (strcmp(pg_sqlstate(j->pg), "55P03") != 0 || waited >= LEASE_WAIT || j->task->orders->stop)
            return false;
        (void)nanosleep(&(struct timespec){.tv_nsec = LEASE_LOOK * 1000000L}, NULL);
        waited += LEASE_LOOK;
    }
    return true;
}

static bool open_job(job *j, failure *f)
{
    const source_def *def = j->task->def;
    j->client = http_client_new(j->task->identity, f);
    if (!j->client)
        return false;
    if (!page_memory_open(&j->body, j->task->pool, def->page_bytes))
        return fail(f, EXIT_INTERNAL, "no memory for the pages of a source");
    if (!cell_open(&j->decoder, j->task->home, def->row_bytes))
        return fail(f, EXIT_INTERNAL, "no memory for a decoder");
    if (!page_work_open(&j->work, j->task, &j->decoder, j->pg, f) || !take_run(j, f))
        return false;
    if (!paging_start(&j->at, def, j->run.cursor))
        log_event(LOG_WARNING, def->name, "cursor_of_another_style", "run=%" PRId64 " begins=start",
                  j->run.id);
    j->before = paging_records_before(&j->at);
    if (def->style == PAGING_FILE && !file_run_open(&j->files, j->pg, j->run.id, f))
        return false;
    log_event(LOG_INFO, def->name, "run_opened", "run=%" PRId64 " resumed=%s", j->run.id,
              j->run.resumed ? "yes" : "no");
    stop_point("run_opened");
    return true;
}

static void close_job(job *j)
{
    file_run_close(&j->files);
    page_work_close(&j->work);
    cell_close(&j->decoder);
    page_memory_close(&j->body);
    http_client_free(j->client);
    pg_close(j->pg);
}

/* Says in progress how it ended; step is not LOOP_ON. */
static void conclude(job *j, loop_step step, const failure *why)
{
    job_progress *p = j->progress;
    p->code = EXIT_DONE;
    if (step == LOOP_FAILED) {
        note_problem(j, why);
    } else if (p->broken_pages > 0) {
        p->code = EXIT_PARTIAL;
        (void)snprintf(p->problem, sizeof p->problem, "%d of %d pages cannot be decoded and are kept",
                       p->broken_pages, p->pages);
    }
    if (step != LOOP_FAILED && j->files.refused > 0) {
        p->code = EXIT_PARTIAL;
        (void)snprintf(p->problem, sizeof p->problem, "%d files are refused; the last: %s", j->files.refused,
                       j->files.problem);
    }
    if (step == LOOP_STOPPED)
        p->code = EXIT_INTERRUPTED;
    p->state = step == LOOP_FINISHED ? JOB_FINISHED : step == LOOP_STOPPED ? JOB_STOPPED : JOB_FAILED;
}

/* Whose fault is a run that failed? -1: not the source's; else the seconds for which it asks to be left alone. */
static int blame(const job *j)
{
    bool taken = strcmp(pg_sqlstate(j->pg), "55P03") == 0; /* another daemon has the source */
    return j->progress->code == EXIT_PARTIAL && !taken ? j->asked_seconds : -1;
}

static void close_run(job *j)
{
    failure f;
    job_progress *p = j->progress;
    bool held = false;
    if (pg_lost(j->pg))
        return;
    const run_end end = {job_state_name(p->state), p->problem, blame(j)};
    stop_point("run_closing");
    if (!load_run_close(j->pg, j->run.id, &end, &held, &f)) {
        if (p->state != JOB_FAILED)
            note_problem(j, &f);
        p->state = JOB_FAILED;
        return;
    }
    stop_point("run_closed");
    if (!held)
        return;
    p->state = JOB_HELD;
    p->code = EXIT_PARTIAL;
    (void)snprintf(p->problem, sizeof p->problem,
                   "more records vanished than is plausible; ekok status says how many, "
                   "ekok run release %" PRId64 " --reason TEXT marks them absent",
                   j->run.id);
}

static void log_end(const job_progress *p)
{
    log_event(p->code == EXIT_DONE ? LOG_INFO : LOG_WARNING, p->source, "run_ended",
              "state=%s pages=%d rows=%" PRId64 " inserted=%" PRId64 " updated=%" PRId64 " unchanged=%" PRId64
              " quarantined=%" PRId64 " refused=%" PRId64 "%s%s%s",
              job_state_name(p->state), p->pages, p->rows, p->inserted, p->updated, p->unchanged,
              p->quarantined, p->refused, p->problem[0] ? " problem=\"" : "", p->problem,
              p->problem[0] ? "\"" : "");
}

/* Is the source left alone now? Asked in the job's own session; a failure shows again when the run is opened. */
static bool left_alone(job *j)
{
    failure f;
    job_progress *p = j->progress;
    if (!j->pg || !load_breaker_ask(j->pg, j->task->def->name, j->task->forced, &p->wait_seconds, &f) ||
        p->wait_seconds == 0)
        return false;
    p->state = JOB_ALONE;
    (void)snprintf(p->problem, sizeof p->problem, "left alone for another %d s after failures",
                   p->wait_seconds);
    log_event(LOG_INFO, p->source, "left_alone", "seconds=%d", p->wait_seconds);
    report(j, JOB_ALONE);
    return true;
}

void job_run(const job_task *task, job_progress *out)
{
    job j = {.task = task, .progress = out, .decoder = {.fd = -1}};
    j.files = (file_run){.task = task,
                         .at = &j.at,
                         .body = &j.body,
                         .decoder = &j.decoder,
                         .dir = {.fd = -1},
                         .file = {.fd = -1}};
    failure f = {.text = ""};
    *out = (job_progress){.source = task->def->name, .total = -1};
    report(&j, JOB_RUNNING);
    j.pg = pg_open(task->conninfo, "ekok-etld", &f);
    if (left_alone(&j)) {
        pg_close(j.pg);
        return;
    }
    if (j.pg && open_job(&j, &f)) {
        loop_step step = LOOP_ON;
        while (step == LOOP_ON) {
            step = next_page(&j, &f);
            if (step == LOOP_ON)
                report(&j, JOB_RUNNING);
        }
        conclude(&j, step, &f);
        close_run(&j);
    } else {
        conclude(&j, LOOP_FAILED, &f);
    }
    close_job(&j);
    log_end(out);
    report(&j, out->state);
}
