/*
 * locked.h - memory for what others have given us to keep: a mapping of its own, locked, left out of core dumps, wiped
 * at the end; and the judgement of the file that it is read from. The keyring, which forks must not see, has its own.
 */
#ifndef ETL_SECRET_LOCKED_H
#define ETL_SECRET_LOCKED_H

#include "base/failure.h"

/* Zeros; NULL with f set (EXIT_INTERNAL). */
void *locked_new(size_t size, failure *f);
void locked_free(void *memory, size_t size); /* wipes; NULL is fine */

/*
 * Is this a regular file of the calling user that nobody else can read, of at most `most` bytes? One that was handed
 * over (by systemd, in a folder that is ours alone) may be another's. False: EXIT_CONFIG with the path.
 */
MUST_CHECK bool locked_file_check(int fd, const char *path, size_t most, bool handed_over, failure *f);

#endif
