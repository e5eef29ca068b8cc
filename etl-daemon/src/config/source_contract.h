/*
 * source_contract.h - `contract` of a source's definition: the fields that its owner promised, and their types.
 */
#ifndef ETL_CONFIG_SOURCE_CONTRACT_H
#define ETL_CONFIG_SOURCE_CONTRACT_H

#include "config/json_doc.h"
#include "config/source_def.h"

/* One member of contract.fields: a path with its type; `?` behind the type: it may be absent or null. */
MUST_CHECK bool source_contract_add(source_def *def, const doc_at *at, const doc_value *value, failure *f);

/* The word for a type, as it is written in a definition. */
const char *source_contract_type(field_type type);

#endif
