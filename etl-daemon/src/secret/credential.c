/*
 * credential.c - see credential.h: a mapping of its own holds the file's text, cut in place.
 */
#include "secret/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "secret/locked.h"

enum { CREDENTIAL_MAX = 4096, ENTRIES_MAX = 16 };

struct credential {
    size_t entries;
    const char *name[ENTRIES_MAX], *secret[ENTRIES_MAX];
    char text[CREDENTIAL_MAX + 1];
};

static bool is_name(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9') || text[i] == '_'))
            return false;
    return n > 0 && n < 32;
}

static bool cut_lines(credential *c, const char *path, failure *f)
{
    char *at = c->text;
    for (int line = 1; *at; line++) {
        size_t size = strcspn(at, "\n"), name = strcspn(at, " \t\n"), blanks = strspn(at + name, " \t");
        bool last = at[size] == '\0';
        if (size > 0 && at[0] != '#') {
            if (!is_name(at, name) || name + blanks >= size || blanks == 0 || c->entries == ENTRIES_MAX)
                return fail(f, EXIT_CONFIG,
                            "%s:%d: is not \"name secret\", or there are more than %d of them", path, line,
                            ENTRIES_MAX);
            c->name[c->entries] = at;
            c->secret[c->entries++] = at + name + blanks;
            at[name] = '\0';
        }
        at[size] = '\0';
        at += size + (last ? 0 : 1);
    }
    return true;
}

credential *credential_read(const char *path, failure *f)
{
    credential *c = locked_new(sizeof *c, f);
    bool good = c != NULL;
    int fd = good ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (good && fd < 0)
        good = fail(f, EXIT_CONFIG, "%s: %s", path, strerror(errno));
    good = good && locked_file_check(fd, path, CREDENTIAL_MAX, false, f);
    ssize_t size = good ? read(fd, c->text, CREDENTIAL_MAX) : 0;
    if (fd >= 0)
        (void)close(fd);
    if (size < 0)
        good = fail(f, EXIT_CONFIG, "%s: %s", path, strerror(errno));
    if (good && cut_lines(c, path, f))
        return c;
    credential_free(c);
    return NULL;
}

void credential_free(credential *c)
{
    locked_free(c, sizeof *c);
}

const char *credential_find(const credential *c, span name)
{
    for (size_t i = 0; c && i < c->entries; i++)
        if (span_equals(name, c->name[i]))
            return c->secret[i];
    return NULL;
}
