/*
 * object.h - answers of foreign systems, read in a cell as pages are: whole pages again when a cell died of them, and
 * single JSON objects.
 *
 * Promises that a cell that dies costs nothing: the bytes are in the caller's hands, and a new cell reads them again,
 * three times in all. Refuses as an object whatever is not exactly one, undamaged, of at most OBJECT_MAX bytes.
 */
#ifndef ETL_CELL_OBJECT_H
#define ETL_CELL_OBJECT_H

#include "cell/cell.h"

enum { OBJECT_MAX = 16384, OBJECT_TRIES = 3 };

/* Who reads pages: a cell, or in a fuzzer the decoder itself. */
typedef struct page_reader {
    cell_answer (*read)(void *who, const decode_options *options, span page, failure *f);
    void *who;
} page_reader;

page_reader cell_reader(cell *c);

/* begin: called before each try with options->context, to forget what an earlier one handed over. */
cell_answer page_read(const page_reader *reader, const decode_options *options, span page,
                      void (*begin)(void *context), failure *f);

/* Called once, and only for an object that is whole. */
typedef void (*object_fn)(void *context, const raw_record *record);

/* False: it is none that can be read; EXIT_PARTIAL, or EXIT_INTERNAL where no cell can be had. */
MUST_CHECK bool object_read(const page_reader *reader, span body, object_fn take, void *context, failure *f);

/* The text of a scalar at the path; n == 0: not there, null or empty. */
span object_text(const raw_record *record, const char *path);

#endif
