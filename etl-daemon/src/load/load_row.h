/*
 * load_row.h - a validated row becomes one COPY line of etl.stage_shape: identifiers sealed and tokenised,
 * the row's content and the record's bytes under a MAC, the record's bytes sealed. Past this line no
 * identifier is in the clear.
 */
#ifndef ETL_LOAD_LOAD_ROW_H
#define ETL_LOAD_LOAD_ROW_H

#include "load/load_writer.h"
#include "row/row.h"

enum { LOAD_UUID = 37, LOAD_CANONICAL = 4096 };

/*
 * Would the database take every text of the row? False: the record is to be quarantined, not the page lost.
 */
bool load_row_fits(const registry_row *row);

/*
 * Appends the line to out; raw is the record as received, or without bytes (raw.p NULL): sealing it costs as much
 * as all the rest, and only a record that the registry refuses needs it, which it says by SQLSTATE EK003.
 * False when out is full or the crypto library fails.
 */
MUST_CHECK bool load_row(load_writer *w, const char uuid[LOAD_UUID], const registry_row *row, span raw,
                         buf *out);

/*
 * The row's content, unambiguous: a label, then each field in the order of registry_row as a 4-byte
 * big-endian length and its bytes; a number or date that is not given has length 0. Returns the size, 0 when
 * room is short. Clear text: the caller wipes it.
 */
size_t load_row_canonical(const registry_row *row, char out[LOAD_CANONICAL]);

#endif
