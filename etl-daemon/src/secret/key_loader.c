/*
 * key_loader.c - see key_loader.h. One byte asks, one answers; the reading, or a line that says why there is none, lies
 * in the shared memory meanwhile.
 */
#include "secret/key_loader.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attendant.h"
#include "base/own_process.h"
#include "secret/file_mark.h"
#include "secret/key_set.h"
#include "secret/seal.h"

enum { PATIENCE_MS = 20000 /* a token may be slow; a file is not */ };

typedef enum { ASK_LOOK = 'l', ASK_AGAIN = 'a' } question; /* again: the last reading was not taken */
typedef enum { SAYS_SAME = 's', SAYS_NEW = 'n', SAYS_FAILED = 'f' } answer;

typedef struct {
    failure why;
    key_set set;
} hand_over;

struct key_loader {
    int fd; /* -1: it is gone */
    bool again;
    const char *path;
    hand_over *shared;
};

static size_t shared_size(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (sizeof(hand_over) + page - 1) / page * page;
}

static hand_over *shared_new(failure *f)
{
    size_t size = shared_size();
    hand_over *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        (void)fail(f, EXIT_KEYS, "no memory to hand keys over: %s", strerror(errno));
        return NULL;
    }
    if (madvise(shared, size, MADV_DONTDUMP) == 0 && mlock(shared, size) == 0)
        return shared;
    (void)fail(f, EXIT_KEYS, "memory to hand keys over cannot be locked: %s; raise LimitMEMLOCK",
               strerror(errno));
    (void)munmap(shared, size);
    return NULL;
}

/* A PKCS#11 module is foreign code: of what it left behind at each reading there would be more with every one. */
static key_set *read_cleanly(const char *path, failure *f)
{
    own_process before, more;
    key_set *set = own_process_count(&before, f) ? key_set_read(path, false, f) : NULL;
    if (!set || own_process_back(&before, &more, f))
        return set;
    if (!f->text[0])
        (void)fail(
            f, EXIT_KEYS,
            "key file %s: the PKCS#11 module that it names leaves %d threads and %d descriptors behind "
            "when it is unloaded; the key agent needs another module",
            path, more.threads, more.descriptors);
    key_set_free(set);
    return NULL;
}

/* The loader's side. A mark is taken before reading: a change in between is seen by the next look. */
static answer look(const char *path, file_mark *last, bool again, hand_over *to)
{
    file_mark now = file_mark_of(path);
    if (!again && file_mark_same(&now, last))
        return SAYS_SAME;
    key_set *set = read_cleanly(path, &to->why);
    if (!set)
        return SAYS_FAILED;
    memcpy(&to->set, set, sizeof to->set);
    key_set_free(set);
    *last = now;
    return SAYS_NEW;
}

/* Waits to be asked, for as long as there is somebody to ask; it takes nothing in but that one byte. */
static void serve(const char *path, int fd, hand_over *to)
{
    file_mark last = {.size = -1};
    char byte;
    for (;;) {
        ssize_t n = recv(fd, &byte, 1, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != 1)
            return;
        byte = (char)look(path, &last, byte == ASK_AGAIN, to);
        if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
            return;
    }
}

static void serve_locked(void *context, int fd)
{
    const key_loader *l = context;
    (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT); /* what holds keys is locked in any case */
    if (mlock(l->shared, shared_size()) == 0)
        serve(l->path, fd, l->shared);
}

static bool start_child(key_loader *l, failure *f)
{
    l->fd = attendant_start(&(attendant){"ekok-keyd-load", SOCK_STREAM, serve_locked, l});
    return l->fd >= 0 || fail(f, EXIT_KEYS, "no process to read the key file: %s", strerror(errno));
}

key_loader *key_loader_start(const char *path, failure *f)
{
    key_loader *l = calloc(1, sizeof *l);
    if (!l) {
        (void)fail(f, EXIT_KEYS, "no memory to read the key file");
        return NULL;
    }
    *l = (key_loader){.fd = -1, .path = path};
    l->shared = shared_new(f);
    if (l->shared && start_child(l, f))
        return l;
    key_loader_stop(l);
    return NULL;
}

static void hang_up(key_loader *l)
{
    if (l->fd >= 0)
        (void)close(l->fd);
    l->fd = -1;
}

void key_loader_stop(key_loader *l)
{
    if (!l)
        return;
    hang_up(l);
    if (l->shared) {
        wipe(l->shared, sizeof *l->shared);
        (void)munmap(l->shared, shared_size());
    }
    free(l);
}

static bool ask(key_loader *l, char *byte)
{
    return l->fd >= 0 && send(l->fd, byte, 1, MSG_NOSIGNAL) == 1 && attendant_answers(l->fd, PATIENCE_MS) &&
           recv(l->fd, byte, 1, 0) == 1;
}

/* The copy is held against its commitments: what is taken is whole. */
static bool whole(const key_set *set)
{
    uint8_t made[COMMITMENT_BYTES];
    for (int purpose = 0; purpose < KEY_PURPOSES; purpose++) {
        if (set->count[purpose] == 0 || set->count[purpose] > KEY_VERSIONS_MAX ||
            set->active[purpose] >= set->count[purpose])
            return false;
        for (size_t i = 0; i < set->count[purpose]; i++) {
            const kept_key *kept = &set->kept[purpose][i];
            if (kept->state != KEY_DESTROYED &&
                (!key_commit(kept->key, made) || !mac_equal(made, kept->commitment, sizeof made)))
                return false;
        }
    }
    return true;
}

/* Serial and link are the new region's own. */
static key_set *take(const hand_over *from, failure *f)
{
    key_set *set = key_set_new(f);
    if (!set)
        return NULL;
    uint64_t serial = set->serial;
    memcpy(set, &from->set, sizeof *set);
    set->serial = serial;
    set->before = NULL;
    if (whole(set))
        return set;
    (void)fail(f, EXIT_KEYS, "a reading of the key file was handed over damaged");
    key_set_free(set);
    return NULL;
}

bool key_loader_look(key_loader *l, key_set **out, failure *f)
{
    char byte = l->again ? ASK_AGAIN : ASK_LOOK;
    *out = NULL;
    if (!ask(l, &byte)) {
        hang_up(l); /* an answer that came late would be taken for that of the next question */
        return fail(f, EXIT_KEYS,
                    "key file %s: the process that reads it is gone; the keys stay as they were until the "
                    "agent is restarted",
                    l->path);
    }
    if (byte == SAYS_SAME)
        return true;
    if (byte == SAYS_NEW)
        *out = take(l->shared, f);
    else
        *f = l->shared->why;
    l->again = byte == SAYS_NEW && !*out;
    wipe(l->shared, sizeof *l->shared);
    return *out != NULL;
}
