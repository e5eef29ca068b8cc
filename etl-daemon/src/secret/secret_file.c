/*
 * secret_file.c - see secret_file.h: a mapping of its own holds the text.
 */
#include "secret/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "secret/locked.h"

enum { PATH_TEXT = 1200 };

struct secret_file {
    char text[SECRET_FILE_MAX + 1];
};

static bool plain_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return n > 0 && name[n] == '\0';
}

/* systemd's credentials are files of root, mode 0400, in a folder that is ours alone. */
static int open_secret(const char *directory, const char *name, char path[PATH_TEXT], bool *handed_over)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    (void)snprintf(path, PATH_TEXT, "%s/%s", directory, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    *handed_over = fd < 0 && errno == ENOENT && credentials && *credentials == '/';
    if (!*handed_over)
        return fd;
    char given[PATH_TEXT];
    (void)snprintf(given, sizeof given, "%s/%s", credentials, name);
    fd = open(given, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0)
        memcpy(path, given, PATH_TEXT);
    return fd;
}

static bool fill(secret_file *s, const char *directory, const char *name, failure *f)
{
    char path[PATH_TEXT];
    bool handed_over;
    int fd = open_secret(directory, name, path, &handed_over);
    if (fd < 0)
        return fail(f, EXIT_CONFIG, "%s: %s; a secret that a definition names is a file here", path,
                    strerror(errno));
    bool good = locked_file_check(fd, path, SECRET_FILE_MAX, handed_over, f);
    ssize_t size = good ? read(fd, s->text, SECRET_FILE_MAX) : 0;
    (void)close(fd);
    while (size > 0 && (s->text[size - 1] == '\n' || s->text[size - 1] == '\r'))
        s->text[--size] = '\0';
    if (good && (size <= 0 || memchr(s->text, '\0', (size_t)size)))
        good = fail(f, EXIT_CONFIG, "%s: is empty, or no text", path);
    return good;
}

secret_file *secret_file_read(const char *directory, const char *name, failure *f)
{
    if (!plain_name(name)) {
        (void)fail(f, EXIT_CONFIG, "a secret's name is made of a-z, 0-9, '_' and '-'");
        return NULL;
    }
    secret_file *s = locked_new(sizeof *s, f);
    if (s && fill(s, directory, name, f))
        return s;
    secret_file_free(s);
    return NULL;
}

void secret_file_free(secret_file *s)
{
    locked_free(s, sizeof *s);
}

const char *secret_file_text(const secret_file *s)
{
    return s ? s->text : "";
}
