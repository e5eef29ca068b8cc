/*
 * record.h - one record's bytes into its scalars by dotted path, by yajl.
 *
 * Promises bounded memory (record_reader_new takes it all but yajl's buffers, which a record's size bounds),
 * every field as it was written, and no field twice. Refuses, with reasons, what is not well-formed, not
 * UTF-8, deeper or longer than raw.h's limits, or holds the same path twice.
 */
#ifndef ETL_DECODE_RECORD_H
#define ETL_DECODE_RECORD_H

#include "row/raw.h"
#include "row/reason.h"

typedef struct record_reader record_reader;

record_reader *record_reader_new(size_t row_bytes); /* NULL when out of memory */
void record_reader_free(record_reader *r);          /* wipes its texts */

/*
 * Reads bytes (at most row_bytes) into out, whose spans point into bytes or into the reader and hold until
 * the next call. What is wrong is added to damaged; out then holds no field.
 */
void record_read(record_reader *r, span bytes, raw_record *out, reason_list *damaged);

#endif
