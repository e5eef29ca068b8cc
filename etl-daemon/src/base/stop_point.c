/*
 * stop_point.c - reads EKOK_STOP_POINT once and counts the passages of the one name given there.
 * A name that is not in stop_point.def, or a malformed variable, ends the process: a test that stops nowhere
 * would otherwise pass for the wrong reason.
 */
#include "base/stop_point.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/failure.h"
#include "base/log.h"

static const char *const known[] = {
#define X(name, meaning) #name,
#include "base/stop_point.def"
#undef X
};

static struct {
    pthread_once_t once;
    const char *name; /* NULL: off */
    bool hold;
    const char *file;
    atomic_long left; /* passages until it acts */
} point = {.once = PTHREAD_ONCE_INIT};

static _Noreturn void refuse(const char *problem)
{
    log_event(LOG_ERROR, NULL, "stop_point_wrong", "problem=\"%s\" accepted=\"name:n:kill or name:n:hold\"",
              problem);
    _exit(EXIT_INTERNAL);
}

static const char *find_name(const char *text, size_t n)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i]) == n && memcmp(known[i], text, n) == 0)
            return known[i];
    return NULL;
}

static void read_environment(void)
{
    const char *text = getenv("EKOK_STOP_POINT");
    if (!text || !*text)
        return;
    const char *colon = strchr(text, ':');
    const char *name = colon ? find_name(text, (size_t)(colon - text)) : NULL;
    if (!name)
        refuse("EKOK_STOP_POINT names no stop point of stop_point.def");
    char *end;
    long passage = strtol(colon + 1, &end, 10);
    if (passage < 1 || passage > 1000000000 || (strcmp(end, ":kill") != 0 && strcmp(end, ":hold") != 0))
        refuse("EKOK_STOP_POINT is malformed");
    point.hold = strcmp(end, ":hold") == 0;
    point.file = getenv("EKOK_STOP_FILE");
    if (point.hold && (!point.file || !*point.file))
        refuse("EKOK_STOP_FILE is not set");
    atomic_store(&point.left, passage);
    point.name = name;
}

static void hold_while_file_exists(void)
{
    int fd = open(point.file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        refuse("the file of EKOK_STOP_FILE cannot be created");
    close(fd);
    while (access(point.file, F_OK) == 0)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

void stop_point(const char *name)
{
    pthread_once(&point.once, read_environment);
    if (!point.name || strcmp(name, point.name) != 0)
        return;
    if (atomic_fetch_sub(&point.left, 1) != 1)
        return;
    if (point.hold)
        hold_while_file_exists();
    else
        kill(getpid(), SIGKILL);
}
