/*
 * text_file.h - a file of settings read whole. Refuses what is no regular file, or larger than its ceiling.
 */
#ifndef ETL_CONFIG_TEXT_FILE_H
#define ETL_CONFIG_TEXT_FILE_H

#include "base/failure.h"

/* *text ends with a NUL beyond *size and is freed by the caller. "PATH: problem; accepted: ...", EXIT_CONFIG. */
MUST_CHECK bool text_file_read(const char *path, size_t ceiling, char **text, size_t *size, failure *f);

#endif
