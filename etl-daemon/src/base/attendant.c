/* attendant.c - see attendant.h. */
#include "base/attendant.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void attend(const attendant *a, int fd, pid_t master)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL); /* it ends with its master, not by itself */
    (void)prctl(PR_SET_NAME, a->name);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && getppid() == master)
        a->serve(a->context, fd);
    _exit(0);
}

int attendant_start(const attendant *a)
{
    int pair[2];
    const pid_t master = getpid();
    if (socketpair(AF_UNIX, a->type | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    const pid_t child = fork();
    const int why = errno;
    if (child == 0) {
        (void)close(pair[0]);
        attend(a, pair[1], master);
    }
    (void)close(pair[1]);
    if (child > 0)
        return pair[0];
    (void)close(pair[0]);
    errno = why;
    return -1;
}

bool attendant_answers(int fd, int milliseconds)
{
    struct pollfd wait = {fd, POLLIN, 0};
    int n;
    do {
        n = poll(&wait, 1, milliseconds);
    } while (n < 0 && errno == EINTR);
    return n == 1;
}
