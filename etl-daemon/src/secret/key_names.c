/*
 * key_names.c - what key files and people call purposes and states, and a key file of format 1 with new keys.
 */
#include <openssl/rand.h>
#include <stdio.h>

#include "secret/hex_key.h"
#include "secret/key_file.h"
#include "secret/key_set.h"
#include "secret/locked.h"

const char *key_purpose_name(key_purpose purpose)
{
    static const char *const name[KEY_PURPOSES] = {
        "data", "token_nid", "token_brn", "token_mobile", "token_wallet", "token_account", "row"};
    return name[purpose];
}

bool key_purpose_find(span name, key_purpose *out)
{
    for (int i = 0; i < KEY_PURPOSES; i++) {
        if (span_equals(name, key_purpose_name((key_purpose)i))) {
            *out = (key_purpose)i;
            return true;
        }
    }
    return false;
}

const char *key_state_name(key_state state)
{
    static const char *const name[KEY_STATES] = {"pre-active", "active", "decrypt-only", "retired",
                                                 "destroyed"};
    return name[state];
}

bool key_stands(key_state state)
{
    return state == KEY_PRE_ACTIVE || state == KEY_ACTIVE || state == KEY_DECRYPT_ONLY;
}

/* The text of a new key file with random keys; its size, or 0. */
static size_t write_text(char out[KEY_FILE_MAX])
{
    size_t at = (size_t)snprintf(out, KEY_FILE_MAX, "ekok-keys 1\n");
    for (int i = 0; i < KEY_PURPOSES; i++) {
        at += (size_t)snprintf(out + at, KEY_FILE_MAX - at, "%s 1 ", key_purpose_name((key_purpose)i));
        uint8_t *key = (uint8_t *)out + at + KEY_BYTES; /* widened in place, from its own first byte on */
        if (RAND_priv_bytes(key, KEY_BYTES) != 1)
            return 0;
        hex_key_write(key, KEY_BYTES, out + at);
        at += 2 * (size_t)KEY_BYTES;
        out[at++] = '\n';
    }
    return at;
}

bool keyring_create(const char *path, failure *f)
{
    key_set *guard =
        key_set_new(f); /* says why memory cannot be locked, and makes the process not dumpable */
    char *text = guard ? locked_new(KEY_FILE_MAX, f) : NULL;
    size_t size = text ? write_text(text) : 0;
    bool created = size > 0;
    if (text && size == 0)
        (void)fail(f, EXIT_KEYS, "OpenSSL gives no random bytes");
    created = created && key_file_create(path, (span){text, size}, f);
    locked_free(text, KEY_FILE_MAX);
    key_set_free(guard);
    return created;
}
