/* house.c - see house.h. */
#include "cell/house.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

enum { PATH_ROOM = 4200 };

struct house {
    char program[PATH_ROOM];
    pthread_mutex_t lock;
    int fd; /* to ekok-decode, -1: it does not run */
    pid_t pid;
};

static void find_program(char out[PATH_ROOM])
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    (void)snprintf(out, PATH_ROOM, "%s/ekok-decode", slash ? self : ".");
}

static void stop(house *h)
{
    if (h->fd < 0)
        return;
    (void)close(h->fd);
    (void)kill(h->pid, SIGKILL);
    (void)waitpid(h->pid, NULL, 0);
    h->fd = -1;
}

/* The new process has one descriptor, no environment, and no signal blocked. */
static int spawn(house *h, int socket)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    char *const word[] = {(char[]){"ekok-decode"}, NULL}, *const environment[] = {NULL};
    (void)sigemptyset(&none);
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error |= posix_spawn_file_actions_adddup2(&actions, socket, 0);
        error |= posix_spawn_file_actions_addclosefrom_np(&actions, 1);
        error |= posix_spawnattr_setsigmask(&attributes, &none);
        error |= posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        error = error ? ENOMEM : posix_spawn(&h->pid, h->program, &actions, &attributes, word, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}

static bool start(house *h, failure *f)
{
    int pair[2];
    if (h->fd >= 0)
        return true;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return fail(f, EXIT_INTERNAL, "no socket for the decoder: %s", strerror(errno));
    int error = spawn(h, pair[1]);
    (void)close(pair[1]);
    if (error == 0) {
        h->fd = pair[0];
        return true;
    }
    (void)close(pair[0]);
    return fail(f, EXIT_INTERNAL, "%s cannot be started: %s", h->program, strerror(error));
}

house *house_open(const char *program, failure *f)
{
    house *h = calloc(1, sizeof *h);
    if (!h || pthread_mutex_init(&h->lock, NULL) != 0) {
        free(h);
        (void)fail(f, EXIT_INTERNAL, "no memory for the decoder");
        return NULL;
    }
    h->fd = -1;
    if (program)
        (void)snprintf(h->program, sizeof h->program, "%s", program);
    else
        find_program(h->program);
    if (start(h, f))
        return h;
    house_close(h);
    return NULL;
}

const char *house_program(const house *h)
{
    return h->program;
}

void house_close(house *h)
{
    if (!h)
        return;
    stop(h);
    (void)pthread_mutex_destroy(&h->lock);
    free(h);
}

/* Hands over the cell's end of its socket and reads the cell's process number. */
static bool ask(const house *h, int cell_end, pid_t *pid)
{
    char byte = 'c';
    long answer = -1;
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {.room = ""};
    struct iovec from = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &from, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *sent = CMSG_FIRSTHDR(&message);
    sent->cmsg_level = SOL_SOCKET;
    sent->cmsg_type = SCM_RIGHTS;
    sent->cmsg_len = CMSG_LEN(sizeof cell_end);
    memcpy(CMSG_DATA(sent), &cell_end, sizeof cell_end);
    if (sendmsg(h->fd, &message, MSG_NOSIGNAL) != 1 ||
        recv(h->fd, &answer, sizeof answer, 0) != sizeof answer)
        return false;
    *pid = (pid_t)answer;
    return answer > 0;
}

bool house_new_cell(house *h, int *fd, pid_t *pid, failure *f)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return fail(f, EXIT_INTERNAL, "no socket for a decoder: %s", strerror(errno));
    (void)pthread_mutex_lock(&h->lock);
    bool good = start(h, f) && ask(h, pair[1], pid);
    if (!good && h->fd >= 0) { /* it has ended: once more with a new one */
        log_event(LOG_WARNING, NULL, "decoder_restarted", "pid=%ld", (long)h->pid);
        stop(h);
        good = start(h, f) && (ask(h, pair[1], pid) || fail(f, EXIT_INTERNAL, "ekok-decode gives no cell"));
    }
    (void)pthread_mutex_unlock(&h->lock);
    (void)close(pair[1]);
    if (good)
        *fd = pair[0];
    else
        (void)close(pair[0]);
    return good;
}
