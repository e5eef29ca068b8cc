/*
 * text_file.c - see text_file.h.
 */
#include "config/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/ini_text.h"

static bool wrong(failure *f, const char *path, const char *problem, const char *accepted)
{
    return ini_wrong(f, &(ini_at){path, 0, NULL, NULL}, problem, accepted);
}

static bool cannot(const char *path, const char *what, failure *f)
{
    char problem[160];
    snprintf(problem, sizeof problem, "cannot be %s: %s", what, strerror(errno));
    return wrong(f, path, problem, NULL);
}

/* The buffer's ceiling, one byte above the file's for the NUL, is what stops a file that is too large. */
static bool read_open(int fd, const char *path, size_t ceiling, buf *text, failure *f)
{
    char part[4096], limit[64];
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return wrong(f, path, "is not a regular file", NULL);
    for (;;) {
        ssize_t got = read(fd, part, sizeof part);
        if (got < 0 && errno != EINTR)
            return cannot(path, "read", f);
        if (got > 0 && !buf_add(text, part, (size_t)got))
            break;
        if (got == 0 && text->size <= ceiling)
            return buf_add_char(text, '\0') || wrong(f, path, "cannot be read: out of memory", NULL);
        if (got == 0)
            break;
    }
    snprintf(limit, sizeof limit, "at most %zu bytes", ceiling);
    return wrong(f, path, "is too large", limit);
}

bool text_file_read(const char *path, size_t ceiling, char **text, size_t *size, failure *f)
{
    buf read;
    *text = NULL;
    *size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return cannot(path, "opened", f);
    buf_init(&read, ceiling + 1);
    bool done = read_open(fd, path, ceiling, &read, f);
    close(fd);
    if (!done) {
        buf_free(&read);
        return false;
    }
    *text = read.data;
    *size = read.size - 1;
    return true;
}
