/*
 * house.h - where cells come from: one process ekok-decode beside the daemon, asked for each new cell, started again
 * should it have ended. Shared by all threads.
 */
#ifndef ETL_CELL_HOUSE_H
#define ETL_CELL_HOUSE_H

#include <sys/types.h>

#include "base/failure.h"

typedef struct house house;

/* program: the path of ekok-decode; NULL: the one beside this very program. NULL when it cannot be run. */
house *house_open(const char *program, failure *f);
void house_close(house *h);

/* The path of the program that reads pages. */
const char *house_program(const house *h);

/* A new cell: *fd is our end of its socket, *pid a child of this process, to be waited for. */
MUST_CHECK bool house_new_cell(house *h, int *fd, pid_t *pid, failure *f);

#endif
