/*
 * failure.h - why a step of the daemon could not be done: a stable code and one line for a person.
 * The line never carries an identifier, a key, a password or a record's content.
 */
#ifndef ETL_BASE_FAILURE_H
#define ETL_BASE_FAILURE_H

#include "base/span.h"

/* Process exit codes, documented in docs/OPERATIONS.md. */
typedef enum {
    EXIT_DONE = 0,     /* every source finished, every page decoded */
    EXIT_USAGE = 2,    /* wrong command line */
    EXIT_PARTIAL = 3,  /* some source failed, or a page was kept undecoded; the others are loaded */
    EXIT_DATABASE = 4, /* the database could not be reached or refused the work */
    EXIT_CONFIG = 5,   /* wrong configuration or source definition */
    EXIT_KEYS = 6,     /* the key file is missing, readable by others, malformed, or not this registry's */
    EXIT_INTERRUPTED =
        7, /* SIGTERM or SIGINT: the page in hand was finished, the rest is left for the next run */
    EXIT_EVIDENCE = 8, /* the audit, or a proof of it, is not what was signed */
    EXIT_CONTINUITY =
        9, /* a backup did not come back as it should, its drill is overdue, or a server is not hardened */
    EXIT_INTERNAL = 70
} exit_code;

typedef struct {
    exit_code code;
    char text[400]; /* empty: no failure */
} failure;

/* Sets code and text (cut to fit) and returns false, so that a caller can `return fail(...)`. */
bool fail(failure *f, exit_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
