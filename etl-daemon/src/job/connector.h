/*
 * connector.h - a kind of source: how its bytes are fetched. How they become records is a matter of their format and
 * of cell/. The concrete kinds are named once, in connectors.c; a job knows only this table.
 */
#ifndef ETL_JOB_CONNECTOR_H
#define ETL_JOB_CONNECTOR_H

#include "config/source_def.h"
#include "wire/http.h"

typedef struct {
    const char *kind;   /* for a person: "over HTTPS" */
    const char *scheme; /* what a definition's url begins with; NULL: a folder of files, which has none */

    /* NULL for a folder, whose pages are cut by job/file_run.c */
    bool (*fetch)(http_client *client, const http_request *request, http_result *result, failure *f);
} connector;

#endif
