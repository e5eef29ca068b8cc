/*
 * drill_place.h - the folder in which backups are restored to be tried: marked as ours, locked while a drill runs,
 * emptied of what an earlier drill left when it was killed. Refuses a folder that holds anything and is not marked.
 */
#ifndef ETL_CLI_DRILL_PLACE_H
#define ETL_CLI_DRILL_PLACE_H

#include <stdint.h>

#include "base/failure.h"

enum { PLACE_ROOT = 400, PLACE_TEXT = 480 };

typedef struct {
    char root[PLACE_ROOT]; /* absolute */
    int lock;              /* -1: not taken */
} drill_place;

/* Makes the folder where it is missing, marks, locks, empties it. EXIT_CONFIG; EXIT_CONTINUITY: another drills. */
MUST_CHECK bool drill_place_take(drill_place *p, const char *root, failure *f);
/* The copy and its logs go, unless `keep`; the lock is given back. */
void drill_place_leave(drill_place *p, bool keep);

/* ROOT/name */
void drill_place_path(const drill_place *p, const char *name, char out[PLACE_TEXT]);
MUST_CHECK bool drill_place_make(const drill_place *p, const char *name, failure *f);
MUST_CHECK bool drill_place_write(const drill_place *p, const char *name, const char *text, failure *f);
/* A folder of plain files into ROOT/name; folders in it are passed over. */
MUST_CHECK bool drill_place_copy(const drill_place *p, const char *from, const char *name, failure *f);

/* Bytes that a plain user may still write there. */
int64_t drill_place_free(const drill_place *p);

#endif
