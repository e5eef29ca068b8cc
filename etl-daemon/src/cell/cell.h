/*
 * cell.h - the daemon's side of a decoding cell: a child process without network, keys, files or database that reads a
 * page, or cuts a file, and hands over records. One job has one cell at a time.
 *
 * Promises that a cell that dies, hangs or talks nonsense costs nothing but the page at hand, which is whole in
 * the daemon: the answer is CELL_DIED with how it ended, the cell is gone, and the next call begins in a new one.
 * Refuses to believe a cell: see talk.h.
 */
#ifndef ETL_CELL_CELL_H
#define ETL_CELL_CELL_H

#include "cell/house.h"
#include "cell/talk.h"

typedef struct {
    house *home;
    size_t row_bytes;
    int fd; /* -1: none yet, or it has died */
    pid_t pid;
    buf in; /* what the cell said; `at` of it was looked at */
    size_t at;
    talk_read *read;
    int deaths; /* since the cell was opened, for a person */
    char envelope[ENVELOPE_OF_CALLER][ENVELOPE_TEXT_MAX];
    size_t envelope_size[ENVELOPE_OF_CALLER];
    bool has_envelope[ENVELOPE_OF_CALLER];
} cell;

typedef enum {
    CELL_WHOLE,   /* all records were handed over */
    CELL_BROKEN,  /* it cannot be read; f says where */
    CELL_STOPPED, /* on_record said so */
    CELL_DIED,    /* the cell is gone; f says how */
    CELL_FAILED   /* no cell can be had: f */
} cell_answer;

/* row_bytes: ceiling of a record, as the definition says. No process is made yet. */
MUST_CHECK bool cell_open(cell *c, house *home, size_t row_bytes);
void cell_close(cell *c);

/* Ends the process; the next question gets a new one. For a workbook: its memory goes with it. */
void cell_end(cell *c);

/* Decodes a page; options->on_record is called here, in the caller's thread. */
cell_answer cell_decode(cell *c, const decode_options *options, span page, failure *f);

/* Envelope value i of the page that was read whole; false when it has none. */
bool cell_envelope(const cell *c, int i, span *text);

/* Begins to cut a file behind `skip` records. CELL_WHOLE: go on with cell_cut. */
cell_answer cell_open_file(cell *c, int fd, const source_def *def, int64_t skip, failure *f);

/* The next page of the file. CELL_STOPPED: the sink gave up. */
cell_answer cell_cut(cell *c, const slice_sink *sink, slice *out, failure *f);

#endif
