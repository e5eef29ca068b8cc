/*
 * file_hash.h - the content of an open file as its SHA-256, read piece by piece whatever its size.
 */
#ifndef ETL_SECRET_FILE_HASH_H
#define ETL_SECRET_FILE_HASH_H

#include <stdint.h>

#include "base/span.h"

enum { FILE_HASH_TEXT = 65 };

/* 64 hexadecimal digits of the first `bytes` bytes; false when they cannot be read, or the file is shorter. */
MUST_CHECK bool file_hash(int fd, int64_t bytes, char out[FILE_HASH_TEXT]);

#endif
