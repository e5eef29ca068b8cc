/* desk.c - see desk.h. Who waits draws a ticket, so that no job overtakes another. */
#include "job/desk.h"

#include <pthread.h>
#include <stdlib.h>

#include "load/load_run.h"

struct desks {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t next_ticket, serving;
    size_t count;
    desk *desk;
};

desks *desks_open(size_t count)
{
    desks *d = calloc(1, sizeof *d);
    desk *all = calloc(count > 0 ? count : 1, sizeof *all);
    if (!d || !all || pthread_mutex_init(&d->lock, NULL) != 0) {
        free(d);
        free(all);
        return NULL;
    }
    (void)pthread_cond_init(&d->changed, NULL);
    for (size_t i = 0; i < count; i++)
        all[i].decoder.fd = -1;
    d->count = count;
    d->desk = all;
    return d;
}

/* A decoder never sees the pages of two sources: what one did to it cannot touch the records of the other. */
static void clear(desk *k)
{
    if (!k->task)
        return;
    page_work_close(&k->work);
    cell_close(&k->decoder);
    k->decoder = (cell){.fd = -1};
    k->task = NULL;
}

void desks_close(desks *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->count; i++) {
        clear(&d->desk[i]);
        pg_close(d->desk[i].pg);
    }
    (void)pthread_cond_destroy(&d->changed);
    (void)pthread_mutex_destroy(&d->lock);
    free(d->desk);
    free(d);
}

/* A free one: the task's own, else one that was never used, else any; NULL: all are busy. */
static desk *find(const desks *d, const job_task *task)
{
    desk *unused = NULL, *any = NULL;
    for (size_t i = 0; i < d->count; i++) {
        desk *k = &d->desk[i];
        if (k->busy)
            continue;
        if (k->task == task)
            return k;
        if (!k->task && !unused)
            unused = k;
        any = k;
    }
    return unused ? unused : any;
}

static bool open_session(desk *k, const job_task *task, failure *f)
{
    k->pg = pg_open(task->conninfo, "ekok-etld", f);
    return k->pg && load_session_bound(k->pg, task->lease_seconds + task->def->deadlines.page_seconds, f);
}

static bool make_ready(desk *k, const job_task *task, failure *f)
{
    if (k->pg && pg_lost(k->pg)) {
        clear(k);
        pg_close(k->pg);
        k->pg = NULL;
    }
    if (k->task == task) {
        page_work_today(&k->work);
        return true;
    }
    clear(k);
    if (!k->pg && !open_session(k, task, f))
        return false;
    if (!cell_open(&k->decoder, task->home, task->def->row_bytes))
        return fail(f, EXIT_INTERNAL, "no memory for a decoder");
    k->task = task; /* also when it fails half-way: what was opened is closed */
    return page_work_open(&k->work, task, &k->decoder, k->pg, f);
}

desk *desk_take(desks *d, const job_task *task, failure *f)
{
    (void)pthread_mutex_lock(&d->lock);
    uint64_t ticket = d->next_ticket++;
    desk *k = NULL;
    while (ticket != d->serving || !(k = find(d, task)))
        (void)pthread_cond_wait(&d->changed, &d->lock);
    d->serving++;
    k->busy = true;
    (void)pthread_cond_broadcast(&d->changed);
    (void)pthread_mutex_unlock(&d->lock);
    if (make_ready(k, task, f))
        return k;
    clear(k);
    desk_leave(d, k);
    return NULL;
}

void desk_leave(desks *d, desk *k)
{
    (void)pthread_mutex_lock(&d->lock);
    k->busy = false;
    (void)pthread_cond_broadcast(&d->changed);
    (void)pthread_mutex_unlock(&d->lock);
}
