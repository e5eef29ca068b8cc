/*
 * file_run.h - the files of a folder, one after the other, as pages: found, hashed, taken in the books, cut, ended, put
 * away.
 *
 * Promises that a content is read once: what etl.file knows as loaded or refused is put away unread. The file that an
 * earlier run was stopped in comes first and goes on behind its committed records. A file that cannot be read to its
 * end is refused and put aside, and the next one is looked at. Refuses a file that changes while it is read.
 */
#ifndef ETL_JOB_FILE_RUN_H
#define ETL_JOB_FILE_RUN_H

#include "cell/cell.h"
#include "job/job.h"
#include "secret/file_hash.h"
#include "source/folder.h"
#include "source/paging.h"
#include "wire/pg.h"

typedef struct {
    const job_task *task;
    paging *at;
    page_memory *body;
    cell *decoder;
    pg_session *pg;
    int64_t run_id;
    folder dir;
    folder_file file; /* fd -1: none is open */
    bool cutting;     /* it is open in the decoder */
    int deaths;       /* of decoders, in a row, over this file */
    char sha256[FILE_HASH_TEXT];
    char unfinished[FILE_HASH_TEXT]; /* of the file to be looked for first; empty: none */
    char after[FOLDER_NAME];         /* the last name looked at */
    bool has_slot;                   /* the process's one workbook */
    int refused;
    char problem[320]; /* of the last refused one */
} file_run;

typedef enum {
    FILE_PAGE,      /* a page lies in the body */
    FILE_SET_ASIDE, /* a file was known or was refused: ask again */
    FILE_NO_MORE,
    FILE_STOPPED,
    FILE_FAILED
} file_step;

/* x->task, at, body, decoder are set; at has read the cursor. */
MUST_CHECK bool file_run_open(file_run *x, pg_session *pg, int64_t run_id, failure *f);
void file_run_close(file_run *x);

file_step file_run_next(file_run *x, failure *f);

/* After the last page: the file is loaded. False: the database, or the folder. */
MUST_CHECK bool file_run_end(file_run *x, failure *f);

/* The file cannot be read further; why: static or from a decoder. False as above. */
MUST_CHECK bool file_run_refuse(file_run *x, const char *why, failure *f);

#endif
