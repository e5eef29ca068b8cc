/*
 * tls_files.h - our certificate, its key and the authorities that we trust, as they were when they were read: what lies
 * in the files afterwards has no effect until they are read again.
 *
 * Promises that a certificate and its key belong together, so that a pair which is half replaced is found before it is
 * shown to anybody; that the key is in locked memory, left out of core dumps and wiped. Refuses files that are not PEM.
 */
#ifndef ETL_SECRET_TLS_FILES_H
#define ETL_SECRET_TLS_FILES_H

#include "base/failure.h"

typedef struct tls_files tls_files;

typedef struct {
    const char *ca, *certificate, *key; /* paths */
} tls_paths;

/* NULL: EXIT_CONFIG, with the path and what to mend. */
tls_files *tls_files_read(const tls_paths *from, failure *f);
void tls_files_free(tls_files *t); /* NULL is fine */

/* PEM; they live as long as t. */
span tls_files_ca(const tls_files *t);
span tls_files_certificate(const tls_files *t);
span tls_files_key(const tls_files *t);

#endif
