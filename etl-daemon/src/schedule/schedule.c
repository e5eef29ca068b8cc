/*
 * schedule.c - a list of due times; the thread that calls looks at it all the time, begins what is due and collects
 * what has ended. While the database does not answer nothing new is begun but what is due by the time that passed
 * since.
 */
#include "schedule/schedule.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "schedule/timetable.h"

enum { JOB_STACK = 512 << 10, LOOK_EVERY_MS = 20, TICK_EVERY_MS = 1000 };

typedef struct {
    const job_task *task;
    due_past past;
    int64_t due; /* as due_at */
    int64_t began;
    bool busy, threaded, done;
    job *job; /* begun, and without a thread yet */
    atomic_bool ended;
    job_progress progress;
    pthread_t thread;
} entry;

typedef struct {
    const schedule_plan *plan;
    entry *entry;
    timetable table;
    bool read; /* what was before is known */
    bool told; /* that the database does not answer */
    int64_t next_tick;
    exit_code worst;
    pthread_attr_t small;
} schedule;

exit_code schedule_worse(exit_code a, exit_code b)
{
    static const exit_code order[] = {EXIT_INTERNAL, EXIT_KEYS,        EXIT_CONFIG, EXIT_USAGE,
                                      EXIT_DATABASE, EXIT_INTERRUPTED, EXIT_PARTIAL};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return EXIT_DONE;
}

static int64_t wall_now(const schedule *s)
{
    return wall_now_ms(s->plan->wall) / 1000;
}

static void plan_entry(const schedule *s, entry *e)
{
    e->due = due_at(&e->task->def->schedule, s->plan->interval_seconds, &e->past);
}

/* Tells of a source that is not begun: not yet, or no more because the daemon is to stop. */
static void tell(const job_task *task, job_state state)
{
    const job_progress progress = {
        .source = task->def->name, .total = -1, .state = state, .code = EXIT_INTERRUPTED};
    task->report(task->context, &progress);
}

static void *work(void *context)
{
    entry *e = context;
    job_go_on(e->job);
    e->ended = true;
    return NULL;
}

/* When it is due again, by how it ended. */
static void note_past(const schedule *s, entry *e)
{
    static const due_end end[] = {
        [JOB_FINISHED] = PAST_DONE, [JOB_STOPPED] = PAST_CUT, [JOB_FAILED] = PAST_FAILED};
    const job_progress *p = &e->progress;
    int64_t now = wall_now(s);
    e->past.not_before = p->state == JOB_ALONE     ? now + p->wait_seconds
                         : p->pause == PAUSE_QUOTA ? due_tomorrow(now)
                                                   : 0;
    if (p->state == JOB_ALONE)
        return;
    e->past.began = e->began;
    e->past.ended = now;
    e->past.end = p->state != JOB_HELD ? end[p->state] : p->drifted ? PAST_HELD : PAST_DONE;
}

static void conclude(schedule *s, entry *e)
{
    e->busy = false;
    e->job = NULL;
    e->done = s->plan->once;
    if (s->plan->once || e->progress.code == EXIT_INTERRUPTED)
        s->worst = schedule_worse(s->worst, e->progress.code);
    if (s->plan->once)
        return;
    note_past(s, e);
    plan_entry(s, e);
}

static void begun(entry *e, int64_t at, job *made)
{
    e->began = at;
    e->busy = true;
    e->job = made;
    e->ended = made == NULL;
}

/* Runs of all that is due are opened at once, so that no page of one delays another; then they go on. */
static void begin(schedule *s, const size_t *due, size_t count)
{
    const int64_t now = s->plan->once ? 0 : wall_now(s);
    job_start *start = calloc(count + 1, sizeof *start);
    if (!start) /* at the next look, then */
        return;
    for (size_t i = 0; i < count; i++) {
        entry *e = &s->entry[due[i]];
        start[i] = (job_start){.task = e->task, .progress = &e->progress};
    }
    jobs_begin(start, count);
    for (size_t i = 0; i < count; i++)
        begun(&s->entry[due[i]], now, start[i].job);
    free(start);
}

static void go_on(schedule *s, entry *e)
{
    if (pthread_create(&e->thread, &s->small, work, e) == 0) {
        e->threaded = true;
        return;
    }
    log_event(LOG_ERROR, e->task->def->name, "no_thread", "what=run");
    job_go_on(e->job); /* then here, while the others wait */
    e->ended = true;
}

