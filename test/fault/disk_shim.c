/*
 * disk_shim.c - a disk as tests need it, preloaded into a server or a daemon (LD_PRELOAD): one that is full, or one
 * that forgets what was not brought to it by fsync when the power fails. Only for files below $EKOK_DISK_BELOW.
 *
 * Full: while the file $EKOK_DISK_FULL exists, whatever would make a file longer fails with ENOSPC; writing over what a
 * file has already works, as on a real one.
 *
 * Forgetful: with $EKOK_DISK_JOURNAL, each write, truncation and rename is noted there before it happens, with what
 * stood in its place; each fsync, fdatasync and fsync of a folder is noted too. After the power failed (kill -9 of
 * all), Ekok::Disk takes back in reverse order what no later fsync of that file, or of the folder of a rename, covers.
 *
 * Honest about fsync: what was synced stays. Refuses to forget names: a file that was made stays, empty, and one that
 * was removed stays gone. Notes are single appends, so several processes may share a journal; a write that was noted
 * before another process's fsync began counts as covered by it. stdio's own writes and mmap are not seen: those who
 * write below that folder (PostgreSQL, witnesses) use neither.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* What a note begins with; then the two paths, then the bytes that stood there. Numbers as the machine has them. */
typedef struct {
    char kind; /* W: write or truncation, S: synced, R: rename */
    char pad[7];
    uint64_t device, inode, offset, old_size, bytes;
    uint32_t path, other;
} note;

static char below[PATH_MAX];
static int journal = -1;
static char full[PATH_MAX], notes[PATH_MAX]; /* copies: PostgreSQL moves its environment */

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("EKOK_DISK_BELOW"), *journal_path = getenv("EKOK_DISK_JOURNAL"),
               *sign = getenv("EKOK_DISK_FULL");
    (void)snprintf(full, sizeof full, "%s", sign ? sign : "");
    (void)snprintf(notes, sizeof notes, "%s", journal_path ? journal_path : "");
    if (folder)
        (void)snprintf(below, sizeof below, "%.*s/", PATH_MAX - 2, folder);
    if (folder && notes[0])
        journal = (int)syscall(SYS_openat, AT_FDCWD, notes, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (journal >= 0 && journal < 200) { /* out of the way of those who close low numbers */
        int high = fcntl(journal, F_DUPFD_CLOEXEC, 200);
        if (high >= 0) {
            (void)syscall(SYS_close, journal);
            journal = high;
        }
    }
}

static int is_full(void)
{
    return full[0] && access(full, F_OK) == 0;
}

static int inside(const char *path)
{
    size_t n = strlen(below);
    return n > 1 &&
           (strncmp(path, below, n) == 0 || (strncmp(path, below, n - 1) == 0 && path[n - 1] == '\0'));
}

static int path_of(int fd, char path[PATH_MAX])
{
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n <= 0)
        return 0;
    path[n] = '\0';
    return inside(path);
}

static void write_note(note *n, const char *path, const char *other, const void *old)
{
    struct iovec part[] = {{n, sizeof *n},
                           {(void *)path, strlen(path)},
                           {(void *)other, strlen(other)},
                           {(void *)old, n->bytes}};
    n->path = (uint32_t)part[1].iov_len;
    n->other = (uint32_t)part[2].iov_len;
    if (syscall(SYS_writev, journal, part, 4) < 0)
        abort();
}

/* Before bytes at offset are written, or the file is cut there (bytes: up to its end). */
static void note_write(int fd, const char *path, off_t offset, size_t bytes)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    note n = {.kind = 'W',
              .device = st.st_dev,
              .inode = st.st_ino,
              .offset = (uint64_t)offset,
              .old_size = (uint64_t)st.st_size};
    char *old = NULL;
    if (offset < st.st_size) {
        size_t stands = (size_t)(st.st_size - offset);
        n.bytes = bytes < stands ? bytes : stands;
        old = malloc(n.bytes + 1);
        int reader = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        if (!old || reader < 0 || syscall(SYS_pread64, reader, old, n.bytes, offset) != (long)n.bytes)
            abort();
        (void)syscall(SYS_close, reader);
    }
    write_note(&n, path, "", old ? old : "");
    free(old);
}

static void note_sync(int fd)
{
    char path[PATH_MAX];
    struct stat st;
    if (journal < 0 || !path_of(fd, path) || fstat(fd, &st) != 0)
        return;
    note n = {.kind = 'S', .device = st.st_dev, .inode = st.st_ino};
    write_note(&n, path, "", "");
}

/* 0, or -1 with ENOSPC; notes what is about to happen. offset -1: at the descriptor's own place. */
static int before(int fd, off_t offset, size_t bytes)
{
    char path[PATH_MAX];
    struct stat st;
    int saved = errno;
    if (!below[0] || (journal < 0 && !is_full()) || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
        !path_of(fd, path)) {
        errno = saved;
        return 0;
    }
    if (offset < 0)
        offset = fcntl(fd, F_GETFL) & O_APPEND ? st.st_size : lseek(fd, 0, SEEK_CUR);
    if (is_full() && offset + (off_t)bytes > st.st_size) {
        errno = ENOSPC;
        return -1;
    }
    if (journal >= 0)
        note_write(fd, path, offset, bytes);
    errno = saved;
    return 0;
}

static size_t total(const struct iovec *part, int parts)
{
    size_t sum = 0;
    for (int i = 0; i < parts; i++)
        sum += part[i].iov_len;
    return sum;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    return before(fd, -1, count) != 0 ? -1 : REAL(write)(fd, bytes, count);
}

