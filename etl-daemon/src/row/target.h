/*
 * target.h - the list of fields that a record can be mapped to (target.def), as an enum with names and
 * ceilings.
 */
#ifndef ETL_ROW_TARGET_H
#define ETL_ROW_TARGET_H

#include "base/span.h"

typedef enum {
#define X(NAME, name, ceiling, required) TARGET_##NAME,
#include "row/target.def"
#undef X
    TARGET_COUNT
} target;

const char *target_name(target t);
size_t target_ceiling(target t); /* bytes; a longer value is the reason `too_long` */
bool target_required(target t);
bool target_by_name(span name, target *out);

#endif
