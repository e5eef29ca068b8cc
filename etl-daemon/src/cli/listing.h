/*
 * listing.h - a query shown as an aligned table, or as one JSON array made by the database. One description
 * serves both.
 */
#ifndef ETL_CLI_LISTING_H
#define ETL_CLI_LISTING_H

#include "cli/table.h"
#include "wire/pg.h"

typedef struct {
    const char *heading;
    enum { LISTED_TEXT, LISTED_NUMBER } kind; /* a number: to the right, with thousands separators */
    size_t most;                              /* characters of a cell, 0: as many as it has */
} listing_column;

typedef struct {
    const char *sql; /* gives the columns below, in order; $1.. from param */
    int params;
    const char *param[5];
    listing_column column[TABLE_COLUMNS]; /* up to the first without heading */
    const char *empty;                    /* shown when there is no row */
    bool total;                           /* the last row is a total */
} listing;

MUST_CHECK bool listing_print(pg_session *pg, const listing *what, failure *f);

/* An empty line and a paragraph for each row of a query of one column; nothing when it has none. */
MUST_CHECK bool listing_print_paragraphs(pg_session *pg, const char *sql, failure *f);

/* Such a paragraph for each source whose last run has a problem. */
MUST_CHECK bool listing_print_problems(pg_session *pg, failure *f);

/* Prints `"name": [...]`, objects with the names of the query's own columns. */
MUST_CHECK bool listing_print_json(pg_session *pg, const char *name, const listing *what, failure *f);

#endif
