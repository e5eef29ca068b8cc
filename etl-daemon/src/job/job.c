/*
 * job.c - the loop over the pages of a source. Refuses to leave a run open that it can still close; where the
 * database is gone it stays 'running', and the next run marks it 'aborted' and goes on from the last committed
 * cursor.
 */
#include "job/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/stop_point.h"
#include "job/fetch.h"
#include "job/job_private.h"

enum {
    BROKEN_IN_A_ROW_MAX = 3,
    LEASE_WAIT = 10000,
    LEASE_LOOK = 100 /* milliseconds */
};

const char *job_state_name(job_state state)
{
    static const char *const name[] = {"waiting", "running", "retrying", "finished",
                                       "stopped", "failed",  "held",     "left alone"};
    return name[state];
}

void job_report(job *j, job_state state)
{
    j->progress->state = state;
    j->task->report(j->task->context, j->progress);
}

void job_note_problem(job *j, const failure *why)
{
    (void)snprintf(j->progress->problem, sizeof j->progress->problem, "%s", why->text);
    j->progress->code = why->code;
}

void job_note_taken(job *j, const pg_session *pg)
{
    j->taken = j->taken || strcmp(pg_sqlstate(pg), "55P03") == 0;
}

/* The lease is to outlast what is waited for. */
static bool renew(void *context, int wait_ms, failure *f)
{
    job *j = context;
    int seconds = j->task->lease_seconds + wait_ms / 1000 + j->task->def->deadlines.page_seconds;
    pg_session *pg = keeper_enter(j->task->keeper, f);
    if (!pg)
        return false;
    bool good = load_run_renew(pg, j->run.id, seconds, f);
    job_note_taken(j, pg);
    keeper_leave(j->task->keeper);
    return good;
}

static bool on_retry(void *context, int wait_ms, failure *why)
{
    job *j = context;
    job_note_problem(j, why);
    job_report(j, JOB_RETRYING);
    j->progress->problem[0] = '\0';
    job_rest(j, wait_ms);
    return renew(j, wait_ms, why);
}

static void note_total(job *j, const page_report *page)
{
    job_progress *p = j->progress;
    if (page->total >= 0 && p->total < 0)
        p->total = page->total > j->before ? page->total - j->before : 0;
}

