/*
 * wrapper.c - see wrapper.h. The commitment to a key at hand is that of every key (an HMAC); a key in a token makes no
 * HMAC, so its commitment is SHA-256 over what it makes of a text that everybody knows.
 */
#include "secret/wrapper.h"

#include <inttypes.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <unistd.h>

#include "base/stop_point.h"
#include "secret/hex_key.h"
#include "secret/kept_text.h"
#include "secret/key_file.h"
#include "secret/locked.h"
#include "secret/pkcs11.h"
#include "secret/pkcs11_uri.h"
#include "secret/seal.h"

struct wrapper {
    uint8_t kek[KEY_BYTES];
    pkcs11 *token; /* NULL: the key is at hand */
};

const char *wrap_kind_name(wrap_kind kind)
{
    static const char *const name[WRAP_KINDS] = {"none", "file", "credential", "pkcs11"};
    return name[kind];
}

bool wrapper_wrap(wrapper *w, const uint8_t key[KEY_BYTES], uint8_t out[WRAPPED_BYTES], failure *f)
{
    return w->token ? pkcs11_wrap(w->token, key, out, f)
                    : key_wrap(w->kek, key, out) ||
                          fail(f, EXIT_KEYS, "OpenSSL cannot wrap keys with AES-256-WRAP-PAD");
}

bool wrapper_unwrap(wrapper *w, const uint8_t wrapped[WRAPPED_BYTES], uint8_t out[KEY_BYTES], failure *f)
{
    return w->token ? pkcs11_unwrap(w->token, wrapped, out, f)
                    : key_unwrap(w->kek, wrapped, out) ||
                          fail(f, EXIT_KEYS, "it was changed, or another key wrapped it");
}

static bool commit(wrapper *w, uint8_t out[COMMITMENT_BYTES], failure *f)
{
    uint8_t known[SHA256_BYTES], wrapped[WRAPPED_BYTES];
    if (!w->token)
        return key_commit(w->kek, out) || fail(f, EXIT_KEYS, "OpenSSL cannot make an HMAC-SHA-256");
    return (sha256_of(span_of("ekok wrapping commitment"), known) ||
            fail(f, EXIT_KEYS, "OpenSSL cannot make a SHA-256")) &&
           wrapper_wrap(w, known, wrapped, f) &&
           (sha256_of((span){(const char *)wrapped, WRAPPED_BYTES}, out) ||
            fail(f, EXIT_KEYS, "OpenSSL cannot make a SHA-256"));
}

static kept_text place_of(const key_wrapping *w, const char *key_path)
{
    return (kept_text){w->kind == WRAP_CREDENTIAL, w->name, key_path, "wrapping key"};
}

static bool fetch(wrapper *out, const kept_text *place, failure *f)
{
    char path[KEPT_PATH], *text = locked_new(KEPT_TEXT, f);
    size_t size = 0;
    bool good = text && kept_text_path(place, path, f) && kept_text_read(place, text, &size, f);
    if (good && !hex_key_read((span){text, size}, out->kek, KEY_BYTES))
        good = fail(f, EXIT_KEYS, "wrapping key %s: is not %d hexadecimal digits", path, 2 * KEY_BYTES);
    locked_free(text, KEPT_TEXT);
    return good;
}

static bool make_file(wrapper *out, const char *path, failure *f)
{
    char *text = locked_new(KEPT_TEXT, f);
    bool good = text != NULL;
    if (good && RAND_priv_bytes(out->kek, KEY_BYTES) != 1)
        good = fail(f, EXIT_KEYS, "OpenSSL gives no random bytes");
    if (good) {
        hex_key_write(out->kek, KEY_BYTES, text);
        text[2 * KEY_BYTES] = '\n';
        good = key_file_create(path, (span){text, 2 * KEY_BYTES + 1}, f);
    }
    locked_free(text, KEPT_TEXT);
    return good;
}

