/*
 * run.h - `ekok run`: starts ekok-etld --once beside this program, draws what it tells, passes SIGTERM and
 * SIGINT on, ends with its exit code.
 */
#ifndef ETL_CLI_RUN_H
#define ETL_CLI_RUN_H

#include <stddef.h>

#include "base/failure.h"
#include "cli/screen.h"

typedef struct {
    const char *config_file;
    const char *const *source; /* none: all of them */
    size_t sources;
    const char *mode, *most; /* --once or --verify; how many to ask about at most, NULL: not said */
    void (*end)(const progress *p, const run_cost *cost, int code); /* prints what came of it */
} run_request;

exit_code cli_run(const run_request *request, failure *f);

#endif
