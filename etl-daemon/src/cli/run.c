/*
 * run.c - ekok-etld as a child in a process group of its own, so that Ctrl-C reaches it once, through us; its
 * progress and its log by pipes. Refuses to hide a warning or an error: they come above the bars, or between the lines.
 */
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/daemon.h"
#include "cli/screen.h"

enum { LINE_ROOM = 8192, ARGUMENTS_MAX = 2 * PROGRESS_SOURCES + 16, REDRAW_MS = 200 };

/* A pipe's bytes, cut into lines. */
typedef struct {
    int fd; /* -1: at its end */
    char text[LINE_ROOM];
    size_t size;
} line_reader;

typedef struct {
    pid_t child;
    line_reader progress_lines, log_lines;
    progress seen;
    screen screen;
} runner;

static volatile sig_atomic_t signal_to_pass;

static void on_signal(int signal)
{
    signal_to_pass = signal;
}

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* In the child: never returns. */
static _Noreturn void become_daemon(const run_request *request, int progress_fd, int log_fd)
{
    char path[DAEMON_PATH], fd_text[16];
    const char *word[ARGUMENTS_MAX] = {"ekok-etld",   "--config",      request->config_file,
                                       request->mode, "--progress-fd", fd_text};
    size_t n = 6;
    (void)snprintf(fd_text, sizeof fd_text, "%d", progress_fd);
    for (size_t i = 0; i < request->sources && n + 3 < ARGUMENTS_MAX; i++) {
        word[n++] = "--source";
        word[n++] = request->source[i];
    }
    if (request->most && n + 3 < ARGUMENTS_MAX) {
        word[n++] = "--most";
        word[n++] = request->most;
    }
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)dup2(log_fd, STDERR_FILENO);
    daemon_path(path);
    (void)execvp(path, (char *const *)(void *)word);
    (void)fprintf(stderr, "ekok: %s cannot be started: %s\n", path, strerror(errno));
    _exit(EXIT_INTERNAL);
}

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            (void)close(pair[i]);
}

static bool start(runner *r, const run_request *request, failure *f)
{
    int channel[2] = {-1, -1}, log[2] = {-1, -1};
    bool good = pipe(channel) == 0 && pipe(log) == 0;
    if (good) {
        (void)fcntl(channel[0], F_SETFD, FD_CLOEXEC);
        (void)fcntl(log[0], F_SETFD, FD_CLOEXEC);
        (void)fflush(stdout);
        r->child = fork();
        if (r->child == 0)
            become_daemon(request, channel[1], log[1]);
        good = r->child > 0;
    }
    if (!good) {
        close_pair(channel);
        close_pair(log);
        return fail(f, EXIT_INTERNAL, "ekok-etld cannot be started: %s", strerror(errno));
    }
    (void)close(channel[1]);
    (void)close(log[1]);
    r->progress_lines.fd = channel[0];
    r->log_lines.fd = log[0];
    return true;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
}

static void on_progress_line(runner *r, const char *line)
{
    (void)progress_take(&r->seen, line, seconds_now());
}

/* What is for a log only is left out, and what the sources' own lines say already. */
static void on_log_line(runner *r, const char *line)
{
    if (!strstr(line, " level=info ") && !strstr(line, " level=debug ") &&
        !strstr(line, " event=run_ended ") && !strstr(line, " event=verify_ended "))
        screen_say(&r->screen, line);
}

static void read_lines(runner *r, line_reader *from, void (*on_line)(runner *, const char *))
{
    ssize_t got = read(from->fd, from->text + from->size, LINE_ROOM - 1 - from->size);
    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        (void)close(from->fd);
        from->fd = -1;
        return;
    }
    from->size += (size_t)got;
    char *begin = from->text, *end = NULL;
    from->text[from->size] = '\0';
    while ((end = strchr(begin, '\n'))) {
        *end = '\0';
        on_line(r, begin);
        begin = end + 1;
    }
    from->size = strlen(begin);
    if (from->size >= LINE_ROOM - 1) /* no line of ours is that long */
        from->size = 0;
    memmove(from->text, begin, from->size);
}

static void pass_signal_on(runner *r)
{
    int signal = signal_to_pass;
    signal_to_pass = 0;
    if (signal == 0)
        return;
    (void)kill(r->child, signal);
    screen_say(&r->screen, "ekok: stopping after the pages in hand; once more: do not wait for the sources");
}

static void watch(runner *r)
{
    while (r->progress_lines.fd >= 0 || r->log_lines.fd >= 0) {
        struct pollfd ready[] = {{r->progress_lines.fd, POLLIN, 0}, {r->log_lines.fd, POLLIN, 0}};
        int count = poll(ready, 2, REDRAW_MS);
        pass_signal_on(r);
        if (count > 0 && ready[0].revents)
            read_lines(r, &r->progress_lines, on_progress_line);
        if (count > 0 && ready[1].revents)
            read_lines(r, &r->log_lines, on_log_line);
        screen_update(&r->screen, &r->seen, seconds_now(), false);
    }
    screen_update(&r->screen, &r->seen, seconds_now(), true);
}

static exit_code await(runner *r, run_cost *cost, failure *f)
{
    int status = 0;
    struct rusage usage = {.ru_maxrss = 0};
    while (wait4(r->child, &status, 0, &usage) < 0 && errno == EINTR)
        pass_signal_on(r);
    cost->peak_kib = usage.ru_maxrss;
    if (WIFEXITED(status))
        return (exit_code)WEXITSTATUS(status);
    (void)fail(f, EXIT_INTERNAL, "ekok-etld was ended by signal %d; ekok run again goes on where it stood",
               WTERMSIG(status));
    return EXIT_INTERNAL;
}

exit_code cli_run(const run_request *request, failure *f)
{
    runner *r = calloc(1, sizeof *r);
    if (!r) {
        (void)fail(f, EXIT_INTERNAL, "no memory for the progress of the sources");
        return f->code;
    }
    screen_open(&r->screen);
    r->log_lines.fd = -1;
    catch_signals();
    exit_code code = f->code;
    if (start(r, request, f)) {
        run_cost cost = {.seconds = -seconds_now()};
        watch(r);
        code = await(r, &cost, f);
        cost.seconds += seconds_now();
        request->end(&r->seen, &cost, (int)code);
    } else {
        code = f->code;
    }
    free(r);
    return code;
}
