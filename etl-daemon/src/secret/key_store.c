/*
 * key_store.c - see key_store.h.
 */
#include "secret/key_store.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/write_all.h"
#include "secret/key_set.h"
#include "secret/key_wrap.h"
#include "secret/keyring_parse.h"
#include "secret/locked.h"

enum { PATH_TEXT = 1200 };

typedef struct {
    const char *path;
    int lock;
    key_set *set;
    uint8_t *kek;
} store;

static bool store_lock(store *s, failure *f)
{
    char name[PATH_TEXT];
    (void)snprintf(name, sizeof name, "%s.lock", s->path);
    s->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->lock < 0)
        return fail(f, EXIT_KEYS, "key file %s: its folder cannot be written: %s", s->path, strerror(errno));
    return flock(s->lock, LOCK_EX | LOCK_NB) == 0 ||
           fail(f, EXIT_KEYS, "key file %s: is being changed by another process", s->path);
}

static bool store_open(store *s, const char *path, failure *f)
{
    *s = (store){.path = path, .lock = -1};
    if (strlen(path) > PATH_TEXT - 16)
        return fail(f, EXIT_KEYS, "key file %.100s...: its name is too long", path);
    s->kek = locked_new(KEY_BYTES, f);
    return s->kek && store_lock(s, f) && (s->set = key_set_read(path, f)) != NULL;
}

static void store_close(store *s)
{
    key_set_free(s->set);
    locked_free(s->kek, KEY_BYTES);
    if (s->lock >= 0)
        (void)close(s->lock);
}

static bool sync_folder(const char *path)
{
    char folder[PATH_TEXT];
    const char *slash = strrchr(path, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    return good;
}

static bool replace(const char *path, span text, failure *f)
{
    char name[PATH_TEXT];
    (void)snprintf(name, sizeof name, "%s.new", path);
    (void)unlink(name); /* what a crash left */
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write_all(fd, text) && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    good = good && rename(name, path) == 0 && sync_folder(path);
    return good || fail(f, EXIT_KEYS, "key file %s: cannot be replaced: %s", path, strerror(errno));
}

/* kek: the wrapping key of the set. */
static bool store_write(const store *s, failure *f)
{
    char *text = locked_new(KEY_FILE_MAX, f);
    size_t size = text ? keyring_text(s->set, s->kek, text) : 0;
    bool good = text != NULL;
    if (good && size == 0)
        good = fail(f, EXIT_KEYS, "OpenSSL cannot wrap keys with AES-256-WRAP-PAD");
    good = good && replace(s->path, (span){text, size}, f);
    locked_free(text, KEY_FILE_MAX);
    return good;
}

/* For a change of versions: format 2 only. */
static bool store_begin(store *s, const char *path, failure *f)
{
    if (!store_open(s, path, f))
        return false;
    if (s->set->wrapping.kind == WRAP_NONE)
        return fail(f, EXIT_KEYS,
                    "key file %s: is of format 1, which has one version of each key; see "
                    "ekok keys upgrade",
                    path);
    return wrapping_key(&s->set->wrapping, path, s->kek, f);
}

bool key_store_wrap(const char *path, const char *wrapping, failure *f)
{
    store s;
    bool good = store_open(&s, path, f) && wrapping_choose(wrapping, path, &s.set->wrapping, s.kek, f) &&
                store_write(&s, f);
    store_close(&s);
    return good;
}

bool key_store_wrapped(const char *path, bool *wrapped, failure *f)
{
    key_set *set = key_set_read(path, f);
    if (!set)
        return false;
    *wrapped = set->wrapping.kind != WRAP_NONE;
    key_set_free(set);
    return true;
}

static bool add_random(store *s, key_purpose purpose, uint32_t *version, failure *f)
{
    size_t count = s->set->count[purpose];
    kept_key *kept =
        key_set_add(s->set, purpose, s->set->kept[purpose][count - 1].version + 1, KEY_PRE_ACTIVE);
    if (!kept)
        return fail(f, EXIT_KEYS, "key file %s: %s has %d versions, which is all there is room for", s->path,
                    key_purpose_name(purpose), KEY_VERSIONS_MAX);
    if (RAND_priv_bytes(kept->key, KEY_BYTES) != 1 || !key_commit(kept->key, kept->commitment))
        return fail(f, EXIT_KEYS, "OpenSSL gives no random bytes");
    *version = kept->version;
    return store_write(s, f);
}

bool key_store_add(const char *path, key_purpose purpose, uint32_t *version, failure *f)
{
    store s;
    bool good = store_begin(&s, path, f);
    *version = good ? key_set_next(s.set, purpose) : 0;
    if (good && *version == 0)
        good = add_random(&s, purpose, version, f);
    store_close(&s);
    return good;
}

static kept_key *find(store *s, key_purpose purpose, uint32_t version, failure *f)
{
    for (size_t i = 0; i < s->set->count[purpose]; i++)
        if (s->set->kept[purpose][i].version == version)
            return &s->set->kept[purpose][i];
    (void)fail(f, EXIT_KEYS, "key file %s: has no version %u of %s", s->path, version,
               key_purpose_name(purpose));
    return NULL;
}

bool key_store_activate(const char *path, key_purpose purpose, uint32_t version, failure *f)
{
    store s;
    bool good = store_begin(&s, path, f);
    kept_key *kept = good ? find(&s, purpose, version, f) : NULL;
    good = kept != NULL;
    if (good && kept->state != KEY_ACTIVE) {
        s.set->kept[purpose][s.set->active[purpose]].state = KEY_DECRYPT_ONLY;
        good = kept->state == KEY_PRE_ACTIVE ||
               fail(f, EXIT_KEYS, "key file %s: version %u of %s is %s and cannot become active", path,
                    version, key_purpose_name(purpose), key_state_name(kept->state));
        kept->state = KEY_ACTIVE;
        good = good && store_write(&s, f);
    }
    store_close(&s);
    return good;
}

bool key_store_end(const char *path, key_purpose purpose, uint32_t version, key_state state, failure *f)
{
    store s;
    bool good = store_begin(&s, path, f);
    kept_key *kept = good ? find(&s, purpose, version, f) : NULL;
    good = kept != NULL;
    if (good && kept->state < state) {
        good = kept->state != KEY_ACTIVE ||
               fail(f, EXIT_KEYS, "key file %s: version %u of %s is active; rotate it first", path, version,
                    key_purpose_name(purpose));
        kept->state = state;
        good = good && store_write(&s, f);
    }
    store_close(&s);
    return good;
}
