/* folder.c - see folder.h. The folder is read again for each file: no list of names is kept, however many there are. */
#include "source/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

bool folder_open(folder *d, const source_def *def, failure *f)
{
    *d = (folder){.def = def, .fd = open(def->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    return d->fd >= 0 || fail(f, EXIT_PARTIAL, "%s: the folder can't be opened: %s; see source.folder",
                              def->folder, strerror(errno));
}

void folder_close(folder *d)
{
    if (d->fd >= 0)
        (void)close(d->fd);
    d->fd = -1;
}

void folder_file_close(folder_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
}

static bool ends_with(const char *name, const char *tail)
{
    size_t n = strlen(name), t = strlen(tail);
    return n > t && strcmp(name + n - t, tail) == 0;
}

static bool is_candidate(const source_def *def, const char *name)
{
    return name[0] != '.' && strncmp(name, "~$", 2) != 0 && strlen(name) < FOLDER_NAME - 8 &&
           !ends_with(name, ".part") && !ends_with(name, ".tmp") && !ends_with(name, ".done") &&
           fnmatch(def->names, name, FNM_PERIOD) == 0;
}

/* The first candidate behind `after`, by bytes; empty: none. False when the folder can't be read. */
static bool next_name(const folder *d, const char *after, char out[FOLDER_NAME])
{
    int own = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = own >= 0 ? fdopendir(own) : NULL;
    const struct dirent *entry;

    out[0] = '\0';
    if (!list) {
        if (own >= 0)
            (void)close(own);
        return false;
    }
    while ((entry = readdir(list)) != NULL)
        if (is_candidate(d->def, entry->d_name) && strcmp(entry->d_name, after) > 0 &&
            (out[0] == '\0' || strcmp(entry->d_name, out) < 0))
            (void)snprintf(out, FOLDER_NAME, "%s", entry->d_name);
    (void)closedir(list);
    return true;
}

static bool settled(const source_def *def, const struct stat *info)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    /* the time of the last change of anything, which nobody can set: size and content rest since then */
    return now.tv_sec - info->st_ctim.tv_sec >= def->settle_seconds;
}

static bool marked(const folder *d, const char *name)
{
    char marker[FOLDER_NAME + 8];
    struct stat info;
    (void)snprintf(marker, sizeof marker, "%s.done", name);
    return fstatat(d->fd, marker, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode);
}

/* Opens the file if it is ready; out->fd is -1 otherwise. */
static void try_open(const folder *d, folder_file *out)
{
    const source_def *def = d->def;
    out->fd = openat(d->fd, out->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (out->fd < 0)
        return;
    bool ready = fstat(out->fd, &out->info) == 0 && S_ISREG(out->info.st_mode) && out->info.st_nlink == 1 &&
                 (def->ready == READY_MARKER ? marked(d, out->name) : settled(def, &out->info));
    if (!ready)
        folder_file_close(out);
}

folder_step folder_next(const folder *d, const char *after, folder_file *out, failure *f)
{
    char last[FOLDER_NAME];
    (void)snprintf(last, sizeof last, "%s", after);
    for (;;) {
        out->fd = -1;
        if (!next_name(d, last, out->name)) {
            (void)fail(f, EXIT_PARTIAL, "%s: the folder can't be read: %s", d->def->folder, strerror(errno));
            return FOLDER_FAILED;
        }
        if (out->name[0] == '\0')
            return FOLDER_EMPTY;
        try_open(d, out);
        if (out->fd >= 0)
            return FOLDER_FOUND;
        (void)snprintf(last, sizeof last, "%s", out->name);
    }
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

bool folder_unchanged(const folder_file *file)
{
    struct stat now;
    return fstat(file->fd, &now) == 0 && same_file(&now, &file->info);
}

/* Into the subfolder, under the file's own name, or with its hash in front where that name is taken. */
static bool move_to(const folder *d, const folder_file *file, const char *where, const char *sha256)
{
    char name[FOLDER_NAME + 80];
    if (mkdirat(d->fd, where, 0700) != 0 && errno != EEXIST)
        return false;
    int to = openat(d->fd, where, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (to < 0)
        return false;
    bool moved = renameat2(d->fd, file->name, to, file->name, RENAME_NOREPLACE) == 0;
    if (!moved && errno == EEXIST) {
        (void)snprintf(name, sizeof name, "%.12s-%s", sha256, file->name);
        moved = renameat(d->fd, file->name, to, name) == 0;
    }
    (void)close(to);
    return moved;
}

bool folder_put_away(const folder *d, const folder_file *file, bool refused, const char *sha256, failure *f)
{
    struct stat now;
    char marker[FOLDER_NAME + 8];
    if (d->def->after == AFTER_KEEP)
        return true;
    if (fstatat(d->fd, file->name, &now, AT_SYMLINK_NOFOLLOW) != 0 || !same_file(&now, &file->info))
        return true; /* another file bears the name by now: it is looked at by itself */
    bool done = !refused && d->def->after == AFTER_DELETE
                    ? unlinkat(d->fd, file->name, 0) == 0
                    : move_to(d, file, refused ? "refused" : "done", sha256);
    if (!done)
        return fail(f, EXIT_PARTIAL, "%s: a file that was read can't be put away: %s", d->def->folder,
                    strerror(errno));
    (void)snprintf(marker, sizeof marker, "%s.done", file->name);
    if (d->def->ready == READY_MARKER)
        (void)unlinkat(d->fd, marker, 0);
    return true;
}
