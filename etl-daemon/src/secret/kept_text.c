/*
 * kept_text.c - see kept_text.h.
 */
#include "secret/kept_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "secret/key_file.h"
#include "secret/locked.h"

bool kept_text_path(const kept_text *place, char out[KEPT_PATH], failure *f)
{
    const char *slash = strrchr(place->key_path, '/'), *given = getenv("CREDENTIALS_DIRECTORY");
    int length;
    if (place->credential) {
        if (strchr(place->name, '/') || !given || *given != '/')
            return fail(f, EXIT_KEYS,
                        "key file %s: its %s is the credential %.100s, and systemd hands over none: "
                        "LoadCredentialEncrypted in the unit, $CREDENTIALS_DIRECTORY elsewhere",
                        place->key_path, place->what, place->name);
        length = snprintf(out, KEPT_PATH, "%s/%s", given, place->name);
    } else if (place->name[0] == '/' || !slash) {
        length = snprintf(out, KEPT_PATH, "%s", place->name);
    } else {
        length =
            snprintf(out, KEPT_PATH, "%.*s/%s", (int)(slash - place->key_path), place->key_path, place->name);
    }
    return (length > 0 && length < KEPT_PATH) ||
           fail(f, EXIT_KEYS, "key file %s: the name of its %s is too long", place->key_path, place->what);
}

static bool read_credential(const char *path, char out[KEPT_TEXT], size_t *size, failure *f)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t got = -1;
    if (fd < 0)
        return fail(f, EXIT_KEYS, "credential %s: %s", path, strerror(errno));
    bool good = locked_file_check(fd, path, KEPT_TEXT - 1, true, f);
    if (good && (got = read(fd, out, KEPT_TEXT - 1)) < 0)
        good = fail(f, EXIT_KEYS, "credential %s: %s", path, strerror(errno));
    (void)close(fd);
    *size = got > 0 ? (size_t)got : 0;
    return good;
}

bool kept_text_read(const kept_text *place, char out[KEPT_TEXT], size_t *size, failure *f)
{
    char path[KEPT_PATH];
    *size = 0;
    if (!kept_text_path(place, path, f) ||
        !(place->credential ? read_credential(path, out, size, f)
                            : key_file_read(path, out, KEPT_TEXT - 1, size, f)))
        return false;
    while (*size > 0 && (out[*size - 1] == '\n' || out[*size - 1] == '\r'))
        --*size;
    out[*size] = '\0';
    return true;
}
