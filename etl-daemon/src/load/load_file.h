/*
 * load_file.h - files of a folder in the books: etl.take_file and etl.end_file.
 */
#ifndef ETL_LOAD_LOAD_FILE_H
#define ETL_LOAD_LOAD_FILE_H

#include <stdint.h>

#include "wire/pg.h"

typedef enum { FILE_TAKEN, FILE_LOADED, FILE_REFUSED } file_state;

typedef struct {
    const char *sha256; /* 64 hexadecimal digits */
    const char *name;
    int64_t bytes;
} load_file;

/* Takes the content for the run; *state says whether it is to be read. */
MUST_CHECK bool load_file_take(pg_session *pg, int64_t run_id, const load_file *file, file_state *state,
                               failure *f);

/* problem: NULL when it was loaded to its end, otherwise why it was refused. */
MUST_CHECK bool load_file_end(pg_session *pg, int64_t run_id, const char *sha256, const char *problem,
                              failure *f);

#endif
