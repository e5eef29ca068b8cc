/*
 * defects.h - which records are damaged, and how: a function of seed, system and record number.
 */
#ifndef SIM_DEFECTS_H
#define SIM_DEFECTS_H

#include "overlaps.h"

typedef enum {
#define X(KIND, kind) DEFECT_##KIND,
#include "defect.def"
#undef X
    DEFECT_COUNT
} defect_kind;

const char *defect_name(defect_kind kind); /* "" for none */

defect_kind defect_of(const world *w, const showing *e, uint64_t rank);

#endif
