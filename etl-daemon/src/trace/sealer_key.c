/*
 * sealer_key.c - see sealer_key.h. The file is looked at once a round; one that holds no key, or one that may not sign,
 * is told once and not looked at again before it changes.
 */
#include "trace/sealer_key.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"
#include "trace/succession.h"

static sealer_stamp stamp_of(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return (sealer_stamp){.file = 0};
    return (sealer_stamp){st.st_dev, st.st_ino, st.st_ctim};
}

static bool same_stamp(const sealer_stamp *a, const sealer_stamp *b)
{
    return a->device == b->device && a->file == b->file && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

bool sealer_key_open(sealer *s, const char *path, failure *f)
{
    s->key_file = path;
    s->stamp = stamp_of(path);
    s->signer = signer_open(path, f);
    return s->signer != NULL;
}

void sealer_key_close(sealer *s)
{
    signer_close(s->signer);
    s->signer = NULL;
}

static void on_forged(void *context, const char *what)
{
    (void)context;
    log_event(LOG_WARNING, NULL, "signing_key_not_trusted", "problem=\"%s\"", what);
}

/* What the registry says of a key: its state, and whether it follows another and has not signed yet. */
static bool ask_state(sealer *s, const signer *key, char state[16], bool *fresh, failure *f)
{
    char text[PUBLIC_KEY_TEXT];
    const char *param[] = {text};
    public_key_write(signer_public(key), text);
    pg_rows *rows = pg_query(s->pg, "SELECT keyring.check_signer($1)", 1, param, f);
    (void)snprintf(state, 16, "%s", rows ? pg_rows_get(rows, 0, 0) : "");
    pg_rows_free(rows);
    if (!state[0])
        return false;
    rows = pg_query(
        s->pg,
        "SELECT EXISTS (SELECT FROM keyring.signer WHERE public_key = $1 AND follows IS NOT NULL AND "
        "first_size IS NULL)",
        1, param, f);
    *fresh = rows && *pg_rows_get(rows, 0, 0) == 't';
    bool good = rows != NULL;
    pg_rows_free(rows);
    return good;
}

static bool may_sign(const char *state)
{
    return strcmp(state, "active") == 0 || strcmp(state, "decrypt-only") == 0;
}

bool sealer_key_trust(sealer *s, failure *f)
{
    s->keys = s->given;
    /* Limits are the auditors': here every checkpoint is held against the tree itself. */
    for (size_t i = 0; i < s->keys.count; i++)
        s->keys.until[i] = KEY_UNLIMITED;
    if (!key_list_add(&s->keys, signer_public(s->signer)))
        return fail(f, EXIT_CONFIG, "there are more than %d public keys", KEYS_MAX);
    return succession_follow(s->pg, &s->keys, on_forged, NULL, f);
}

bool sealer_key_admit(sealer *s, failure *f)
{
    char state[16];
    if (!ask_state(s, s->signer, state, &s->fresh, f))
        return false;
    return may_sign(state) ||
           fail(f, EXIT_KEYS,
                "key file %.200s: its key is %s for the registry and may not sign; ekok keys status shows "
                "which one does, ekok keys rotate audit changes it",
                s->key_file, state);
}

static void stay(const sealer *s, const char *why)
{
    log_event(LOG_ERROR, NULL, "signing_key_not_followed",
              "file=%.200s problem=\"%s; the key before goes on signing\"", s->key_file, why);
}

void sealer_key_reopen(sealer *s)
{
    const sealer_stamp now = stamp_of(s->key_file);
    failure why = {.text = ""};
    if (same_stamp(&now, &s->stamp))
        return;
    signer *next = signer_open(s->key_file, &why);
    s->stamp = now;
    if (!next) {
        stay(s, why.text);
        return;
    }
    signer_close(s->signer);
    s->signer = next;
}

/* Takes the key that the file holds now; it is closed where it is not taken. */
static bool change_to(sealer *s, signer *next, failure *f)
{
    char state[16];
    bool fresh = false, good = succession_follow(s->pg, &s->keys, on_forged, NULL, f) &&
                               ask_state(s, next, state, &fresh, f);
    bool warranted = good && key_list_find(&s->keys, signer_public(next)) < s->keys.count;
    if (good && warranted && strcmp(state, "active") == 0) {
        char name[PUBLIC_KEY_TEXT];
        public_key_write(signer_public(next), name);
        log_event(LOG_INFO, NULL, "signing_key_followed", "key=%s size=%llu", name,
                  (unsigned long long)s->edge.size);
        signer_close(s->signer);
        s->signer = next;
        s->fresh = fresh;
        return true;
    }
    if (good)
        stay(s, warranted ? "the registry does not have this key as the active one"
                          : "the key in hand did not hand over to it");
    signer_close(next);
    return good;
}

bool sealer_key_follow(sealer *s, failure *f)
{
    const sealer_stamp now = stamp_of(s->key_file);
    failure why = {.text = ""};
    if (same_stamp(&now, &s->stamp))
        return true;
    signer *next = signer_open(s->key_file, &why);
    bool good = true;
    if (!next)
        stay(s, why.text);
    else if (memcmp(signer_public(next)->bytes, signer_public(s->signer)->bytes,
                    sizeof signer_public(next)->bytes) == 0)
        signer_close(next);
    else
        good = change_to(s, next, f);
    if (good)
        s->stamp = now;
    return good;
}
