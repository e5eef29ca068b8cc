/*
 * main_decode.c - ekok-decode: started by ekok-etld, forks one cell for each that is asked for. It has no network, no
 * database, no keys, no files but the socket to the daemon, and looks at no foreign byte itself; the cells do, in their
 * jail. A cell is the daemon's child, not this process's: the daemon learns how each one ended.
 * Refuses to be run by hand.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cell/inmate.h"

enum { USAGE = 2, ASKED = 0 /* the daemon's socket */ };

/* The descriptor that comes with a request, or -1 at the end of requests. */
static int next_request(void)
{
    char byte = 0;
    int fd = -1;
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec into = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &into, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n;
    do
        n = recvmsg(ASKED, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    const struct cmsghdr *sent = n == 1 ? CMSG_FIRSTHDR(&message) : NULL;
    if (sent && sent->cmsg_level == SOL_SOCKET && sent->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(sent), sizeof fd);
    return fd;
}

static _Noreturn void become_cell(int fd)
{
    if (dup2(fd, ASKED) < 0 || syscall(SYS_close_range, 1U, ~0U, 0U) != 0)
        _exit(USAGE);
    inmate_run(ASKED);
}

int main(void)
{
    const struct rlimit none = {0, 0};
    int kind = 0;
    socklen_t size = sizeof kind;
    if (getsockopt(ASKED, SOL_SOCKET, SO_TYPE, &kind, &size) != 0 || kind != SOCK_SEQPACKET) {
        (void)fputs("ekok-decode is started by ekok-etld\n", stderr);
        return USAGE;
    }
    (void)signal(SIGTERM,
                 SIG_IGN); /* a page in hand is finished: the end comes when the daemon closes the socket */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setenv("TZ", "UTC0",
                 1); /* libzip asks for local times: read now, since no file can be opened later */
    tzset();
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0 ||
        syscall(SYS_close_range, 1U, ~0U, 0U) != 0)
        return USAGE;
    for (int fd = next_request(); fd >= 0; fd = next_request()) {
        long pid = syscall(SYS_clone, (unsigned long)CLONE_PARENT | SIGCHLD, 0L, 0L, 0L, 0L);
        if (pid == 0)
            become_cell(fd);
        (void)close(fd);
        if (write(ASKED, &pid, sizeof pid) != (ssize_t)sizeof pid)
            break;
    }
    return 0;
}
