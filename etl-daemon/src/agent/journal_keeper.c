/*
 * journal_keeper.c - see journal_keeper.h. A message asks, a message answers; a descriptor goes beside the answer.
 */
#include "agent/journal_keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attendant.h"

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
static void serve(void *context, int fd)
{
    const char *path = context;
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

journal_keeper *journal_keeper_start(const char *path, failure *f)
{
    journal_keeper *k = calloc(1, sizeof *k);
    const attendant files = {"ekok-keyd-files", SOCK_SEQPACKET, serve, (void *)(uintptr_t)path};
    if (k)
        *k = (journal_keeper){.fd = attendant_start(&files), .path = path};
    if (k && k->fd >= 0)
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
    *fd = -1;
    if (!attendant_answers(k->fd, PATIENCE_MS) || recvmsg(k->fd, &m, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof *a)
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
static bool ask(journal_keeper *k, question q, answer *a, int *fd, bool *asked)
{
    *fd = -1;
    *asked = k->fd >= 0 && send(k->fd, &q, sizeof q, MSG_NOSIGNAL) == (ssize_t)sizeof q;
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
    int fd;
    bool asked;
    if (!ask(k, (question){.what = MAKE_NEXT}, &a, &fd, &asked))
        say_gone(k, f);
    else if (fd < 0)
        *f = a.why;
    return fd;
}

journal_turned journal_keeper_turn(journal_keeper *k, uint64_t first, failure *f)
{
    answer a;
    int fd;
    bool asked;
    if (ask(k, (question){.what = TURN, .first = first}, &a, &fd, &asked)) {
        if (a.is != JOURNAL_TURNED)
            *f = a.why;
        return a.is;
    }
    say_gone(k, f);
    return asked ? JOURNAL_LOST : JOURNAL_STAYS;
}
