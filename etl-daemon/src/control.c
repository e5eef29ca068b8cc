/*
 * control.c - signals, the progress channel, the service manager. Refuses to let a reader that went away stop the
 * daemon.
 */
#include "control.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

enum { LOOK_EVERY_MS = 200 };

static void stop_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGHUP);
}

static void on_signal(control *c, int signal)
{
    if (signal == SIGHUP) {
        c->reload = true;
        c->orders.stop = 1;
        log_event(LOG_INFO, NULL, "reloading", "after=pages_in_hand");
        return;
    }
    c->terminate = true;
    if (c->orders.stop)
        c->orders.urgent = 1;
    c->orders.stop = 1;
    log_event(LOG_INFO, NULL, "stopping", "signal=%d urgent=%d", signal, c->orders.urgent);
}

/* Half of what the service manager waits for a sign of life; 0: it does not. */
static int64_t watchdog_ms(void)
{
    uint64_t microseconds = 0;
    return sd_watchdog_enabled(0, &microseconds) > 0 ? (int64_t)(microseconds / 2000) : 0;
}

static void *listen_for_signals(void *context)
{
    control *c = context;
    const struct timespec slice = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    int slices_since_stop = 0;
    int64_t sign_every = watchdog_ms(), since_sign = 0;
    sigset_t set;
    stop_signals(&set);
    while (!c->ended) {
        int signal = sigtimedwait(&set, NULL, &slice);
        if (signal > 0 && !c->ended)
            on_signal(c, signal);
        else if (!c->orders.stop)
            slices_since_stop = 0;
        else if (++slices_since_stop * LOOK_EVERY_MS >= GRACE_SECONDS * 1000)
            c->orders.urgent = 1;
        since_sign += LOOK_EVERY_MS;
        if (sign_every > 0 && since_sign >= sign_every) {
            control_notify("WATCHDOG=1");
            since_sign = 0;
        }
    }
    return NULL;
}

bool control_start(control *c, int progress_fd, failure *f)
{
    *c = (control){.progress_fd = progress_fd};
    sigset_t set;
    stop_signals(&set);
    (void)signal(SIGPIPE, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 ||
        pthread_create(&c->thread, NULL, listen_for_signals, c) != 0)
        return fail(f, EXIT_INTERNAL, "the thread that listens for signals does not start");
    return true;
}

void control_end(control *c)
{
    c->ended = 1;
    (void)pthread_kill(c->thread, SIGTERM); /* wakes it; it looks at `ended` first */
    (void)pthread_join(c->thread, NULL);
}

bool control_reload_wanted(control *c)
{
    return atomic_exchange(&c->reload, false);
}

bool control_go_on(control *c)
{
    c->orders.stop = c->orders.urgent = 0;
    if (!c->terminate) /* looked at last: a signal between the two lines is not lost */
        return true;
    c->orders.stop = 1;
    return false;
}

void control_notify(const char *state)
{
    (void)sd_notify(0, state); /* without a service manager there is nobody to be told */
}

void control_progress_line(const job_progress *p, char out[PROGRESS_LINE])
{
    (void)snprintf(out, PROGRESS_LINE,
                   "%s\t%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64
                   "\t%" PRId64 "\t%d\t%s",
                   p->source, job_state_name(p->state), p->rows, p->total, p->inserted, p->updated,
                   p->unchanged, p->quarantined, p->refused, p->pages, p->problem);
    size_t tabs = 0;
    for (char *at = out; *at; at++) {
        tabs += *at == '\t';
        if (*at == '\n' || *at == '\r' || (*at == '\t' && tabs > 10))
            *at = ' ';
    }
}

void control_report(void *context, const job_progress *progress)
{
    const control *c = context;
    char line[PROGRESS_LINE + 1];
    metrics_note(c->metrics, progress);
    if (c->progress_fd < 0)
        return;
    control_progress_line(progress, line);
    size_t size = strlen(line);
    line[size++] = '\n'; /* one write below PIPE_BUF: lines of threads do not mix */
    ssize_t done = write(c->progress_fd, line, size);
    if (done != (ssize_t)size)
        log_event(LOG_DEBUG, NULL, "progress_lost", "bytes=%zu", size);
}

void control_report_pass(void *context, const pass_progress *p)
{
    static const job_state state[] = {
        [PASS_WAITING] = JOB_WAITING,   [PASS_RUNNING] = JOB_RUNNING, [PASS_RETRYING] = JOB_RETRYING,
        [PASS_FINISHED] = JOB_FINISHED, [PASS_STOPPED] = JOB_STOPPED, [PASS_FAILED] = JOB_FAILED};
    job_progress same = {.source = p->system,
                         .state = state[p->state],
                         .rows = p->asked,
                         .total = p->planned,
                         .inserted = p->counts.matches,
                         .updated = p->counts.mismatches,
                         .unchanged = p->counts.unknowns,
                         .pages = (int)p->batches};
    (void)snprintf(same.problem, sizeof same.problem, "%s", p->problem);
    control_report(context, &same);
}
