/*
 * key_wrap.c - see key_wrap.h. OpenSSL's "id-aes256-wrap-pad" is RFC 5649; its check value tells a wrong key.
 */
#include "secret/key_wrap.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "secret/hex_key.h"
#include "secret/key_file.h"
#include "secret/locked.h"
#include "secret/seal.h"

enum { PATH_TEXT = 1400, HEX_FILE = 256 };

static bool run_wrap(const uint8_t *kek, span in, uint8_t *out, size_t size, int wrapping)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    uint8_t whole[WRAPPED_BYTES + 16]; /* OpenSSL rounds up to what it may write */
    int written = 0, rest = 0;
    bool done = cipher && c;
    if (done)
        EVP_CIPHER_CTX_set_flags(c, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    done = done && EVP_CipherInit_ex2(c, cipher, kek, NULL, wrapping, NULL) == 1 &&
           EVP_CipherUpdate(c, whole, &written, (const uint8_t *)in.p, (int)in.n) == 1 &&
           EVP_CipherFinal_ex(c, whole + written, &rest) == 1 && (size_t)(written + rest) == size;
    if (done)
        memcpy(out, whole, size);
    else
        wipe(out, size);
    wipe(whole, sizeof whole);
    EVP_CIPHER_CTX_free(c);
    EVP_CIPHER_free(cipher);
    return done;
}

bool key_wrap(const uint8_t kek[KEY_BYTES], const uint8_t key[KEY_BYTES], uint8_t out[WRAPPED_BYTES])
{
    return run_wrap(kek, (span){(const char *)key, KEY_BYTES}, out, WRAPPED_BYTES, 1);
}

bool key_unwrap(const uint8_t kek[KEY_BYTES], const uint8_t wrapped[WRAPPED_BYTES], uint8_t out[KEY_BYTES])
{
    return run_wrap(kek, (span){(const char *)wrapped, WRAPPED_BYTES}, out, KEY_BYTES, 0);
}

const char *wrap_kind_name(wrap_kind kind)
{
    static const char *const name[WRAP_KINDS] = {"none", "file", "credential"};
    return name[kind];
}

/* A name without '/' lies beside the key file; a credential in the folder that systemd names. */
static bool wrapping_path(const key_wrapping *w, const char *key_path, char out[PATH_TEXT], failure *f)
{
    const char *slash = strrchr(key_path, '/'), *given = getenv("CREDENTIALS_DIRECTORY");
    int length;
    if (w->kind == WRAP_CREDENTIAL) {
        if (strchr(w->name, '/') || !given || *given != '/')
            return fail(
                f, EXIT_KEYS,
                "key file %s: its wrapping key is the credential %.100s, and systemd hands over none: "
                "LoadCredentialEncrypted in the unit, $CREDENTIALS_DIRECTORY elsewhere",
                key_path, w->name);
        length = snprintf(out, PATH_TEXT, "%s/%s", given, w->name);
    } else if (w->name[0] == '/' || !slash) {
        length = snprintf(out, PATH_TEXT, "%s", w->name);
    } else {
        length = snprintf(out, PATH_TEXT, "%.*s/%s", (int)(slash - key_path), key_path, w->name);
    }
    return (length > 0 && length < PATH_TEXT) ||
           fail(f, EXIT_KEYS, "key file %s: the name of its wrapping key is too long", key_path);
}

static bool read_text(const key_wrapping *w, const char *path, char text[HEX_FILE], size_t *size, failure *f)
{
    if (w->kind != WRAP_CREDENTIAL)
        return key_file_read(path, text, HEX_FILE, size, f);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t got = -1;
    if (fd >= 0 && locked_file_check(fd, path, HEX_FILE, true, f))
        got = read(fd, text, HEX_FILE);
    else if (fd < 0)
        (void)fail(f, EXIT_KEYS, "credential %s: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    *size = got > 0 ? (size_t)got : 0;
    return got >= 0;
}

static bool fetch(const key_wrapping *w, const char *path, uint8_t out[KEY_BYTES], failure *f)
{
    char *text = locked_new(HEX_FILE, f);
    size_t size = 0;
    bool good = text && read_text(w, path, text, &size, f);
    while (good && size > 0 && text[size - 1] == '\n')
        size--;
    if (good && !hex_key_read((span){text, size}, out, KEY_BYTES))
        good = fail(f, EXIT_KEYS, "wrapping key %s: is not %d hexadecimal digits", path, 2 * KEY_BYTES);
    locked_free(text, HEX_FILE);
    return good;
}

bool wrapping_key(const key_wrapping *w, const char *key_path, uint8_t out[KEY_BYTES], failure *f)
{
    char path[PATH_TEXT];
    uint8_t commitment[COMMITMENT_BYTES];
    if (!wrapping_path(w, key_path, path, f) || !fetch(w, path, out, f))
        return false;
    if (key_commit(out, commitment) && mac_equal(commitment, w->commitment, COMMITMENT_BYTES))
        return true;
    wipe(out, KEY_BYTES);
    return fail(f, EXIT_KEYS, "wrapping key %s: is not the one that wrapped %s", path, key_path);
}

static bool make_file(const char *path, uint8_t key[KEY_BYTES], failure *f)
{
    char *text = locked_new(HEX_FILE, f);
    bool good = text != NULL;
    if (good && RAND_priv_bytes(key, KEY_BYTES) != 1)
        good = fail(f, EXIT_KEYS, "OpenSSL gives no random bytes");
    if (good) {
        hex_key_write(key, KEY_BYTES, text);
        text[2 * KEY_BYTES] = '\n';
        good = key_file_create(path, (span){text, 2 * KEY_BYTES + 1}, f);
    }
    locked_free(text, HEX_FILE);
    return good;
}

bool wrapping_choose(const char *words, const char *key_path, key_wrapping *out, uint8_t key[KEY_BYTES],
                     failure *f)
{
    char path[PATH_TEXT];
    const char *name = strchr(words, ':');
    *out = (key_wrapping){.kind = WRAP_NONE};
    for (int kind = WRAP_FILE; name && kind < WRAP_KINDS; kind++)
        if (span_equals((span){words, (size_t)(name - words)}, wrap_kind_name((wrap_kind)kind)))
            out->kind = (wrap_kind)kind;
    if (out->kind == WRAP_NONE || !name[1] || strlen(name + 1) >= WRAP_NAME || strpbrk(name + 1, " \t\n"))
        return fail(f, EXIT_USAGE, "a wrapping key is file:NAME or credential:NAME, without blanks");
    (void)snprintf(out->name, WRAP_NAME, "%s", name + 1);
    if (!wrapping_path(out, key_path, path, f))
        return false;
    bool made = out->kind == WRAP_FILE && access(path, F_OK) != 0;
    return (made ? make_file(path, key, f) : fetch(out, path, key, f)) &&
           (key_commit(key, out->commitment) || fail(f, EXIT_KEYS, "OpenSSL cannot make an HMAC-SHA-256"));
}
