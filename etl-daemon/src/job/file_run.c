/* file_run.c - see file_run.h. */
#include "job/file_run.h"

#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "base/stop_point.h"
#include "load/load_file.h"

enum { DEATHS = 3 };

bool file_run_open(file_run *x, pg_session *pg, int64_t run_id, failure *f)
{
    x->pg = pg;
    x->run_id = run_id;
    if (!folder_open(&x->dir, x->task->def, f))
        return false;
    if (x->at->ended) /* the crash came between the last page and the books of the file */
        return load_file_end(pg, run_id, x->at->value, NULL, f);
    (void)snprintf(x->unfinished, sizeof x->unfinished, "%.64s", x->at->value);
    return true;
}

static void give_slot(file_run *x)
{
    if (x->has_slot)
        (void)pthread_mutex_unlock(&x->task->pool->workbook_slot);
    x->has_slot = false;
}

static void leave_file(file_run *x)
{
    if (x->cutting && x->task->def->format == FORMAT_XLSX)
        cell_end(x->decoder); /* a workbook's memory goes with its process */
    x->cutting = false;
    x->deaths = 0;
    give_slot(x);
    folder_file_close(&x->file);
}

void file_run_close(file_run *x)
{
    leave_file(x);
    folder_close(&x->dir);
}

/* A workbook waits for its turn; false when the daemon is to stop. */
static bool take_slot(file_run *x)
{
    while (x->task->def->format == FORMAT_XLSX && !x->has_slot) {
        if (x->task->orders->stop)
            return false;
        x->has_slot = pthread_mutex_trylock(&x->task->pool->workbook_slot) == 0;
        if (!x->has_slot)
            (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return true;
}

static void note_refusal(file_run *x, const char *why)
{
    x->refused++;
    (void)snprintf(x->problem, sizeof x->problem, "%s", why);
    log_event(LOG_WARNING, x->task->def->name, "file_refused", "sha256=%.12s problem=\"%s\"", x->sha256, why);
}

bool file_run_refuse(file_run *x, const char *why, failure *f)
{
    note_refusal(x, why);
    bool unchanged = folder_unchanged(&x->file);
    bool good = load_file_end(x->pg, x->run_id, x->sha256, why, f);
    if (good)
        stop_point("file_ended");
    if (good && unchanged)
        good = folder_put_away(&x->dir, &x->file, true, x->sha256, f);
    leave_file(x);
    return good;
}

bool file_run_end(file_run *x, failure *f)
{
    stop_point("file_loaded");
    bool good = load_file_end(x->pg, x->run_id, x->sha256, NULL, f);
    if (good) {
        stop_point("file_ended");
        log_event(LOG_INFO, x->task->def->name, "file_loaded", "sha256=%.12s rows=%lld", x->sha256,
                  (long long)x->at->number);
        good = folder_put_away(&x->dir, &x->file, false, x->sha256, f);
    }
    if (good)
        stop_point("file_away");
    leave_file(x);
    return good;
}

/* Finds the next file and its hash; one that an earlier run did not finish before all others. */
static file_step find_file(file_run *x, failure *f)
{
    for (;;) {
        if (x->task->orders->stop)
            return FILE_STOPPED;
        folder_step step = folder_next(&x->dir, x->after, &x->file, f);
        if (step == FOLDER_FAILED)
            return FILE_FAILED;
        if (step == FOLDER_EMPTY && x->unfinished[0] == '\0')
            return FILE_NO_MORE;
        if (step == FOLDER_EMPTY) { /* it was taken away: the others then, from the first on */
            log_event(LOG_WARNING, x->task->def->name, "file_gone", "sha256=%.12s", x->unfinished);
            x->unfinished[0] = x->after[0] = '\0';
            continue;
        }
        (void)snprintf(x->after, sizeof x->after, "%s", x->file.name);
        bool bearable = (size_t)x->file.info.st_size <= x->task->def->file_bytes;
        x->sha256[0] = '\0';
        if (bearable &&
            (!file_hash(x->file.fd, x->file.info.st_size, x->sha256) || !folder_unchanged(&x->file))) {
            folder_file_close(&x->file); /* still being written: it waits for the next run */
            continue;
        }
        if (x->unfinished[0] == '\0')
            return FILE_PAGE;
        if (bearable && strcmp(x->sha256, x->unfinished) == 0) {
            x->unfinished[0] = x->after[0] = '\0';
            return FILE_PAGE;
        }
        folder_file_close(&x->file);
    }
}

/* A file too large to be hashed is put aside without being in the books. */
static file_step refuse_large(file_run *x, failure *f)
{
    note_refusal(x, "the file is larger than file.bytes");
    bool good = folder_put_away(&x->dir, &x->file, true, "large", f);
    leave_file(x);
    return good ? FILE_SET_ASIDE : FILE_FAILED;
}

static file_step refuse(file_run *x, failure *f)
{
    const failure why = *f;
    if (why.code != EXIT_PARTIAL)
        return FILE_FAILED;
    page_memory_clear(x->body);
    return file_run_refuse(x, why.text, f) ? FILE_SET_ASIDE : FILE_FAILED;
}

/* Opens the file in the decoder, behind the records that are committed; a decoder that dies gets successors. */
static file_step begin_cut(file_run *x, failure *f)
{
    for (;;) {
        cell_answer answer = cell_open_file(x->decoder, x->file.fd, x->task->def, x->at->number, f);
        x->cutting = true;
        if (answer == CELL_WHOLE)
            return FILE_PAGE;
        if (answer == CELL_FAILED)
            return FILE_FAILED;
        if (answer != CELL_DIED || ++x->deaths >= DEATHS)
            return refuse(x, f);
    }
}

static file_step open_file(file_run *x, failure *f)
{
    file_state state;
    file_step step = find_file(x, f);
    if (step != FILE_PAGE)
        return step;
    if (x->sha256[0] == '\0')
        return refuse_large(x, f);
    const load_file file = {x->sha256, x->file.name, x->file.info.st_size};
    if (!load_file_take(x->pg, x->run_id, &file, &state, f))
        return FILE_FAILED;
    if (state != FILE_TAKEN) {
        log_event(LOG_DEBUG, x->task->def->name, "file_known", "sha256=%.12s", x->sha256);
        bool good = folder_put_away(&x->dir, &x->file, state == FILE_REFUSED, x->sha256, f);
        leave_file(x);
        return good ? FILE_SET_ASIDE : FILE_FAILED;
    }
    stop_point("file_taken");
    paging_enter_file(x->at, x->sha256);
    if (!take_slot(x))
        return FILE_STOPPED;
    return begin_cut(x, f);
}

static bool add_bytes(void *context, span bytes)
{
    file_run *x = context;
    return page_memory_add(x->body, bytes, &x->task->orders->urgent);
}

/* Cuts the next page into the body; a decoder that died is replaced and begins behind the last committed page. */
static file_step cut_bytes(file_run *x, slice *page, failure *f)
{
    const slice_sink sink = {add_bytes, x, x->body->room};
    for (;;) {
        page_memory_clear(x->body);
        switch (cell_cut(x->decoder, &sink, page, f)) {
        case CELL_WHOLE:
            x->deaths = 0;
            return FILE_PAGE;
        case CELL_STOPPED:
            page_memory_clear(x->body);
            return FILE_STOPPED;
        case CELL_BROKEN:
            return refuse(x, f);
        case CELL_FAILED:
            return FILE_FAILED;
        case CELL_DIED:
            break;
        }
        if (++x->deaths >= DEATHS)
            return refuse(x, f);
        file_step step = begin_cut(x, f);
        if (step != FILE_PAGE)
            return step;
    }
}

static file_step cut_page(file_run *x, failure *f)
{
    slice page;
    file_step step = cut_bytes(x, &page, f);
    if (step != FILE_PAGE)
        return step;
    if (!folder_unchanged(&x->file))
        return file_run_refuse(x, "the file changed while it was read", f) ? FILE_SET_ASIDE : FILE_FAILED;
    x->at->slice = page.records;
    x->at->last = page.last;
    x->at->line = page.line;
    return FILE_PAGE;
}

file_step file_run_next(file_run *x, failure *f)
{
    file_step step = FILE_PAGE;
    if (!x->cutting)
        step = open_file(x, f);
    return step == FILE_PAGE ? cut_page(x, f) : step;
}
