/*
 * key_file.c - see key_file.h.
 */
#include "secret/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write_all.h"

static bool check_file(int fd, const char *path, size_t room, failure *f)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail(f, EXIT_KEYS, "key file %s: cannot be looked at: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return fail(f, EXIT_KEYS, "key file %s: is not a regular file", path);
    if (st.st_uid != geteuid())
        return fail(f, EXIT_KEYS, "key file %s: belongs to uid %u; accepted: the calling user, uid %u", path,
                    (unsigned)st.st_uid, (unsigned)geteuid());
    unsigned mode = (unsigned)st.st_mode & 07777;
    if (mode != 0600 && mode != 0400)
        return fail(f, EXIT_KEYS, "key file %s: has mode %04o; accepted: 0600 or 0400", path, mode);
    if (st.st_size >= (off_t)room)
        return fail(f, EXIT_KEYS, "key file %s: is larger than %zu bytes", path, room - 1);
    return true;
}

static bool read_all(int fd, char *out, size_t room, size_t *size)
{
    *size = 0;
    while (*size < room) {
        ssize_t got = read(fd, out + *size, room - *size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        *size += (size_t)got;
    }
    errno = EFBIG; /* it grew since check_file() */
    return false;
}

bool key_file_read(const char *path, char *out, size_t room, size_t *size, failure *f)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ELOOP)
        return fail(f, EXIT_KEYS, "key file %s: is a symbolic link; accepted: a regular file", path);
    if (fd < 0)
        return fail(f, EXIT_KEYS, "key file %s: cannot be opened: %s", path, strerror(errno));
    bool good = check_file(fd, path, room, f);
    if (good && !read_all(fd, out, room, size))
        good = fail(f, EXIT_KEYS, "key file %s: cannot be read: %s", path, strerror(errno));
    (void)close(fd);
    return good;
}

bool key_file_create(const char *path, span text, failure *f)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(f, EXIT_KEYS, "key file %s: cannot be created: %s", path, strerror(errno));
    bool good = write_all(fd, text) && fchmod(fd, 0600) == 0 && fsync(fd) == 0;
    if (!good) {
        (void)fail(f, EXIT_KEYS, "key file %s: cannot be written: %s", path, strerror(errno));
        (void)unlink(path);
    }
    (void)close(fd);
    return good;
}
