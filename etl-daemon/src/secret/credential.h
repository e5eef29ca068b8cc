/*
 * credential.h - names and secrets that a system has given us (user, password, key), from a file of ours alone:
 *   username  etl-registry
 *   password  ...
 * one a line, the name of a-z, 0-9 and _, then blanks, then the secret to the end of the line.
 *
 * Promises memory that is locked and left out of core dumps, and wiped at the end. Refuses a file that is not a regular
 * one of the calling user with mode 0600 or 0400; no message holds a byte of it.
 */
#ifndef ETL_SECRET_CREDENTIAL_H
#define ETL_SECRET_CREDENTIAL_H

#include "base/failure.h"

typedef struct credential credential;

credential *credential_read(const char *path, failure *f); /* NULL: EXIT_CONFIG, with the path */
void credential_free(credential *c);                       /* NULL is fine */

/* NULL when there is no such name. */
const char *credential_find(const credential *c, span name);

#endif
