/*
 * drill_repository.h - what pgBackRest's repository says of itself: the latest backup, its size, whether it is
 * encrypted. Refuses a repository in the clear, and a configuration with a cipher key that others can read.
 */
#ifndef ETL_CLI_DRILL_REPOSITORY_H
#define ETL_CLI_DRILL_REPOSITORY_H

#include "cli/drill_place.h"
#include "wire/pg.h"

enum { BACKUP_LABEL = 64 };

typedef struct {
    char stanza[80];
    char option_stanza[100], option_path[PLACE_TEXT]; /* as pgbackrest takes them */
    char path[PLACE_ROOT];                            /* pgbackrest.conf and conf.d/ lie here */
    char backup[BACKUP_LABEL];                        /* label of the latest */
    int64_t bytes;                                    /* that it takes when restored */
} drill_repository;

/* Paths and stanza from the command line, modes of the files. EXIT_USAGE, EXIT_KEYS. */
MUST_CHECK bool drill_repository_open(drill_repository *r, const char *stanza, const char *path, failure *f);
/* Asks pgbackrest; the answer, JSON, is read by the database at `pg`. EXIT_CONTINUITY. */
MUST_CHECK bool drill_repository_ask(drill_repository *r, const drill_place *place, pg_session *pg,
                                     failure *f);

#endif
