/*
 * secret_file.h - one secret that a source's owner has given us, in a file of its own: a key, a password, a private key
 * in PEM. By its name alone: in the folder of the configuration, else among the credentials that systemd hands over.
 *
 * Promises memory that is locked, left out of core dumps and wiped at the end. Refuses a file that others could read,
 * and names with anything but a-z, 0-9, '_' and '-'; no message holds a byte of the secret.
 */
#ifndef ETL_SECRET_SECRET_FILE_H
#define ETL_SECRET_SECRET_FILE_H

#include "base/failure.h"

enum { SECRET_FILE_MAX = 8192 };

typedef struct secret_file secret_file;

/* NULL: EXIT_CONFIG, with the path. Line ends at the end of the file do not count. */
secret_file *secret_file_read(const char *directory, const char *name, failure *f);
void secret_file_free(secret_file *s); /* NULL is fine */

/* Ends with a NUL; "" for NULL. */
const char *secret_file_text(const secret_file *s);

#endif
