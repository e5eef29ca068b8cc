/*
 * drill_place.c - see drill_place.h. Only names that we make ourselves are ever removed.
 */
#include "cli/drill_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/write_all.h"

static const char MARK[] = "ekok-drill";
static const char *const OURS[] = {"data",       "tablespaces", "socket",      "witness-0",     "witness-1",
                                   "witness-2",  "witness-3",   "witness-4",   "witness-5",     "witness-6",
                                   "witness-7",  "pg_hba.conf", "server.conf", "pg_ident.conf", "restore.log",
                                   "server.log", "info.json"};
enum { SOCKET_PATH_MAX = 107, COPY_PIECE = 65536 };

void drill_place_path(const drill_place *p, const char *name, char out[PLACE_TEXT])
{
    (void)snprintf(out, PLACE_TEXT, "%s/%s", p->root, name);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

/* A server of an earlier drill that was still ending: its first line is the process that works in that folder. */
static void end_server(const drill_place *p)
{
    char path[PLACE_TEXT], data[PLACE_TEXT], cwd[PLACE_TEXT];
    const struct timespec pause = {0, 50 * 1000 * 1000};
    drill_place_path(p, "data/postmaster.pid", path);
    drill_place_path(p, "data", data);
    FILE *in = fopen(path, "re");
    long pid = 0;
    if (!in)
        return;
    if (fscanf(in, "%ld", &pid) != 1)
        pid = 0;
    (void)fclose(in);
    for (int i = 0; pid > 1 && i < 600; i++) {
        (void)snprintf(path, sizeof path, "/proc/%ld/cwd", pid);
        ssize_t n = readlink(path, cwd, sizeof cwd - 1);
        if (n <= 0)
            return;
        cwd[n] = '\0';
        if (strcmp(cwd, data) != 0)
            return;
        (void)kill((pid_t)pid, i < 200 ? SIGQUIT : SIGKILL);
        (void)nanosleep(&pause, NULL);
    }
}

static bool empty(const drill_place *p, failure *f)
{
    char path[PLACE_TEXT];
    end_server(p);
    for (size_t i = 0; i < sizeof OURS / sizeof *OURS; i++) {
        drill_place_path(p, OURS[i], path);
        if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
            return fail(f, EXIT_CONFIG, "%.300s: what an earlier drill left cannot be removed: %s", path,
                        strerror(errno));
    }
    return true;
}

/* Marked, or without anything in it. */
static bool is_ours(const drill_place *p, failure *f)
{
    char path[PLACE_TEXT];
    struct stat st;
    drill_place_path(p, MARK, path);
    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid())
        return true;
    DIR *folder = opendir(p->root);
    if (!folder)
        return fail(f, EXIT_CONFIG, "%.300s: cannot be read: %s", p->root, strerror(errno));
    size_t names = 0;
    for (const struct dirent *entry; (entry = readdir(folder));)
        names += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(folder);
    return names == 0 ||
           fail(f, EXIT_CONFIG,
                "%.300s: holds something and is no place of drills; accepted: an empty folder, one "
                "that is not there yet, or that of an earlier drill",
                p->root);
}

static bool lock(drill_place *p, failure *f)
{
    char path[PLACE_TEXT];
    drill_place_path(p, MARK, path);
    p->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (p->lock < 0)
        return fail(f, EXIT_CONFIG, "%.300s: cannot be written: %s", path, strerror(errno));
    if (flock(p->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    (void)close(p->lock);
    p->lock = -1;
    return fail(f, EXIT_CONTINUITY, "another drill is running in %.300s", p->root);
}

bool drill_place_take(drill_place *p, const char *root, failure *f)
{
    char whole[4096];
    struct stat st;
    *p = (drill_place){.lock = -1};
    if (mkdir(root, 0700) != 0 && errno != EEXIST)
        return fail(f, EXIT_CONFIG, "%.300s: cannot be made: %s", root, strerror(errno));
    if (!realpath(root, whole) || strlen(whole) + sizeof "/socket/.s.PGSQL.5432" > SOCKET_PATH_MAX)
        return fail(f, EXIT_CONFIG, "%.300s: the path is too long for a socket; accepted: at most %zu bytes",
                    root, SOCKET_PATH_MAX - sizeof "/socket/.s.PGSQL.5432");
    if (stat(whole, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0)
        return fail(f, EXIT_CONFIG, "%.300s: accepted: a folder of the calling user, mode 0700", whole);
    (void)snprintf(p->root, sizeof p->root, "%.*s", PLACE_ROOT - 1, whole);
    return is_ours(p, f) && lock(p, f) && empty(p, f);
}

void drill_place_leave(drill_place *p, bool keep)
{
    failure ignored = {.text = ""};
    if (p->lock < 0)
        return;
    if (!keep && !empty(p, &ignored))
        (void)fprintf(stderr, "ekok: %s\n", ignored.text);
    (void)close(p->lock);
    p->lock = -1;
}

bool drill_place_make(const drill_place *p, const char *name, failure *f)
{
    char path[PLACE_TEXT];
    drill_place_path(p, name, path);
    return mkdir(path, 0700) == 0 ||
           fail(f, EXIT_CONFIG, "%.300s: cannot be made: %s", path, strerror(errno));
}

bool drill_place_write(const drill_place *p, const char *name, const char *text, failure *f)
{
    char path[PLACE_TEXT];
    drill_place_path(p, name, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && write_all(fd, span_of(text));
    if (fd >= 0 && close(fd) != 0)
        good = false;
    return good || fail(f, EXIT_CONFIG, "%.300s: cannot be written: %s", path, strerror(errno));
}

static bool copy_file(const char *from, const char *to)
{
    static char piece[COPY_PIECE];
    struct stat st;
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0)
        return false;
    if (fstat(in, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(in);
        return true;
    }
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = out >= 0;
    for (ssize_t n = 1; good && n > 0;) {
        n = read(in, piece, sizeof piece);
        good = n >= 0 && write_all(out, (span){piece, (size_t)n});
    }
    (void)close(in);
    if (out >= 0 && close(out) != 0)
        good = false;
    return good;
}

bool drill_place_copy(const drill_place *p, const char *from, const char *name, failure *f)
{
    char source[1400], path[PLACE_TEXT], to[PLACE_TEXT + 260];
    if (!drill_place_make(p, name, f))
        return false;
    drill_place_path(p, name, path);
    DIR *folder = opendir(from);
    bool good = folder != NULL;
    for (const struct dirent *entry; good && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(source, sizeof source, "%.1100s/%s", from, entry->d_name);
        (void)snprintf(to, sizeof to, "%s/%s", path, entry->d_name);
        good = copy_file(source, to);
    }
    int why = errno;
    if (folder)
        (void)closedir(folder);
    return good || fail(f, EXIT_CONFIG, "witness %.200s: cannot be copied: %s", from, strerror(why));
}

int64_t drill_place_free(const drill_place *p)
{
    struct statvfs space;
    return statvfs(p->root, &space) == 0 ? (int64_t)space.f_bavail * (int64_t)space.f_frsize : -1;
}
