/*
 * map.h - applies a source's declared mapping to a raw record. Data, not code: see config/source_def.h.
 * Adds the reasons wrong_type, unknown_value and too_long; everything else is validate's.
 */
#ifndef ETL_MAP_MAP_H
#define ETL_MAP_MAP_H

#include "config/source_def.h"
#include "row/mapped.h"
#include "row/raw.h"
#include "row/reason.h"

/* Joined values (geo = district + upazila) are written here; as long-lived as the mapped record. */
typedef struct {
    char text[TARGET_COUNT][128];
} map_scratch;

void map_record(const source_def *def, const raw_record *raw, map_scratch *scratch, mapped_record *out,
                reason_list *reasons);

#endif
