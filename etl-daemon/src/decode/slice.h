/*
 * slice.h - cuts a file into pages of at most so many records and bytes, each a page that decode.h reads by itself.
 *
 *   csv    the file's header rows, then its records as they stand        jsonl  lines as they stand
 *   xlsx   rows as lines.h describes them                                json, spdci   the whole file is one page
 *
 * Promises to count records as the decoder does, so that a position in records is the same in every run, and memory of
 * some 128 kB, for a workbook what xlsx.h says. Refuses a record that alone is more than a page.
 */
#ifndef ETL_DECODE_SLICE_H
#define ETL_DECODE_SLICE_H

#include <stdint.h>

#include "base/failure.h"
#include "config/source_def.h"

/* Where a page is written; false: no more room or the wait was given up. */
typedef struct {
    bool (*add)(void *context, span bytes);
    void *context;
    size_t room;
} slice_sink;

typedef struct {
    int64_t records; /* on the page; -1: not counted here (json, spdci) */
    bool last;       /* nothing follows it */
    int line;        /* of its first record in the file, from 1 */
} slice;

typedef enum { SLICE_PAGE, SLICE_BROKEN, SLICE_NO_ROOM } slice_step;

typedef struct slicer slicer;

/* Begins behind `skip` records. fd and def outlive the slicer. NULL: f, EXIT_PARTIAL where it is the file's fault. */
slicer *slicer_open(int fd, const source_def *def, int64_t skip, failure *f);
void slicer_close(slicer *s);

/* SLICE_BROKEN: f says where. SLICE_NO_ROOM: the sink gave up. */
slice_step slicer_next(slicer *s, const slice_sink *sink, slice *out, failure *f);

#endif
