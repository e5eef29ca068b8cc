/*
 * key_file.h - reading and writing a file that holds keys, judged by the descriptor it is read from. Refuses a file
 * that anyone but its owner can read, one that is not the calling user's own, links, and writing over anything.
 */
#ifndef ETL_SECRET_KEY_FILE_H
#define ETL_SECRET_KEY_FILE_H

#include "base/failure.h"

/* Reads the whole file into memory that the caller has locked and wipes; false (EXIT_KEYS) with one line. */
MUST_CHECK bool key_file_read(const char *path, char *out, size_t room, size_t *size, failure *f);
/* Creates the file, mode 0600, and brings it to the disk. */
MUST_CHECK bool key_file_create(const char *path, span text, failure *f);

#endif
