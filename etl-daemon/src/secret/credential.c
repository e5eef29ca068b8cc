/*
 * credential.c - see credential.h: a mapping of its own holds the file's text, cut in place.
 */
#include "secret/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secret/seal.h"

enum { CREDENTIAL_MAX = 4096, ENTRIES_MAX = 16 };

struct credential {
    size_t entries;
    const char *name[ENTRIES_MAX], *secret[ENTRIES_MAX];
    char text[CREDENTIAL_MAX + 1];
};

static bool check_file(int fd, const char *path, failure *f)
{
    struct stat s;
    if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode))
        return fail(f, EXIT_CONFIG, "%s: is not a regular file", path);
    if (s.st_uid != geteuid() || (s.st_mode & 0177) != 0)
        return fail(f, EXIT_CONFIG, "%s: others could read it; it must be yours, with mode 0600 or 0400",
                    path);
    if (s.st_size > CREDENTIAL_MAX)
        return fail(f, EXIT_CONFIG, "%s: is longer than %d bytes", path, CREDENTIAL_MAX);
    return true;
}

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
    credential *c = mmap(NULL, sizeof *c, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (c == MAP_FAILED) {
        (void)fail(f, EXIT_INTERNAL, "no memory for the credentials");
        return NULL;
    }
    (void)madvise(c, sizeof *c, MADV_DONTDUMP);
    bool good = mlock(c, sizeof *c) == 0 ||
                fail(f, EXIT_INTERNAL, "the credentials can't be locked in memory; raise LimitMEMLOCK");
    int fd = good ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (good && fd < 0)
        good = fail(f, EXIT_CONFIG, "%s: %s", path, strerror(errno));
    good = good && check_file(fd, path, f);
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
    if (!c)
        return;
    wipe(c, sizeof *c);
    (void)munmap(c, sizeof *c);
}

const char *credential_find(const credential *c, span name)
{
    for (size_t i = 0; c && i < c->entries; i++)
        if (span_equals(name, c->name[i]))
            return c->secret[i];
    return NULL;
}
