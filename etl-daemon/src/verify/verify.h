/*
 * verify.h - a pass over every system that has a file, one thread a system; once, or again every interval while no
 * source is being pulled.
 */
#ifndef ETL_VERIFY_VERIFY_H
#define ETL_VERIFY_VERIFY_H

#include <pthread.h>

#include "verify/pass.h"

enum { SYSTEMS_MAX = 64 };

typedef struct {
    inquiry_def *def[SYSTEMS_MAX];
    size_t count;
} verify_systems;

/* Every *.ini of the folder, in the order of names; a folder that is not there has none. Code EXIT_CONFIG. */
MUST_CHECK bool verify_systems_read(const char *folder, verify_systems *out, failure *f);
void verify_systems_free(verify_systems *s);

typedef struct {
    const verify_systems *systems;
    const char *const *only; /* names; none: every one */
    size_t only_count;
    pass_task common; /* all but def */
} verify_plan;

/* EXIT_DONE, or the worst of the systems' codes; EXIT_USAGE when a name is not that of a system. */
exit_code verify_once(const verify_plan *plan, failure *f);

/* A thread that does this every `interval` seconds. */
typedef struct {
    verify_plan plan;
    int interval;
    pthread_t thread;
    bool started;
} verify_timer;

void verify_timer_start(verify_timer *timer);
void verify_timer_end(verify_timer *timer); /* after the order to stop */

#endif
