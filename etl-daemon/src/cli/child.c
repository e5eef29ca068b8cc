/*
 * child.c - see child.h. A child gets a session of its own no more than we have one: what ends us, ends it.
 */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In the child: never returns. */
static _Noreturn void become(const char *const *word, const char *log, int signal_with_us, pid_t parent)
{
    int out = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (out >= 0 && in >= 0 && dup2(in, STDIN_FILENO) == 0 && dup2(out, STDOUT_FILENO) == 1 &&
        dup2(out, STDERR_FILENO) == 2 && prctl(PR_SET_PDEATHSIG, signal_with_us) == 0 && getppid() == parent)
        (void)execvp(word[0], (char *const *)(void *)word);
    (void)dprintf(STDERR_FILENO, "ERROR: %s cannot be started: %s\n", word[0], strerror(errno));
    _exit(127);
}

bool child_start(child *c, const char *const *word, const char *log, int signal_with_us, failure *f)
{
    pid_t parent = getpid();
    (void)fflush(stdout);
    (void)unlink(log);
    *c = (child){.pid = fork()};
    if (c->pid == 0)
        become(word, log, signal_with_us, parent);
    if (c->pid < 0) {
        c->pid = 0;
        return fail(f, EXIT_INTERNAL, "%.200s cannot be started: %s", word[0], strerror(errno));
    }
    return true;
}

bool child_alive(child *c)
{
    if (c->pid == 0)
        return false;
    pid_t ended = waitpid(c->pid, &c->status, WNOHANG);
    if (ended == c->pid)
        c->pid = 0;
    return ended == 0;
}

bool child_wait(child *c)
{
    while (c->pid != 0 && waitpid(c->pid, &c->status, 0) < 0)
        if (errno != EINTR)
            return false;
    c->pid = 0;
    return WIFEXITED(c->status) && WEXITSTATUS(c->status) == 0;
}

void child_stop(child *c, int signal, int seconds)
{
    const struct timespec pause = {0, 50 * 1000 * 1000};
    if (c->pid == 0)
        return;
    (void)kill(c->pid, signal);
    for (int i = 0; i < seconds * 20 && child_alive(c); i++)
        (void)nanosleep(&pause, NULL);
    if (c->pid != 0) {
        (void)kill(c->pid, SIGKILL);
        (void)child_wait(c);
    }
}

void child_complaint(const char *log, char out[CHILD_LINE])
{
    char line[1024];
    FILE *in = fopen(log, "re");
    out[0] = '\0';
    while (in && fgets(line, sizeof line, in)) {
        line[strcspn(line, "\r\n")] = '\0';
        const char *text = line;
        bool told = false;
        for (size_t i = 0; i < 3 && !told; i++) {
            static const char *const sign[] = {"ERROR:", "FATAL:", "PANIC:"};
            const char *at = strstr(line, sign[i]);
            told = at != NULL;
            text = told ? at : text;
        }
        if (*text)
            (void)snprintf(out, CHILD_LINE, "%.*s", CHILD_LINE - 1, text);
        if (told)
            break;
    }
    if (in)
        (void)fclose(in);
}
