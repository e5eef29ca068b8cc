/*
 * own_process.c - see own_process.h.
 */
#include "base/own_process.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <time.h>

/* The descriptor that looks counts itself, each time alike. */
static int count_entries(const char *path)
{
    DIR *folder = opendir(path);
    int count = 0;
    if (!folder)
        return -1;
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        count += entry->d_name[0] != '.';
    (void)closedir(folder);
    return count;
}

bool own_process_count(own_process *out, failure *f)
{
    out->threads = count_entries("/proc/self/task");
    out->descriptors = count_entries("/proc/self/fd");
    return (out->threads > 0 && out->descriptors > 0) ||
           fail(f, EXIT_INTERNAL, "/proc/self cannot be read: %s", strerror(errno));
}

bool own_process_back(const own_process *before, own_process *more, failure *f)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    f->text[0] = '\0';
    for (int i = 0; i < 200; i++) {
        own_process now;
        if (!own_process_count(&now, f))
            return false;
        *more = (own_process){now.threads - before->threads, now.descriptors - before->descriptors};
        if (more->threads <= 0 && more->descriptors <= 0)
            return true;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}
