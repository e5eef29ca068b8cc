/*
 * journal_keeper.c - see journal_keeper.h. A message asks, a message answers; a descriptor goes beside the answer.
 */
#include "agent/journal_keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 /* a slow disk is waited for; so is everybody who asks meanwhile */ };

typedef struct {
    enum { MAKE_NEXT = 1, TURN } what;
    uint64_t first;
} question;

typedef struct {
    journal_turned is;
    failure why;
} answer;

struct journal_keeper {
    int fd; /* -1: it is gone */
    const char *path;
};

/* fd: -1 for none; it is closed here. */
static bool send_answer(int to, const answer *a, int fd)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof fd)];
    } control;
    struct iovec bytes = {(void *)(uintptr_t)a, sizeof *a};
    struct msghdr m = {.msg_iov = &bytes, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    if (fd >= 0) {
        m.msg_control = &control;
        m.msg_controllen = sizeof control;
        control.head = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
        memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    }
    bool sent = sendmsg(to, &m, MSG_NOSIGNAL) == (ssize_t)sizeof *a;
    if (fd >= 0)
        (void)close(fd);
    return sent;
}

/* Waits to be asked, for as long as there is somebody to ask. */
static void serve(const char *path, int fd)
{
    question q;
    for (;;) {
        ssize_t n = recv(fd, &q, sizeof q, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != (ssize_t)sizeof q || (q.what != MAKE_NEXT && q.what != TURN))
            return;
        answer a;
        memset(&a, 0, sizeof a);
        int next = q.what == MAKE_NEXT ? journal_next(path, &a.why) : -1;
        a.is = q.what == TURN ? journal_turn(path, q.first, &a.why) : JOURNAL_STAYS;
        if (!send_answer(fd, &a, next))
            return;
    }
}

static void child_main(const char *path, int fd, pid_t parent)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL); /* it ends with its parent, not by itself */
    (void)prctl(PR_SET_NAME, "ekok-keyd-files");
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && getppid() == parent)
        serve(path, fd);
    _exit(0);
}

journal_keeper *journal_keeper_start(const char *path, failure *f)
{
    int pair[2];
    const pid_t parent = getpid();
    journal_keeper *k = calloc(1, sizeof *k);
    if (!k || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        (void)fail(f, EXIT_INTERNAL, "no process to move the files of the trace: %s", strerror(errno));
        free(k);
        return NULL;
    }
    const pid_t child = fork();
    if (child == 0) {
        (void)close(pair[0]);
        child_main(path, pair[1], parent);
    }
    (void)close(pair[1]);
    *k = (journal_keeper){.fd = pair[0], .path = path};
    if (child > 0)
        return k;
    (void)fail(f, EXIT_INTERNAL, "no process to move the files of the trace: %s", strerror(errno));
    journal_keeper_stop(k);
    return NULL;
}

static void hang_up(journal_keeper *k)
{
    if (k->fd >= 0)
        (void)close(k->fd);
    k->fd = -1;
}

void journal_keeper_stop(journal_keeper *k)
{
    if (k)
        hang_up(k);
    free(k);
}

/* *fd: what came beside the answer; -1: nothing. */
static bool receive(journal_keeper *k, answer *a, int *fd)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof *fd)];
    } control;
    struct iovec bytes = {a, sizeof *a};
    struct msghdr m = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct pollfd wait = {k->fd, POLLIN, 0};
    int n;
    *fd = -1;
    do {
        n = poll(&wait, 1, PATIENCE_MS);
    } while (n < 0 && errno == EINTR);
    if (n != 1 || recvmsg(k->fd, &m, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof *a)
        return false;
    const struct cmsghdr *sent = CMSG_FIRSTHDR(&m);
    if (sent && sent->cmsg_level == SOL_SOCKET && sent->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(sent), sizeof *fd);
    return true;
}

/*
 * *asked: whether it may have been heard. An answer that came late would be taken for the next one's: no more is asked
 * then.
 */
static bool ask(journal_keeper *k, const question *q, answer *a, int *fd, bool *asked)
{
    *fd = -1;
    *asked = k->fd >= 0 && send(k->fd, q, sizeof *q, MSG_NOSIGNAL) == (ssize_t)sizeof *q;
    if (*asked && receive(k, a, fd))
        return true;
    hang_up(k);
    return false;
}

static void say_gone(const journal_keeper *k, failure *f)
{
    (void)fail(f, EXIT_INTERNAL, "%s: the process that moves its files is gone; restart the agent", k->path);
}

int journal_keeper_next(journal_keeper *k, failure *f)
{
    answer a;
    question q;
    int fd;
    bool asked;
    memset(&q, 0, sizeof q);
    q.what = MAKE_NEXT;
    if (!ask(k, &q, &a, &fd, &asked))
        say_gone(k, f);
    else if (fd < 0)
        *f = a.why;
    return fd;
}

journal_turned journal_keeper_turn(journal_keeper *k, uint64_t first, failure *f)
{
    answer a;
    question q;
    int fd;
    bool asked;
    memset(&q, 0, sizeof q);
    q.what = TURN;
    q.first = first;
    if (ask(k, &q, &a, &fd, &asked)) {
        if (a.is != JOURNAL_TURNED)
            *f = a.why;
        return a.is;
    }
    say_gone(k, f);
    return asked ? JOURNAL_LOST : JOURNAL_STAYS;
}
