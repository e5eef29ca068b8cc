/*
 * rotate.h - a rotation: everything that stands under an older version of a key is brought to the newest one, part by
 * part, while others read and write. Promises that a rotation that was killed goes on where it was, that no row is
 * waited for, and that nothing is said to be done before it was counted. Refuses to run beside another rotation.
 */
#ifndef ETL_ROTATE_ROTATE_H
#define ETL_ROTATE_ROTATE_H

#include "secret/keyring.h"
#include "wire/pg.h"

typedef struct {
    int64_t values, passed_over, unreadable; /* written anew; left to another pass; that did not open */
    int percent;                             /* of the table in hand */
    int pass;
    bool waiting; /* for a sweep to end */
    char table[64];
} rotate_progress;

typedef void (*rotate_report)(void *context, const rotate_progress *now);

typedef struct {
    pg_session *pg;
    const keyring *ring;
    const char *key_file;
    key_purpose purpose;
    int most; /* values a second, 0: as many as it can */
    rotate_report report;
    void *context;
} rotate_request;

/* The rotation of a key from beginning to end, or on from where one was left. False: EXIT_KEYS, EXIT_DATABASE;
 * EXIT_PARTIAL when values do not open, which are left as they are. */
MUST_CHECK bool rotate_key(const rotate_request *request, rotate_progress *done, failure *f);

#endif