static void collect(schedule *s, entry *e)
{
    if (e->threaded)
        (void)pthread_join(e->thread, NULL);
    e->threaded = false;
    conclude(s, e);
}

/* A hold that was released, or overtaken by a run of somebody else. */
static void look_at_hold(const schedule *s, entry *e)
{
    if (e->busy || e->past.end != PAST_HELD || timetable_held(&s->table, e->task->def->name))
        return;
    e->past.end = PAST_CUT;
    plan_entry(s, e);
}

static bool read_books(schedule *s, failure *f)
{
    size_t n = s->plan->tasks;
    due_past *past = calloc(n, sizeof *past);
    s->read = past && timetable_read(&s->table, s->plan->task, n, past, f);
    for (size_t i = 0; s->read && i < n; i++) {
        s->entry[i].past = past[i];
        plan_entry(s, &s->entry[i]);
    }
    free(past);
    return s->read;
}

/* Keeps in step with the registry: its clock, what it releases, and at first what was before. */
static void tick(schedule *s)
{
    failure f = {.text = ""};
    if (s->plan->once || wall_steady_ms() < s->next_tick)
        return;
    s->next_tick = wall_steady_ms() + TICK_EVERY_MS;
    if (!timetable_tick(&s->table, &f) || (!s->read && !read_books(s, &f))) {
        if (!s->told)
            log_event(LOG_WARNING, NULL, "schedule_not_read", "problem=\"%s\"", f.text);
        s->told = true;
        return;
    }
    s->told = false;
    for (size_t i = 0; i < s->plan->tasks; i++)
        look_at_hold(s, &s->entry[i]);
}

static bool is_due(const schedule *s, const entry *e)
{
    if (e->busy || e->done)
        return false;
    if (s->plan->once)
        return true;
    int64_t now = s->read ? wall_now(s) : -1;
    return now >= e->due && cron_within(e->task->def->schedule.hours, now);
}

/* One look at all; false: nothing is under way and nothing is to come. */
static bool look(schedule *s)
{
    bool stop = s->plan->task[0].orders->stop, left = false;
    size_t due[SOURCES_MAX], count = 0;
    if (!stop)
        tick(s);
    for (size_t i = 0; i < s->plan->tasks; i++) {
        entry *e = &s->entry[i];
        if (e->busy && e->ended)
            collect(s, e);
        if (!stop && is_due(s, e))
            due[count++] = i;
        left = left || e->busy || (!stop && !e->done);
    }
    if (count > 0)
        begin(s, due, count);
    for (size_t i = 0; i < s->plan->tasks; i++)
        if (s->entry[i].busy && s->entry[i].job && !s->entry[i].threaded)
            go_on(s, &s->entry[i]);
    return left;
}

/* What was never begun is told as stopped. */
static void end(schedule *s)
{
    for (size_t i = 0; i < s->plan->tasks; i++) {
        if (!s->plan->once || s->entry[i].done)
            continue;
        tell(s->entry[i].task, JOB_STOPPED);
        s->worst = schedule_worse(s->worst, EXIT_INTERRUPTED);
    }
    timetable_close(&s->table);
    (void)pthread_attr_destroy(&s->small);
    free(s->entry);
}

exit_code schedule_run(const schedule_plan *plan)
{
    schedule s = {.plan = plan};
    if (plan->tasks == 0 || plan->tasks > SOURCES_MAX || pthread_attr_init(&s.small) != 0)
        return EXIT_INTERNAL;
    (void)pthread_attr_setstacksize(&s.small, JOB_STACK);
    timetable_open(&s.table, plan->conninfo, plan->wall);
    s.entry = calloc(plan->tasks, sizeof *s.entry);
    if (!s.entry) {
        (void)pthread_attr_destroy(&s.small);
        return EXIT_INTERNAL;
    }
    for (size_t i = 0; i < plan->tasks; i++) {
        s.entry[i].task = &plan->task[i];
        tell(&plan->task[i], JOB_WAITING);
    }
    while (look(&s))
        (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * 1000000L}, NULL);
    end(&s);
    return s.worst;
}
