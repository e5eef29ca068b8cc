/*
 * daemon.h - where ekok-etld is: beside this very program, else in PATH.
 */
#ifndef ETL_CLI_DAEMON_H
#define ETL_CLI_DAEMON_H

#include <stddef.h>

enum { DAEMON_PATH = 4200 };

void daemon_path(char out[DAEMON_PATH]);

#endif
