/*
 * copy_rows.h - PostgreSQL's COPY in binary form, cut into rows and their cells. Believes no length: what does not fit
 * its message, has another number of cells, or goes on behind its end is refused.
 */
#ifndef ETL_WIRE_COPY_ROWS_H
#define ETL_WIRE_COPY_ROWS_H

#include <stdint.h>

#include "base/span.h"

typedef struct {
    size_t cells; /* of each row */
    span rest;    /* of the message under way */
    bool begun, ended;
} copy_rows;

typedef enum { COPY_ROW, COPY_NO_MORE, COPY_BROKEN } copy_step;

/* The next message, as pg_copy_out hands it over; it must stay until its rows are taken. False: it is no COPY. */
MUST_CHECK bool copy_rows_message(copy_rows *r, span message);

/* The cells of the next row of this message; p NULL for a null. */
MUST_CHECK copy_step copy_rows_next(copy_rows *r, span cell[]);

/* A number of 8 bytes; false for another size. */
MUST_CHECK bool copy_number(span cell, uint64_t *out);

#endif
