/*
 * keyring.c - opens, refreshes and closes a keyring. Refuses what key_file.h refuses. A reading that was replaced stays
 * until the ring is closed, since other threads may be using it: 10 KiB of locked memory for each change of the file.
 */
#include "secret/keyring.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "secret/key_set.h"
#include "secret/keyring_private.h"
#include "secret/worker.h"

/* What tells one content of a path from another. */
typedef struct {
    dev_t device;
    ino_t file;
    off_t size;
    struct timespec changed;
} file_mark;

typedef struct {
    _Atomic(key_set *) now;
    atomic_int_fast64_t looked; /* second of the last look at the file */
    pthread_mutex_t reading;
    bool held; /* the file is not looked at again */
    file_mark mark;
    char path[1024];
} ring_state;

/* The state changes behind a ring that is const to those who seal. */
struct keyring {
    ring_state *state;
};

static int64_t coarse_second(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec;
}

static bool mark_of(const char *path, file_mark *out)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    *out = (file_mark){st.st_dev, st.st_ino, st.st_size, st.st_ctim};
    return true;
}

static bool same_mark(const file_mark *a, const file_mark *b)
{
    return a->device == b->device && a->file == b->file && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* The mark is taken before reading: a change in between is seen by the next look. */
static key_set *read_set(ring_state *s, failure *f)
{
    if (!mark_of(s->path, &s->mark))
        s->mark = (file_mark){.size = -1};
    key_set *set = key_set_read(s->path, false, f);
    if (set && mprotect(set, key_set_size(), PROT_READ) != 0) {
        (void)fail(f, EXIT_KEYS, "keys cannot be made read-only");
        key_set_free(set);
        return NULL;
    }
    return set;
}

keyring *keyring_open(const char *path, failure *f)
{
    keyring *ring = calloc(1, sizeof *ring);
    ring_state *s = calloc(1, sizeof *s);
    if (ring && s && strlen(path) < sizeof s->path) {
        memcpy(s->path, path, strlen(path) + 1);
        ring->state = s;
        (void)pthread_mutex_init(&s->reading, NULL);
        s->looked = coarse_second();
        s->now = read_set(s, f);
        if (s->now)
            return ring;
    } else {
        (void)fail(f, EXIT_KEYS, "key file %.100s: no memory, or its name is too long", path);
    }
    free(s);
    free(ring);
    return NULL;
}

/* Wipes before the memory goes back; the calling thread's contexts go as well. */
void keyring_close(keyring *ring)
{
    if (!ring)
        return;
    worker_drop();
    key_set *set = ring->state->now;
    while (set) {
        key_set *before = set->before;
        key_set_free(set);
        set = before;
    }
    (void)pthread_mutex_destroy(&ring->state->reading);
    free(ring->state);
    free(ring);
}

void keyring_hold(keyring *ring)
{
    ring->state->held = true;
}

bool keyring_refresh(const keyring *ring, failure *f)
{
    ring_state *s = ring->state;
    file_mark mark;
    bool good = true;
    if (s->held)
        return true;
    (void)pthread_mutex_lock(&s->reading);
    s->looked = coarse_second();
    if (!mark_of(s->path, &mark) || !same_mark(&mark, &s->mark)) {
        file_mark before = s->mark;
        key_set *set = read_set(s, f);
        good = set != NULL;
        if (set)
            set = key_set_link(set, s->now);
        if (set)
            s->now = set;
        else
            s->mark = before;
    }
    (void)pthread_mutex_unlock(&s->reading);
    return good;
}

const key_set *keyring_now(const keyring *ring)
{
    ring_state *s = ring->state;
    failure ignored; /* the keys as they were go on; whoever needs a new one says that it is missing */
    if (s->looked != coarse_second() && !keyring_refresh(ring, &ignored))
        return s->now;
    return s->now;
}

uint32_t keyring_version(const keyring *ring, key_purpose purpose)
{
    const key_set *set = ring->state->now;
    return set->kept[purpose][set->active[purpose]].version;
}

uint32_t keyring_next(const keyring *ring, key_purpose purpose)
{
    return key_set_next(keyring_now(ring), purpose);
}

size_t keyring_versions(const keyring *ring, key_purpose purpose, key_facts out[KEY_VERSIONS_MAX])
{
    const key_set *set = ring->state->now;
    for (size_t i = 0; i < set->count[purpose]; i++) {
        const kept_key *kept = &set->kept[purpose][i];
        out[i] = (key_facts){.version = kept->version, .state = kept->state};
        memcpy(out[i].commitment, kept->commitment, COMMITMENT_BYTES);
    }
    return set->count[purpose];
}

void keyring_commitment(const keyring *ring, key_purpose purpose, uint8_t out[COMMITMENT_BYTES])
{
    const key_set *set = ring->state->now;
    memcpy(out, set->kept[purpose][set->active[purpose]].commitment, COMMITMENT_BYTES);
}

bool mac_equal(const void *a, const void *b, size_t count)
{
    return CRYPTO_memcmp(a, b, count) == 0;
}
