/*
 * attendant.h - a process of our own that serves this one over a pair of sockets: for what this one may no longer do in
 * its cage, or must not hold. Promises that it ends when this one ends or hangs up, and not by a signal before; that it
 * leaves no core, and gains no privileges.
 */
#ifndef ETL_BASE_ATTENDANT_H
#define ETL_BASE_ATTENDANT_H

#include <stdbool.h>

#include "base/failure.h"

typedef struct {
    const char *name;                     /* as ps shows it, at most 15 bytes */
    int type;                             /* of the sockets: SOCK_STREAM, SOCK_SEQPACKET */
    void (*serve)(void *context, int fd); /* in the new process; it ends when this returns */
    void *context;
} attendant;

/* Our end of the sockets; -1: there is none, and errno says why. */
MUST_CHECK int attendant_start(const attendant *a);

/* Waits until something has come at our end, an answer or the other's end; false when nothing has in that time. */
MUST_CHECK bool attendant_answers(int fd, int milliseconds);

#endif
