/*
 * faults.h - what a system's line in the fault file makes of it at this moment. Read anew for each request.
 */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include <stdbool.h>

/* fault.def: X(KIND, kind): one line of the file is "SOURCE kind [NUMBER]"; # begins a comment. */
typedef enum {
    FAULT_NONE,
#define X(KIND, kind) FAULT_##KIND,
#include "fault.def"
#undef X
    FAULT_COUNT
} fault_kind;

typedef struct {
    fault_kind kind;
    int number; /* seconds, or permille */
} fault;

/* path may be NULL; a file that is absent or has no line for the source means no fault. The last line counts. */
fault fault_now(const char *path, const char *source);

/* An integer from 0 on; 0 when the file is absent or unreadable. */
unsigned epoch_now(const char *path);

#endif
