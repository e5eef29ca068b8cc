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

#include "base/folder_sync.h"
#include "base/stop_point.h"
#include "base/write_all.h"
#include "secret/key_file.h"
#include "secret/key_set.h"
#include "secret/keyring_parse.h"
#include "secret/locked.h"

enum { PATH_TEXT = 1200 };

typedef struct {
    const char *path;
    int lock;
    key_set *set;
    wrapper *wrapper;
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
    return store_lock(s, f) && (s->set = key_set_read(path, true, f)) != NULL;
}

static void store_close(store *s)
{
    key_set_free(s->set);
    wrapper_close(s->wrapper);
    if (s->lock >= 0)
        (void)close(s->lock);
}

static bool write_new(const char *name, span text)
{
    (void)unlink(name); /* what a crash left */
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write_all(fd, text) && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    return good;
}

/* Is it the file to go on with? Read as whoever starts next will read it. */
static bool opens(const char *name, failure *f)
{
    failure why;
    key_set *set = key_set_read(name, true, &why);
    key_set_free(set);
    return set || fail(f, EXIT_KEYS, "the new key file would not open, the old one stays: %.300s", why.text);
}

static bool replace(const char *path, span text, failure *f)
{
    char name[PATH_TEXT];
    (void)snprintf(name, sizeof name, "%s.new", path);
    bool good = write_new(name, text) ||
                fail(f, EXIT_KEYS, "key file %s: cannot be written: %s", name, strerror(errno));
    good = good && opens(name, f);
    if (!good) {
        (void)unlink(name);
        return false;
    }
    stop_point("wrap_written");
    if (rename(name, path) != 0 || !folder_sync_of(path))
        return fail(f, EXIT_KEYS, "key file %s: cannot be replaced: %s", path, strerror(errno));
    stop_point("wrap_replaced");
    return true;
}

/* By the wrapper at hand, which is closed: a token is left before the file is read back. */
static bool store_write(store *s, failure *f)
{
    char *text = locked_new(KEY_FILE_MAX, f);
    size_t size = text ? keyring_text(s->set, s->wrapper, text, f) : 0;
    wrapper_close(s->wrapper);
    s->wrapper = NULL;
    bool good = size > 0 && replace(s->path, (span){text, size}, f);
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
    s->wrapper = wrapper_open(&s->set->wrapping, path, f);
    return s->wrapper != NULL;
}

bool key_store_wrap(const char *path, const char *wrapping, failure *f)
{
    store s;
    bool good = store_open(&s, path, f);
    s.wrapper = good ? wrapper_choose(wrapping, path, &s.set->wrapping, f) : NULL;
    good = s.wrapper && store_write(&s, f);
    store_close(&s);
    return good;
}

_Static_assert((int)KEY_STORE_WORDS >= (int)WRAP_WORDS, "room for the words of any wrapping key");

bool key_store_next(const char *path, int64_t mark, char *out, failure *f)
{
    size_t size;
    key_wrapping now;
    char *text = locked_new(KEY_FILE_MAX, f);
    bool good = text && key_file_read(path, text, KEY_FILE_MAX, &size, f) &&
                keyring_parse_wrapping(path, (span){text, size}, &now, f) &&
                wrapper_next(&now, path, mark, out, f);
    locked_free(text, KEY_FILE_MAX);
    return good;
}

bool key_store_wrapped(const char *path, bool *wrapped, failure *f)
{
    key_set *set = key_set_read(path, true, f);
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
