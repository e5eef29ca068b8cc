/*
 * key_set.c - see key_set.h.
 */
#include "secret/key_set.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "secret/key_file.h"
#include "secret/keyring_parse.h"
#include "secret/locked.h"
#include "secret/seal.h"

size_t key_set_size(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (sizeof(key_set) + page - 1) / page * page;
}

/* A child is left without the region instead of with a wiped one: zeros would seal under a known key. */
key_set *key_set_new(failure *f)
{
    static atomic_uint_fast64_t last_serial;
    size_t size = key_set_size();
    key_set *set = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (set == MAP_FAILED) {
        (void)fail(f, EXIT_KEYS, "no memory for keys: %s", strerror(errno));
        return NULL;
    }
    if (mlock(set, size) != 0 || madvise(set, size, MADV_DONTDUMP) != 0 ||
        madvise(set, size, MADV_DONTFORK) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0) {
        (void)fail(
            f, EXIT_KEYS,
            "keys cannot be locked in memory: %s; raise the limit on locked memory (LimitMEMLOCK, ulimit -l)",
            strerror(errno));
        munmap(set, size);
        return NULL;
    }
    set->serial = atomic_fetch_add(&last_serial, 1) + 1;
    return set;
}

void key_set_free(key_set *set)
{
    if (!set)
        return;
    if (mprotect(set, key_set_size(), PROT_READ | PROT_WRITE) == 0)
        wipe(set, sizeof *set);
    munmap(set, key_set_size());
}

key_set *key_set_link(key_set *set, key_set *before)
{
    if (mprotect(set, key_set_size(), PROT_READ | PROT_WRITE) == 0) {
        set->before = before;
        if (mprotect(set, key_set_size(), PROT_READ) == 0)
            return set;
    }
    key_set_free(set);
    return NULL;
}

static bool holds(const key_set *set, key_purpose purpose, const kept_key *key)
{
    for (size_t i = 0; i < set->count[purpose]; i++)
        if (set->kept[purpose][i].version == key->version)
            return memcmp(set->kept[purpose][i].commitment, key->commitment, COMMITMENT_BYTES) == 0;
    return false;
}

bool key_set_follows(const key_set *set, const key_set *before)
{
    for (int purpose = 0; purpose < KEY_PURPOSES; purpose++)
        for (size_t i = 0; i < before->count[purpose]; i++)
            if (!holds(set, (key_purpose)purpose, &before->kept[purpose][i]))
                return false;
    return true;
}

key_set *key_set_read(const char *path, bool attended, failure *f)
{
    size_t size;
    key_set *set = key_set_new(f);
    if (set)
        set->wrapping.attended = attended;
    char *text = set ? locked_new(KEY_FILE_MAX, f) : NULL;
    bool good = text && key_file_read(path, text, KEY_FILE_MAX, &size, f) &&
                keyring_parse(set, path, (span){text, size}, f);
    locked_free(text, KEY_FILE_MAX);
    if (good)
        return set;
    f->code = EXIT_KEYS;
    key_set_free(set);
    return NULL;
}

bool key_commit(const uint8_t key[KEY_BYTES], uint8_t out[COMMITMENT_BYTES])
{
    static const char subject[] = "ekok commitment";
    size_t size = 0;
    return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, KEY_BYTES, (const unsigned char *)subject,
                     sizeof subject - 1, out, COMMITMENT_BYTES, &size) &&
           size == COMMITMENT_BYTES;
}

const kept_key *key_find(const key_set *set, key_purpose purpose, uint32_t version)
{
    if (version == 0)
        return &set->kept[purpose][set->active[purpose]];
    for (size_t i = 0; i < set->count[purpose]; i++)
        if (set->kept[purpose][i].version == version)
            return set->kept[purpose][i].state == KEY_DESTROYED ? NULL : &set->kept[purpose][i];
    return NULL;
}

uint32_t key_set_next(const key_set *set, key_purpose purpose)
{
    size_t count = set->count[purpose];
    const kept_key *last = count ? &set->kept[purpose][count - 1] : NULL;
    return last && last->state == KEY_PRE_ACTIVE ? last->version : 0;
}

kept_key *key_set_add(key_set *set, key_purpose purpose, uint32_t version, key_state state)
{
    if (set->count[purpose] >= KEY_VERSIONS_MAX)
        return NULL;
    kept_key *kept = &set->kept[purpose][set->count[purpose]];
    if (state == KEY_ACTIVE)
        set->active[purpose] = set->count[purpose];
    kept->version = version;
    kept->state = state;
    set->count[purpose]++;
    return kept;
}
