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

enum { MAP_JOINED_MAX = 301 }; /* past the highest ceiling in target.def: a cut join is always too_long */

/*
 * Joined values (geo = district + upazila) are written here; as long-lived as the mapped record. Geo parts
 * are padded to two digits and stand without a separator; an absent part ends the code, and when a later part
 * is given all the same a '-' takes the absent one's place, so that validation refuses it. Parts of record_id
 * and household are joined by '-', and all must be given, lest two records share a key. Parts of other
 * targets are joined by one space; absent ones are left out.
 */
typedef struct {
    char text[TARGET_COUNT][MAP_JOINED_MAX];
} map_scratch;

void map_record(const source_def *def, const raw_record *raw, map_scratch *scratch, mapped_record *out,
                reason_list *reasons);

#endif
