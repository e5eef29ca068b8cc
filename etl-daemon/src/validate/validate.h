/*
 * validate.h - judges a mapped record and writes its canonical form; finds every reason, not only the first.
 * Identifiers are read by extension/core and nowhere else.
 */
#ifndef ETL_VALIDATE_VALIDATE_H
#define ETL_VALIDATE_VALIDATE_H

#include "config/source_def.h"
#include "row/mapped.h"
#include "row/reason.h"
#include "row/row.h"

/* Returns true when reasons is empty, and *out is then complete. `today` bounds the dates. */
bool validate_record(const source_def *def, const mapped_record *in, civil_date today, registry_row *out,
                     reason_list *reasons);

#endif