static page_mark mark_of(const job *j)
{
    return (page_mark){.run_id = j->run.id,
                       .number = j->progress->pages + j->known.count + 1,
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
                load_page_keep(&j->desk->work.load, &mark, buf_span(&sealed), broken->text, f);
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
    if (job_take_known(j, &page->why) == LOOP_ON && load_run_begin_anew(j->desk->pg, j->run.id, &page->why))
        (void)fail(&page->why, EXIT_PARTIAL, "%s", problem);
}

static page_outcome work_on(job *j, page_report *page)
{
    page_mark mark = mark_of(j);
    j->desk->work.accepted = j->run.accepted;
    page_outcome outcome = page_work_load(&j->desk->work, page_memory_span(&j->body), &mark, &j->at, page);
    j->desk->work.accepted = NULL;
    j->desk->work.known = NULL;
    job_count_known(j);
    if (outcome == PAGE_DRIFTED)
        memcpy(j->drift, page->drift, sizeof j->drift);
    return outcome;
}

/* Where a listing goes round, what was gathered of it is taken first: it is begun anew behind that. */
static loop_step step_on(job *j, page_report *page, failure *f)
{
    note_total(j, page);
    j->broken_in_a_row = 0;
    if (page->step == PAGING_MORE && page->records > 0)
        watch_circle(j, page);
    if (page->step == PAGING_STUCK)
        *f = page->why;
    return page->step == PAGING_MORE ? LOOP_ON : page->step == PAGING_DONE ? LOOP_FINISHED : LOOP_FAILED;
}

static loop_step load_fetched(job *j, failure *f)
{
    page_report page = {.total = -1};
    j->desk->work.known = &j->known;
    switch (work_on(j, &page)) {
    case PAGE_FAILED:
        *f = page.why;
        j->known.count = 0; /* the next run asks for them again */
        return LOOP_FAILED;
    case PAGE_DRIFTED:
        *f = page.why;
        return LOOP_DRIFTED;
    case PAGE_BROKEN:
        return broken_page(j, &page.why, f);
    case PAGE_ASK_AGAIN:
        j->seen = (circle){.power = 0}; /* they come again, and go round nowhere */
        return LOOP_ON;
    case PAGE_GATHERED:
        return step_on(j, &page, f);
    case PAGE_LOADED:
        break;
    }
    job_count(j, 1, &page.counts);
    log_event(LOG_DEBUG, j->task->def->name, "page_loaded", "page=%d rows=%" PRId64 " quarantined=%" PRId64,
              j->progress->pages, page.records, page.counts.quarantined);
    return step_on(j, &page, f);
}

/* A page of a file was loaded, or turned out to be broken; the file is ended where it ends. */
static loop_step load_cut(job *j, failure *f)
{
    page_report page = {.total = -1};
    page_outcome outcome = work_on(j, &page);
    if (outcome == PAGE_BROKEN)
        return file_run_refuse(&j->files, page.why.text, f) ? LOOP_ON : LOOP_FAILED;
    if (outcome == PAGE_LOADED) {
        job_count(j, 1, &page.counts);
        note_total(j, &page);
        if (page.step == PAGING_MORE)
            return LOOP_ON;
        if (page.step == PAGING_DONE)
            return file_run_end(&j->files, f) ? LOOP_ON : LOOP_FAILED;
    }
    *f = page.why;
    return outcome == PAGE_DRIFTED ? LOOP_DRIFTED : LOOP_FAILED;
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
    job_note_taken(j, j->desk->pg);
    page_memory_clear(&j->body);
    return step;
}

/* A page that came is worked on at a desk, and whoever works on none is at none. */
static loop_step work_at_desk(job *j, failure *f)
{
    if (!sha256_of(page_memory_span(&j->body), j->sha256)) {
        (void)fail(f, EXIT_INTERNAL, "a page could not be hashed");
        return LOOP_FAILED;
    }
    stop_point("page_fetched");
    j->desk = desk_take(j->task->desks, j->task, f);
    if (!j->desk)
        return LOOP_FAILED;
    loop_step step = load_fetched(j, f);
    job_note_taken(j, j->desk->pg);
    desk_leave(j->task->desks, j->desk);
    j->desk = NULL;
    return step;
}

static bool in_hours(const job *j)
{
    return !j->task->wall || cron_within(j->task->def->schedule.hours, wall_now_ms(j->task->wall) / 1000);
}

static loop_step pause_for(job *j, job_pause what, failure *f)
{
    j->progress->pause = what;
    if (what == PAUSE_HOURS)
        (void)fail(f, EXIT_PARTIAL,
                   "the hours in which the source may be pulled are over; it goes on in the next");
    else
        (void)fail(f, EXIT_PARTIAL, "the quota of %ld requests a day is used up; it goes on tomorrow",
                   j->task->def->limits.daily_quota);
    return LOOP_PAUSED;
}

/* Fetches a page, through the gate; *fetched says how that went. */
static void bring_page(job *j, const char *url, fetch_outcome *fetched, failure *f)
{
    fetcher fetch = {.task = j->task,
                     .body = &j->body,
                     .on_connect = job_connect,
                     .yields = job_yields,
                     .on_yield = job_yielded,
                     .on_retry = on_retry,
                     .on_turn = renew,
                     .context = j,
                     .at = &j->at};
    *fetched = fetch_page(&fetch, url, f);
    j->asked_seconds = fetch.asked_seconds;
    if (*fetched == FETCH_DONE)
        job_heard(j, fetch.silent);
}

static loop_step fetch_next(job *j, failure *f)
{
    fetch_outcome fetched = FETCH_FAILED;
    char url[PAGING_URL_TEXT];
    if (j->progress->pages >= PAGES_MAX || !paging_url(&j->at, url)) {
        (void)fail(f, EXIT_PARTIAL, "the listing has no end, or its next address is too long");
        return LOOP_FAILED;
    }
    bring_page(j, url, &fetched, f);
    if (fetched == FETCH_NOT_TODAY)
        return pause_for(j, PAUSE_QUOTA, f);
    if (fetched != FETCH_DONE)
        return fetched == FETCH_STOPPED ? LOOP_STOPPED : LOOP_FAILED;
    loop_step step = work_at_desk(j, f);
    page_memory_clear(&j->body);
    job_rest(j, 0);
    return step;
}

static loop_step next_page(job *j, failure *f)
{
    if (j->task->orders->stop)
        return LOOP_STOPPED;
    if (!in_hours(j))
        return pause_for(j, PAUSE_HOURS, f);
    return j->task->def->style == PAGING_FILE ? next_cut(j, f) : fetch_next(j, f);
}

/* Opens the run. *taken: another session has the source. */
static bool try_run(job *j, bool *taken, failure *f)
{
    int lease = j->task->lease_seconds + j->task->def->deadlines.page_seconds;
    pg_session *pg = keeper_enter(j->task->keeper, f);
    *taken = false;
    if (!pg)
        return false;
    bool good = load_run_open(pg, j->task->def, lease, &j->run, f);
    *taken = !good && strcmp(pg_sqlstate(pg), "55P03") == 0;
    keeper_leave(j->task->keeper);
    return good;
}

/*
 * Again, for a little while: a daemon that was killed leaves a session behind which the server ends only when its
 * statement is done or its client's absence is noticed.
 */
static bool wait_for_run(job *j, failure *f)
{
    bool taken = true;
    for (int waited = 0; taken && waited < LEASE_WAIT && !j->task->orders->stop; waited += LEASE_LOOK) {
        (void)nanosleep(&(struct timespec){.tv_nsec = LEASE_LOOK * 1000000L}, NULL);
        if (try_run(j, &taken, f))
            return true;
    }
    return false;
}

static bool open_files(job *j, failure *f)
{
    j->desk = desk_take(j->task->desks, j->task, f);
    if (!j->desk)
        return false;
    j->files = (file_run){.task = j->task,
                          .at = &j->at,
                          .body = &j->body,
                          .decoder = &j->desk->decoder,
                          .dir = {.fd = -1},
                          .file = {.fd = -1}};
    return file_run_open(&j->files, j->desk->pg, j->run.id, f);
}

/* The run is open by now: what fails here is told in its books. */
static bool open_job(job *j, failure *f)
{
    const source_def *def = j->task->def;
    log_event(LOG_INFO, def->name, "run_opened", "run=%" PRId64 " resumed=%s", j->run.id,
              j->run.resumed ? "yes" : "no");
    stop_point("run_opened");
    if (!page_memory_open(&j->body, j->task->pool, def->page_bytes, def->style == PAGING_FILE))
        return fail(f, EXIT_INTERNAL, "no memory for the pages of a source");
    if (!paging_start(&j->at, def, j->run.cursor))
        log_event(LOG_WARNING, def->name, "cursor_of_another_style", "run=%" PRId64 " begins=start",
                  j->run.id);
    j->before = paging_records_before(&j->at);
    j->known.single = def->limits.per_second > 0 || def->limits.per_minute > 0 || def->limits.daily_quota > 0;
    return def->style != PAGING_FILE || open_files(j, f);
}

static void close_job(job *j)
{
    file_run_close(&j->files);
    if (j->desk)
        desk_leave(j->task->desks, j->desk);
    j->desk = NULL;
    page_memory_close(&j->body);
    job_disconnect(j);
    free(j->run.accepted);
}

static loop_step pull(job *j, failure *f)
{
    loop_step step = open_job(j, f) ? LOOP_ON : LOOP_FAILED;
    while (step == LOOP_ON) {
        step = next_page(j, f);
        if (step == LOOP_ON)
            job_report(j, JOB_RUNNING);
    }
    return job_take_rest(j, step, f);
}

void job_go_on(job *j)
{
    failure f = j->why;
    if (!j->opened && j->contested)
        j->opened = wait_for_run(j, &f);
    if (j->opened)
        job_end(j, pull(j, &f), &f);
    else
        job_end_unopened(j, &f);
    close_job(j);
    job_report(j, j->progress->state);
    free(j);
}
