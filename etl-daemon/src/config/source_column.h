/*
 * source_column.h - [columns] of a source's definition, and what only the whole definition of a table or a folder
 * shows. Refuses what would be read and then do nothing.
 */
#ifndef ETL_CONFIG_SOURCE_COLUMN_H
#define ETL_CONFIG_SOURCE_COLUMN_H

#include "config/source_key.h"

/* One line `field = header` or `field = #number`. */
MUST_CHECK bool source_column_add(source_def *def, const ini_at *at, const char *value, failure *f);

/* At the end: do format, style, [table], [columns] and [file] go together? */
MUST_CHECK bool source_column_finish(const source_keys *keys, const source_def *def, const char *path,
                                     int last_line, failure *f);

#endif