static bool open_at_hand(wrapper *out, const key_wrapping *w, const char *key_path, bool make, failure *f)
{
    char path[KEPT_PATH];
    kept_text place = place_of(w, key_path);
    if (make && w->kind == WRAP_FILE && kept_text_path(&place, path, f) && access(path, F_OK) != 0)
        return make_file(out, path, f);
    return fetch(out, &place, f);
}

static bool open_any(wrapper *out, const key_wrapping *w, const char *key_path, bool make, failure *f)
{
    if (w->kind != WRAP_PKCS11)
        return open_at_hand(out, w, key_path, make, f);
    const pkcs11_request request = {w->name, key_path, make, w->attended};
    out->token = pkcs11_open(&request, f);
    return out->token != NULL;
}

/* What a message calls the key: a file's path, else its words. */
static void name_of(const key_wrapping *w, const char *key_path, char out[KEPT_PATH])
{
    failure ignored;
    kept_text place = place_of(w, key_path);
    if (w->kind == WRAP_PKCS11 || !kept_text_path(&place, out, &ignored))
        (void)snprintf(out, KEPT_PATH, "%s:%s", wrap_kind_name(w->kind), w->name);
}

wrapper *wrapper_open(const key_wrapping *w, const char *key_path, failure *f)
{
    char name[KEPT_PATH];
    uint8_t commitment[COMMITMENT_BYTES];
    wrapper *out = locked_new(sizeof *out, f);
    bool good = out && open_any(out, w, key_path, false, f) && commit(out, commitment, f);
    if (!good && f->code == EXIT_USAGE) { /* nobody has just typed these words: they stand in the file */
        failure why = *f;
        (void)fail(f, EXIT_KEYS, "key file %s: %.400s", key_path, why.text);
    }
    if (good && !mac_equal(commitment, w->commitment, COMMITMENT_BYTES)) {
        name_of(w, key_path, name);
        good = fail(f, EXIT_KEYS, "wrapping key %s: is not the one that wrapped %s", name, key_path);
    }
    if (good)
        return out;
    wrapper_close(out);
    return NULL;
}

static bool read_words(const char *words, key_wrapping *out, failure *f)
{
    const char *name = strchr(words, ':');
    *out = (key_wrapping){.kind = WRAP_NONE, .attended = true};
    for (int kind = WRAP_FILE; name && kind < WRAP_KINDS; kind++)
        if (span_equals((span){words, (size_t)(name - words)}, wrap_kind_name((wrap_kind)kind)))
            out->kind = (wrap_kind)kind;
    if (out->kind == WRAP_NONE || !name[1] || strlen(name + 1) >= WRAP_NAME || strpbrk(name + 1, " \t\r\n"))
        return fail(f, EXIT_USAGE,
                    "a wrapping key is file:NAME, credential:NAME or pkcs11:..., without blanks, of less "
                    "than %d bytes",
                    WRAP_NAME);
    (void)snprintf(out->name, WRAP_NAME, "%s", name + 1);
    return true;
}

wrapper *wrapper_choose(const char *words, const char *key_path, key_wrapping *out, failure *f)
{
    wrapper *w = read_words(words, out, f) ? locked_new(sizeof *w, f) : NULL;
    if (w && open_any(w, out, key_path, true, f) && commit(w, out->commitment, f)) {
        stop_point("wrap_made");
        return w;
    }
    wrapper_close(w);
    return NULL;
}

void wrapper_close(wrapper *w)
{
    if (w)
        pkcs11_close(w->token);
    locked_free(w, sizeof *w);
}

bool wrapper_next(const key_wrapping *now, const char *key_path, int64_t mark, char words[WRAP_WORDS],
                  failure *f)
{
    const char *slash = strrchr(key_path, '/');
    int length = snprintf(words, WRAP_WORDS, "file:%s.kek-%" PRId64, slash ? slash + 1 : key_path, mark);
    if (now->kind != WRAP_PKCS11)
        return length < WRAP_WORDS || fail(f, EXIT_KEYS, "key file %s: its name is too long", key_path);
    (void)snprintf(words, WRAP_WORDS, "%s:", wrap_kind_name(WRAP_PKCS11));
    return pkcs11_uri_next(now->name, mark, words + strlen(words), f);
}
