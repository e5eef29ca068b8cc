/*
 * folder_sync.c - see folder_sync.h.
 */
#include "base/folder_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool folder_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    const int why = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = why;
    return good;
}

bool folder_sync_of(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    return folder_sync(folder);
}
