/*
 * child.h - other programs as children that never outlive us: run to their end, or kept as a server, their output in a
 * file. Refuses a shell; no argument holds a secret.
 */
#ifndef ETL_CLI_CHILD_H
#define ETL_CLI_CHILD_H

#include <sys/types.h>

#include "base/failure.h"

enum { CHILD_WORDS = 48, CHILD_LINE = 300 };

typedef struct {
    pid_t pid; /* 0: none */
    int status;
} child;

/* Starts word[0]; both outputs are written to the file at `log`, anew. It gets `signal_with_us` when we die. */
MUST_CHECK bool child_start(child *c, const char *const *word, const char *log, int signal_with_us,
                            failure *f);
bool child_alive(child *c);
/* Waits for its end; true when it ended well. */
bool child_wait(child *c);
/* The signal, then SIGKILL after so many seconds; nothing when there is none. */
void child_stop(child *c, int signal, int seconds);

/* The first line of the file that holds ERROR or FATAL, else its last line; at most CHILD_LINE bytes, no line feed. */
void child_complaint(const char *log, char out[CHILD_LINE]);

#endif
