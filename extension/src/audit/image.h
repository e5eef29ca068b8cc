/*
 * image.h - a row as json, the way the audit keeps it: to the byte what to_jsonb(row)::text gives, without the columns
 * that are null, and independent of the session's settings (bytea in hex, times in UTC). Whatever reads an image takes
 * a missing column for null. Text, not jsonb: it is written once, read out and hashed often, and looked into seldom.
 */
#ifndef EKOK_AUDIT_IMAGE_H
#define EKOK_AUDIT_IMAGE_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"

typedef struct ekok_image_writer ekok_image_writer;

/* `key`: the columns that name a row, of which there are n. In the current memory context; good as long as `row`. */
ekok_image_writer *ekok_image_writer_of(TupleDesc row, const AttrNumber key[], int n);

/* Settings of our own where a column's type looks at them, until they are left again or the transaction fails. */
int ekok_image_enter(const ekok_image_writer *writer);
void ekok_image_leave(int level);

/* A json in the current memory context; or its text, behind what stands in `out`. Only between entering and leaving. */
Datum ekok_image_of(ekok_image_writer *writer, TupleTableSlot *row);
void ekok_image_write(ekok_image_writer *writer, TupleTableSlot *row, StringInfo out);

/* How an entry names its row: the text of the key's columns, joined by a space, as a datum or behind what stands in
 * `out`. */
Datum ekok_row_name(ekok_image_writer *writer, TupleTableSlot *row);
void ekok_row_name_write(ekok_image_writer *writer, TupleTableSlot *row, StringInfo out);

#endif
