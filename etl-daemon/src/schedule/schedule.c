/*
 * schedule.c - a list of due times under one mutex; workers take what is due longest.
 */
#include "schedule/schedule.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

enum { WORKER_STACK = 1 << 20, LOOK_EVERY_MS = 100 };

typedef struct {
    int64_t due; /* milliseconds, monotonic */
    bool busy, done;
} entry;

typedef struct {
    const schedule_plan *plan;
    entry entry[SOURCES_MAX];
    exit_code worst;
    pthread_mutex_t lock;
} schedule;

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

exit_code schedule_worse(exit_code a, exit_code b)
{
    static const exit_code order[] = {EXIT_INTERNAL, EXIT_KEYS,        EXIT_CONFIG, EXIT_USAGE,
                                      EXIT_DATABASE, EXIT_INTERRUPTED, EXIT_PARTIAL};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return EXIT_DONE;
}

/* The entry that is due longest and free, or -1; *left: is there work still to come? */
static int find_due(schedule *s, bool *left)
{
    int found = -1;
    int64_t now = now_ms();
    *left = false;
    for (size_t i = 0; i < s->plan->tasks; i++) {
        const entry *e = &s->entry[i];
        if (e->done)
            continue;
        *left = *left || !e->busy;
        if (!e->busy && e->due <= now && (found < 0 || e->due < s->entry[found].due))
            found = (int)i;
    }
    return found;
}

/* Tells of a source that is not begun: not yet, or no more because the daemon is to stop. */
static void tell(const job_task *task, job_state state, job_progress *progress)
{
    *progress =
        (job_progress){.source = task->def->name, .total = -1, .state = state, .code = EXIT_INTERRUPTED};
    task->report(task->context, progress);
}

static void take_turn(schedule *s, int turn)
{
    const schedule_plan *plan = s->plan;
    const job_task *task = &plan->task[turn];
    job_progress progress;
    int64_t began = now_ms();
    if (task->orders->stop)
        tell(task, JOB_STOPPED, &progress);
    else
        job_run(task, &progress);
    (void)pthread_mutex_lock(&s->lock);
    s->entry[turn].busy = false;
    s->entry[turn].done = plan->once || task->orders->stop;
    int pause = plan->interval_seconds;
    if (progress.state == JOB_ALONE && progress.wait_seconds < pause)
        pause = progress.wait_seconds;
    if (progress.state == JOB_STOPPED)
        pause = 0; /* should the schedule go on, so does this source */
    s->entry[turn].due = began + (int64_t)pause * 1000;
    if (plan->once || progress.code == EXIT_INTERRUPTED)
        s->worst = schedule_worse(s->worst, progress.code);
    (void)pthread_mutex_unlock(&s->lock);
}

static void *work(void *context)
{
    schedule *s = context;
    for (;;) {
        bool left = false;
        (void)pthread_mutex_lock(&s->lock);
        int turn = find_due(s, &left);
        if (turn >= 0)
            s->entry[turn].busy = true;
        (void)pthread_mutex_unlock(&s->lock);
        if (turn >= 0)
            take_turn(s, turn);
        else if (!left && s->plan->once)
            return NULL;
        else if (s->plan->task[0].orders->stop)
            return NULL;
        else
            (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * 1000000L}, NULL);
    }
}

static size_t start_workers(schedule *s, pthread_t *thread, size_t wanted)
{
    pthread_attr_t attributes;
    size_t started = 0;
    if (pthread_attr_init(&attributes) != 0)
        return 0;
    (void)pthread_attr_setstacksize(&attributes, WORKER_STACK);
    while (started < wanted && pthread_create(&thread[started], &attributes, work, s) == 0)
        started++;
    (void)pthread_attr_destroy(&attributes);
    return started;
}

exit_code schedule_run(const schedule_plan *plan)
{
    pthread_t thread[64];
    size_t wanted = plan->workers > 64 ? 64 : (size_t)plan->workers;
    if (plan->tasks == 0 || plan->tasks > SOURCES_MAX)
        return EXIT_INTERNAL;
    schedule *s = calloc(1, sizeof *s);
    if (!s || pthread_mutex_init(&s->lock, NULL) != 0) {
        free(s);
        return EXIT_INTERNAL;
    }
    s->plan = plan;
    if (plan->once && wanted > plan->tasks)
        wanted = plan->tasks;
    for (size_t i = 0; plan->due && i < plan->tasks; i++)
        s->entry[i].due = plan->due[i];
    for (size_t i = 0; i < plan->tasks; i++)
        tell(&plan->task[i], JOB_WAITING, &(job_progress){0});
    size_t started = start_workers(s, thread, wanted);
    if (started < wanted)
        log_event(LOG_WARNING, NULL, "few_workers", "wanted=%zu started=%zu", wanted, started);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(thread[i], NULL);
    for (size_t i = 0; plan->due && i < plan->tasks; i++)
        plan->due[i] = s->entry[i].due;
    exit_code worst = started > 0 ? s->worst : EXIT_INTERNAL;
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
    return worst;
}
