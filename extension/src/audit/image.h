/*
 * image.h - a row as jsonb, the way the audit keeps it: what to_jsonb(row) gives, without the columns that are null,
 * and independent of the session's settings (bytea in hex, times in UTC). Whatever reads an image takes a missing
 * column for null.
 */
#ifndef EKOK_AUDIT_IMAGE_H
#define EKOK_AUDIT_IMAGE_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "executor/tuptable.h"

typedef struct ekok_image_writer ekok_image_writer;

/* In the current memory context; good as long as the descriptor. */
ekok_image_writer *ekok_image_writer_of(TupleDesc row);

/* A jsonb in the current memory context. */
Datum ekok_image_of(ekok_image_writer *writer, TupleTableSlot *row);

/* The text of some columns, joined by a space, as a text in the current memory context: how an entry names its row. */
Datum ekok_row_name(ekok_image_writer *writer, TupleTableSlot *row, const AttrNumber columns[], int n);

#endif
