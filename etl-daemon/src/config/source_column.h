/*
 * source_column.h - `columns` of a source's definition: which column of a table is which field.
 */
#ifndef ETL_CONFIG_SOURCE_COLUMN_H
#define ETL_CONFIG_SOURCE_COLUMN_H

#include "config/json_doc.h"
#include "config/source_def.h"

/* One member: a field with the text of its header, or with the number of its column. */
MUST_CHECK bool source_column_add(source_def *def, const doc_at *at, const doc_value *value, failure *f);

#endif
