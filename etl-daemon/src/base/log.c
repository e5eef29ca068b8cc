/*
 * log.c - one event, one line, one write(2) on standard error, so that lines of threads never mix.
 * A line longer than LINE_MAX_BYTES is cut; control characters become spaces, so that a value cannot forge a line.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2048 }; /* below PIPE_BUF: a write to a pipe is atomic */

static atomic_int threshold = LOG_INFO;

static const char *const level_name[] = {"error", "warning", "info", "debug"};

void log_set_level(log_level level)
{
    atomic_store(&threshold, (int)level);
}

/* Advances *at by what a printf wrote or would have written, never past the room. */
static void advance(size_t *at, size_t room, int written)
{
    if (written > 0)
        *at = (size_t)written < room - *at ? *at + (size_t)written : room - 1;
}

static size_t write_head(char *line, size_t room, log_level level, const char *source, const char *event)
{
    struct timespec now;
    struct tm utc;
    char stamp[32];
    size_t at = 0;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    advance(&at, room,
            snprintf(line, room, "time=%s.%03ldZ level=%s%s%s event=%s", stamp, now.tv_nsec / 1000000,
                     level_name[level], source ? " source=" : "", source ? source : "", event));
    return at;
}

static void write_line(const char *line, size_t size)
{
    ssize_t done;
    do
        done = write(STDERR_FILENO, line, size);
    while (done < 0 && errno == EINTR); /* any other failure to log has no one to be told to */
}

void log_event(log_level level, const char *source, const char *event, const char *format, ...)
{
    if ((int)level > atomic_load_explicit(&threshold, memory_order_relaxed))
        return;
    int kept_errno = errno;
    char line[LINE_MAX_BYTES];
    size_t at = write_head(line, sizeof line, level, source, event);
    if (format && *format && at + 2 < sizeof line) {
        line[at++] = ' ';
        va_list arguments;
        va_start(arguments, format);
        advance(&at, sizeof line, vsnprintf(line + at, sizeof line - at, format, arguments));
        va_end(arguments);
    }
    for (size_t i = 0; i < at; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = ' ';
    line[at++] = '\n'; /* at is at most the room less one */
    write_line(line, at);
    errno = kept_errno;
}
