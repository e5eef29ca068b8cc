/*
 * keyring.c - opens, refreshes and closes a keyring. Refuses what key_file.h refuses, and a reading that has lost a key
 * or holds another one in its place. A reading that was replaced stays
 * until the ring is closed, since other threads may be using it: 10 KiB of locked memory for each change of the file.
 */
#include "secret/keyring.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "secret/file_mark.h"
#include "secret/key_loader.h"
#include "secret/key_set.h"
#include "secret/keyring_private.h"
#include "secret/worker.h"

typedef struct {
    _Atomic(key_set *) now;
    atomic_int_fast64_t looked; /* second of the last look at the file */
    pthread_mutex_t reading;
    key_loader *loader; /* reads for us; NULL: we do */
    file_mark mark;     /* of what we read last */
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

/* The mark is taken before reading: a change in between is seen by the next look. */
static bool read_here(ring_state *s, key_set **out, failure *f)
{
    file_mark now = file_mark_of(s->path);
    *out = NULL;
    if (file_mark_same(&now, &s->mark))
        return true;
    *out = key_set_read(s->path, false, f);
    if (*out)
        s->mark = now;
    return *out != NULL;
}

/* Puts what was read, if anything was, before what was there. */
static bool look(ring_state *s, failure *f)
{
    key_set *set;
    s->looked = coarse_second();
    if (!(s->loader ? key_loader_look(s->loader, &set, f) : read_here(s, &set, f)))
        return false;
    if (!set)
        return true;
    if (s->now && !key_set_follows(set, s->now)) {
        key_set_free(set);
        return fail(f, EXIT_KEYS,
                    "key file %s: does not hold all the keys that were in it; the keys stay as they were",
                    s->path);
    }
    set = key_set_link(set, s->now);
    if (!set)
        return fail(f, EXIT_KEYS, "keys cannot be made read-only");
    s->now = set;
    return true;
}

static keyring *open_ring(const char *path, bool apart, failure *f)
{
    keyring *ring = calloc(1, sizeof *ring);
    ring_state *s = calloc(1, sizeof *s);
    if (ring && s && strlen(path) < sizeof s->path) {
        memcpy(s->path, path, strlen(path) + 1);
        ring->state = s;
        s->mark = (file_mark){.size = -1};
        (void)pthread_mutex_init(&s->reading, NULL);
        if ((!apart || (s->loader = key_loader_start(s->path, f)) != NULL) && look(s, f))
            return ring;
        key_loader_stop(s->loader);
    } else {
        (void)fail(f, EXIT_KEYS, "key file %.100s: no memory, or its name is too long", path);
    }
    free(s);
    free(ring);
    return NULL;
}

keyring *keyring_open(const char *path, failure *f)
{
    return open_ring(path, false, f);
}

keyring *keyring_open_apart(const char *path, failure *f)
{
    return open_ring(path, true, f);
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
    key_loader_stop(ring->state->loader);
    (void)pthread_mutex_destroy(&ring->state->reading);
    free(ring->state);
    free(ring);
}

bool keyring_refresh(const keyring *ring, failure *f)
{
    ring_state *s = ring->state;
    (void)pthread_mutex_lock(&s->reading);
    bool good = look(s, f);
    (void)pthread_mutex_unlock(&s->reading);
    return good;
}

uint64_t keyring_reading(const keyring *ring)
{
    const key_set *set = ring->state->now;
    return set->serial;
}

/* One looks; the others go on with the keys as they are meanwhile. */
const key_set *keyring_now(const keyring *ring)
{
    ring_state *s = ring->state;
    if (s->looked != coarse_second() && pthread_mutex_trylock(&s->reading) == 0) {
        failure ignored; /* the keys as they were go on; whoever needs a new one says that it is missing */
        if (!look(s, &ignored))
            s->looked = coarse_second();
        (void)pthread_mutex_unlock(&s->reading);
    }
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
