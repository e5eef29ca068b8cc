/*
 * drill_copy.h - a backup, restored into the place of drills and started there: on a socket of its own, archiving
 * nothing, following nobody, with no setting of the live server but those that its own WAL needs.
 */
#ifndef ETL_CLI_DRILL_COPY_H
#define ETL_CLI_DRILL_COPY_H

#include "cli/child.h"
#include "cli/drill_repository.h"

typedef struct {
    const drill_place *place;
    const drill_repository *repository;
    const char *programs;  /* folder of postgres */
    const char *libraries; /* shared_preload_libraries of the copy */
    char database[130], role[130];
    child server;
} drill_copy;

/* pgbackrest restore, then postgres until it answers. EXIT_CONTINUITY, with what either of them complained of. */
MUST_CHECK bool drill_copy_restore(drill_copy *c, failure *f);
MUST_CHECK bool drill_copy_start(drill_copy *c, pg_session **pg, failure *f);
void drill_copy_stop(drill_copy *c);

#endif
