/*
 * journal_files.c - see journal_files.h.
 */
#include "agent/journal_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder_sync.h"
#include "base/stop_point.h"

enum { DIGITS = 12, KEPT_MOST = 100000 };

static void folder_of(const char *path, char out[JOURNAL_PATH])
{
    const char *slash = strrchr(path, '/');
    (void)snprintf(out, JOURNAL_PATH, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void journal_kept_name(const char *path, uint64_t first, char out[JOURNAL_PATH])
{
    (void)snprintf(out, JOURNAL_PATH, "%.1000s.%0*" PRIu64, path, DIGITS, first);
}

static bool same_file(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The number behind NAME and a dot; 0: it is no kept file of it. */
static uint64_t number_in(const char *entry, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(entry, name, length) != 0 || entry[length] != '.' || strlen(entry) != length + 1 + DIGITS ||
        strspn(entry + length + 1, "0123456789") != DIGITS)
        return 0;
    return strtoull(entry + length + 1, NULL, 10);
}

static int compare(const void *one, const void *other)
{
    const uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return a < b ? -1 : a > b;
}

/* A file that a kill left under both names is the one that is written. */
static bool add_kept(const char *path, uint64_t first, kept_files *out)
{
    char kept[JOURNAL_PATH];
    if (first == 0)
        return true;
    journal_kept_name(path, first, kept);
    if (same_file(kept, path))
        return true;
    uint64_t *grown = out->count < KEPT_MOST ? realloc(out->first, (out->count + 1) * sizeof *grown) : NULL;
    if (!grown)
        return false;
    out->first = grown;
    out->first[out->count++] = first;
    return true;
}

bool journal_kept(const char *path, kept_files *out, failure *f)
{
    char folder[JOURNAL_PATH];
    bool good = true;
    *out = (kept_files){NULL, 0};
    folder_of(path, folder);
    DIR *in = opendir(folder);
    if (!in)
        return fail(f, EXIT_CONFIG, "%s: %s; see [agent] trace", folder, strerror(errno));
    for (const struct dirent *entry = readdir(in); good && entry; entry = readdir(in))
        good = add_kept(path, number_in(entry->d_name, name_of(path)), out);
    (void)closedir(in);
    if (out->count)
        qsort(out->first, out->count, sizeof *out->first, compare);
    return good || fail(f, EXIT_INTERNAL, "%s: too many files of the trace before it, or no memory", path);
}

static void next_name(const char *path, char out[JOURNAL_PATH])
{
    (void)snprintf(out, JOURNAL_PATH, "%.1000s.new", path);
}

int journal_next(const char *path, failure *f)
{
    char next[JOURNAL_PATH];
    next_name(path, next);
    (void)unlink(next); /* of a start that was killed: nobody was answered for what is in it */
    int fd = open(next, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        stop_point("trace_next");
        return fd;
    }
    (void)fail(f, EXIT_CONFIG, "%s: %s; see [agent] trace", next, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

journal_turned journal_turn(const char *path, uint64_t first, failure *f)
{
    char kept[JOURNAL_PATH], next[JOURNAL_PATH];
    journal_kept_name(path, first, kept);
    next_name(path, next);
    stop_point("trace_begun");
    bool linked =
        (link(path, kept) == 0 || (errno == EEXIST && same_file(path, kept))) && folder_sync_of(path);
    stop_point("trace_kept");
    if (!linked || rename(next, path) != 0) {
        (void)fail(f, EXIT_INTERNAL, "%s: cannot be kept as %s: %s", path, kept, strerror(errno));
        return JOURNAL_STAYS;
    }
    stop_point("trace_turned");
    if (folder_sync_of(path))
        return JOURNAL_TURNED;
    (void)fail(f, EXIT_INTERNAL, "%s: its folder cannot be brought to the disk: %s", path, strerror(errno));
    return JOURNAL_LOST;
}
