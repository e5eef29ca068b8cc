/*
 * serve.c - see serve.h.
 */
#include "agent/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "agent/answer.h"
#include "base/log.h"
#include "secret/seal.h"
#include "secret/worker.h"

enum { STACK = 512 << 10, IDLE_MS = 600000, MESSAGE_MS = 10000, SPARE = 4, BACKLOG = 128 };

struct server {
    const post *post;
    const keyring *ring;
    guard *guard;
    int listening;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t begun;
    bool go;
    int seats[POST_CALLERS];
    int open[POST_SEATS_ALL + SPARE]; /* the connection of each thread, -1: none */
    pthread_mutex_t large;            /* one large message at a time: memory */
    atomic_bool ending;
    pthread_t thread[POST_SEATS_ALL + SPARE];
    size_t threads;
};

typedef struct {
    server *server;
    size_t number;
} thread_start;

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* All of it before the deadline, or false. */
static bool move(int fd, uint8_t *bytes, size_t count, bool out, int64_t deadline)
{
    size_t done = 0;
    while (done < count) {
        struct pollfd wait = {fd, out ? POLLOUT : POLLIN, 0};
        int64_t left = deadline - now_ms();
        if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
            return false;
        ssize_t n = out ? send(fd, bytes + done, count - done, MSG_NOSIGNAL | MSG_DONTWAIT)
                        : recv(fd, bytes + done, count - done, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool send_answer(int fd, buf *out)
{
    bool sent = out->size > 0 && move(fd, (uint8_t *)out->data, out->size, true, now_ms() + MESSAGE_MS);
    if (out->data)
        wipe(out->data, out->size);
    return sent;
}

static void say_no(int fd, ekok_agent_no code, const char *text)
{
    buf out;
    refusal r;
    buf_init(&out, EKOK_AGENT_SMALL);
    (void)refuse(&r, code, "%s", text);
    answer_refusal(&r, &out);
    if (!send_answer(fd, &out))
        log_event(LOG_DEBUG, NULL, "key_refusal_unheard", "code=%d", (int)code);
    buf_free(&out);
}

/* The memory of one connection: what is read, and what is answered. */
typedef struct {
    uint8_t *in;
    size_t room;
    buf out;
} talk_memory;

static bool make_room(talk_memory *m, size_t size)
{
    if (size <= m->room)
        return true;
    uint8_t *more = malloc(size);
    if (!more)
        return false;
    free(m->in);
    m->in = more;
    m->room = size;
    return true;
}

/* What a large message took goes back to the system. */
static void give_back(talk_memory *m)
{
    buf_free(&m->out);
    buf_init(&m->out, EKOK_AGENT_LARGE + EKOK_AGENT_HEAD);
    free(m->in);
    m->in = NULL;
    m->room = 0;
}

/* Reads the payload, answers it, wipes both. */
static bool answer_one(int fd, const asking *a, ekok_agent_head head, talk_memory *m)
{
    bool good = make_room(m, head.size) && move(fd, m->in, head.size, false, now_ms() + MESSAGE_MS);
    if (good) {
        answer_request(a, head.kind, (span){(const char *)m->in, head.size}, &m->out);
        good = send_answer(fd, &m->out);
    }
    if (m->in)
        wipe(m->in, head.size < m->room ? head.size : m->room);
    return good;
}

static bool one_request(server *s, int fd, const asking *a, talk_memory *m)
{
    uint8_t bytes[EKOK_AGENT_HEAD];
    ekok_agent_head head;
    struct pollfd wait = {fd, POLLIN, 0};
    if (poll(&wait, 1, IDLE_MS) <= 0 || !move(fd, bytes, sizeof bytes, false, now_ms() + MESSAGE_MS))
        return false;
    bool read = ekok_agent_head_read(bytes, &head);
    size_t room = read ? answer_room(a, head.kind) : 0;
    if (!read || head.size > room) {
        bool allowed = !read || room > 0;
        say_no(fd, allowed ? EKOK_AGENT_NO_MESSAGE : EKOK_AGENT_NO_CALLER,
               allowed ? "the message is of another version, or too long"
                       : "this user may not do that here; see [caller ...] may in the agent's configuration");
        return false;
    }
    bool large = head.size > EKOK_AGENT_BATCH + EKOK_AGENT_SMALL;
    if (large)
        (void)pthread_mutex_lock(&s->large);
    bool good = answer_one(fd, a, head, m);
    if (large) {
        give_back(m);
        (void)pthread_mutex_unlock(&s->large);
    }
    return good;
}

static bool take_seat(server *s, const caller *who, size_t thread, int fd)
{
    size_t i = (size_t)(who - s->post->caller);
    (void)pthread_mutex_lock(&s->lock);
    bool free_seat = s->seats[i] < who->seats && !s->ending;
    if (free_seat) {
        s->seats[i]++;
        s->open[thread] = fd;
    }
    (void)pthread_mutex_unlock(&s->lock);
    return free_seat;
}

static void leave_seat(server *s, const caller *who, size_t thread)
{
    (void)pthread_mutex_lock(&s->lock);
    s->seats[who - s->post->caller]--;
    s->open[thread] = -1;
    (void)pthread_mutex_unlock(&s->lock);
}

static void talk(server *s, size_t thread, int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    bool told = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
    const caller *who = told ? post_caller(s->post, peer.uid) : NULL;
    if (!who) {
        log_event(LOG_WARNING, NULL, "key_stranger", "uid=%u", told ? (unsigned)peer.uid : 0U);
        say_no(fd, EKOK_AGENT_NO_CALLER,
               "this user of the machine is nobody here; see [caller ...] in the agent's configuration");
    } else if (!take_seat(s, who, thread, fd)) {
        say_no(fd, EKOK_AGENT_NO_BUSY, "this caller has all its connections in use; see [caller ...] seats");
    } else {
        const asking a = {s->ring, s->guard, who};
        talk_memory m = {NULL, 0, {NULL, 0, 0, 0}};
        buf_init(&m.out, EKOK_AGENT_LARGE + EKOK_AGENT_HEAD);
        while (!s->ending && one_request(s, fd, &a, &m))
            continue;
        give_back(&m);
        leave_seat(s, who, thread);
    }
}

static void *thread_main(void *argument)
{
    thread_start start = *(thread_start *)argument;
    server *s = start.server;
    free(argument);
    (void)pthread_mutex_lock(&s->lock);
    while (!s->go)
        (void)pthread_cond_wait(&s->begun, &s->lock);
    (void)pthread_mutex_unlock(&s->lock);
    while (!s->ending) {
        int fd = accept4(s->listening, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            struct timespec pause = {0, 20000000};
            (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
            continue;
        }
        talk(s, start.number, fd);
        (void)close(fd);
    }
    worker_drop(); /* expanded keys are wiped with it */
    return NULL;
}

static bool listen_at(server *s, failure *f)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct stat old;
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", s->post->socket);
    if (lstat(at.sun_path, &old) == 0 && S_ISSOCK(old.st_mode))
        (void)unlink(at.sun_path); /* the trace's lock says that no other agent of ours is alive */
    s->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return (s->listening >= 0 && bind(s->listening, (struct sockaddr *)&at, sizeof at) == 0 &&
            chmod(at.sun_path, 0666) == 0 && listen(s->listening, BACKLOG) == 0) ||
           fail(f, EXIT_CONFIG, "%s: cannot listen: %s; see [agent] socket", at.sun_path, strerror(errno));
}

static bool start_threads(server *s, failure *f)
{
    pthread_attr_t attributes;
    size_t wanted = SPARE;
    for (size_t i = 0; i < s->post->callers; i++)
        wanted += (size_t)s->post->caller[i].seats;
    bool good = pthread_attr_init(&attributes) == 0 && pthread_attr_setstacksize(&attributes, STACK) == 0;
    while (good && s->threads < wanted) {
        thread_start *start = malloc(sizeof *start);
        good = start != NULL;
        if (!good)
            break;
        *start = (thread_start){s, s->threads};
        good = pthread_create(&s->thread[s->threads], &attributes, thread_main, start) == 0;
        if (good)
            s->threads++;
        else
            free(start);
    }
    (void)pthread_attr_destroy(&attributes);
    return good ||
           fail(f, EXIT_INTERNAL, "the threads of %zu connections cannot be made; see TasksMax", wanted);
}

server *server_open(const post *p, const keyring *ring, guard *g, failure *f)
{
    server *s = calloc(1, sizeof *s);
    if (!s) {
        (void)fail(f, EXIT_INTERNAL, "no memory for connections");
        return NULL;
    }
    s->post = p;
    s->ring = ring;
    s->guard = g;
    s->listening = -1;
    memset(s->open, -1, sizeof s->open);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_mutex_init(&s->large, NULL);
    (void)pthread_cond_init(&s->begun, NULL);
    if (listen_at(s, f) && start_threads(s, f))
        return s;
    server_close(s);
    return NULL;
}

void server_begin(server *s)
{
    (void)pthread_mutex_lock(&s->lock);
    s->go = true;
    (void)pthread_cond_broadcast(&s->begun);
    (void)pthread_mutex_unlock(&s->lock);
}

void server_close(server *s)
{
    if (!s)
        return;
    s->ending = true;
    (void)pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->threads; i++)
        if (s->open[i] >= 0)
            (void)shutdown(s->open[i], SHUT_RDWR);
    (void)pthread_mutex_unlock(&s->lock);
    server_begin(s);
    if (s->listening >= 0)
        (void)shutdown(s->listening, SHUT_RDWR);
    for (size_t i = 0; i < s->threads; i++)
        (void)pthread_join(s->thread[i], NULL);
    if (s->listening >= 0)
        (void)close(s->listening);
    (void)pthread_cond_destroy(&s->begun);
    (void)pthread_mutex_destroy(&s->lock);
    (void)pthread_mutex_destroy(&s->large);
    free(s);
}