ssize_t writev(int fd, const struct iovec *part, int parts)
{
    return before(fd, -1, total(part, parts)) != 0 ? -1 : REAL(writev)(fd, part, parts);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    return before(fd, offset, count) != 0 ? -1 : REAL(pwrite)(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset)
{
    return before(fd, offset, count) != 0 ? -1 : REAL(pwrite64)(fd, bytes, count, offset);
}

ssize_t pwritev(int fd, const struct iovec *part, int parts, off_t offset)
{
    return before(fd, offset, total(part, parts)) != 0 ? -1 : REAL(pwritev)(fd, part, parts, offset);
}

ssize_t pwritev64(int fd, const struct iovec *part, int parts, off64_t offset)
{
    return before(fd, offset, total(part, parts)) != 0 ? -1 : REAL(pwritev64)(fd, part, parts, offset);
}

int posix_fallocate(int fd, off_t offset, off_t bytes)
{
    return before(fd, offset, (size_t)bytes) != 0 ? ENOSPC : REAL(posix_fallocate)(fd, offset, bytes);
}

int posix_fallocate64(int fd, off64_t offset, off64_t bytes)
{
    return before(fd, offset, (size_t)bytes) != 0 ? ENOSPC : REAL(posix_fallocate64)(fd, offset, bytes);
}

/* Cut: what stood behind the new end is noted. Made longer: as a write of nothing there. */
static int before_truncate(int fd, off_t size)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return 0;
    return size < st.st_size ? before(fd, size, (size_t)(st.st_size - size))
                             : before(fd, st.st_size, (size_t)(size - st.st_size));
}

int ftruncate(int fd, off_t size)
{
    return before_truncate(fd, size) != 0 ? -1 : REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return before_truncate(fd, size) != 0 ? -1 : REAL(ftruncate64)(fd, size);
}

/* open with O_TRUNC: noted as a cut to nothing, then done. */
static void before_open(const char *path, int flags)
{
    char whole[PATH_MAX];
    if (!(flags & O_TRUNC) || journal < 0 || !realpath(path, whole) || !inside(whole))
        return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, whole, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)before_truncate(fd, 0);
        (void)syscall(SYS_close, fd);
    }
}

#define OPEN(name)                                                                                           \
    int name(const char *path, int flags, ...)                                                               \
    {                                                                                                        \
        va_list rest;                                                                                        \
        va_start(rest, flags);                                                                               \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                              \
        va_end(rest);                                                                                        \
        before_open(path, flags);                                                                            \
        return REAL(name)(path, flags, mode);                                                                \
    }
OPEN(open)
OPEN(open64)

int fsync(int fd)
{
    note_sync(fd);
    return REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    note_sync(fd);
    return REAL(fdatasync)(fd);
}

/* What was noted of a file that goes is not to be applied to the next that gets its number: as if it were synced. */
int unlink(const char *name)
{
    char whole[PATH_MAX];
    struct stat st;
    int saved = errno;
    if (journal >= 0 && realpath(name, whole) && inside(whole) && stat(whole, &st) == 0 &&
        S_ISREG(st.st_mode) && st.st_nlink == 1) {
        note n = {.kind = 'S', .device = st.st_dev, .inode = st.st_ino};
        write_note(&n, whole, "", "");
    }
    errno = saved;
    return REAL(unlink)(name);
}

/* A name below a folder's descriptor as a path; the last part need not exist. */
static int whole_path(int folder, const char *name, char out[2 * PATH_MAX], struct stat *parent)
{
    char part[PATH_MAX], at[PATH_MAX] = ".", link[64];
    const char *slash = strrchr(name, '/');
    ssize_t n;
    if (name[0] != '/' && folder != AT_FDCWD) {
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        n = readlink(link, at, sizeof at - 1);
        if (n <= 0)
            return 0;
        at[n] = '\0';
    }
    if (name[0] == '/')
        (void)snprintf(part, sizeof part, "%.*s", slash == name ? 1 : (int)(slash - name), name);
    else
        (void)snprintf(part, sizeof part, "%.2000s/%.*s", at, slash ? (int)(slash - name) : 0, name);
    if (!realpath(part, at) || stat(at, parent) != 0)
        return 0;
    (void)snprintf(out, 2 * PATH_MAX, "%s/%s", at, slash ? slash + 1 : name);
    return inside(out);
}

/* What the new name stood for is kept by a second link beside the journal until the test ends. */
static void note_rename(int from_folder, const char *from, int to_folder, const char *to)
{
    static int number;
    char old[2 * PATH_MAX], whole[2 * PATH_MAX], kept[2 * PATH_MAX];
    struct stat st;
    int saved = errno;
    if (journal >= 0 && whole_path(from_folder, from, old, &st) &&
        syscall(SYS_faccessat, AT_FDCWD, old, F_OK) == 0 && whole_path(to_folder, to, whole, &st)) {
        (void)snprintf(kept, sizeof kept, "%s.%d.%d", notes, (int)getpid(), number++);
        if (syscall(SYS_linkat, AT_FDCWD, whole, AT_FDCWD, kept, 0) != 0)
            kept[0] = '\0';
        note n = {.kind = 'R', .device = st.st_dev, .inode = st.st_ino, .bytes = strlen(kept)};
        write_note(&n, old, whole, kept);
    }
    errno = saved;
}

int rename(const char *from, const char *to)
{
    note_rename(AT_FDCWD, from, AT_FDCWD, to);
    return REAL(rename)(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    note_rename(from_folder, from, to_folder, to);
    return REAL(renameat)(from_folder, from, to_folder, to);
}

/* A rename that would replace nothing and finds the name taken does not happen, and is not noted. */
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    struct stat st;
    if (!(flags & RENAME_NOREPLACE) || syscall(SYS_newfstatat, to_folder, to, &st, 0) != 0)
        note_rename(from_folder, from, to_folder, to);
    return REAL(renameat2)(from_folder, from, to_folder, to, flags);
}
