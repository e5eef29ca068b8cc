/*
 * load_bad.h - a record that is set aside becomes one COPY line of etl.stage_bad_shape: its own id where it
 * has a usable one, its MAC, every reason as jsonb, its bytes sealed.
 */
#ifndef ETL_LOAD_LOAD_BAD_H
#define ETL_LOAD_LOAD_BAD_H

#include "load/load_writer.h"
#include "row/reason.h"

typedef struct {
    span record_id; /* n == 0: none; left out as well when longer than its ceiling or not plain text */
    const reason_list *reasons;
    span raw;
    int line; /* where it stands in a table, 0: not said */
} bad_record;

/* Appends the line to out. False when out is full or the crypto library fails. */
MUST_CHECK bool load_bad(load_writer *w, const bad_record *bad, buf *out);

/* The reasons as a JSON array of objects: reason, and field, position, line, detail where there are such. */
MUST_CHECK bool load_reasons_json(const reason_list *reasons, int line, buf *out);

#endif
