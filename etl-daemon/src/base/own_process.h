/*
 * own_process.h - how many threads and open descriptors this process has, as the kernel counts them: to see whether
 * foreign code left any behind.
 */
#ifndef ETL_BASE_OWN_PROCESS_H
#define ETL_BASE_OWN_PROCESS_H

#include "base/failure.h"

typedef struct {
    int threads, descriptors;
} own_process;

/* From /proc/self; false (EXIT_INTERNAL) where that cannot be read. */
MUST_CHECK bool own_process_count(own_process *out, failure *f);

/* Is no more there than before? Waits for two seconds: a thread that was joined is counted for a moment longer.
 * more: what is; false as above, or with f->text empty. */
MUST_CHECK bool own_process_back(const own_process *before, own_process *more, failure *f);

#endif
