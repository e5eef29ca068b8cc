/*
 * mapped.h - a record after mapping: text by target field, in the source's own digits and dates, values
 * translated by the source's value maps. Spans point into the raw record or into the mapping's scratch, both
 * of which outlive it.
 */
#ifndef ETL_ROW_MAPPED_H
#define ETL_ROW_MAPPED_H

#include "row/target.h"

typedef struct {
    span value[TARGET_COUNT];      /* n == 0: absent, null or blank at the source */
    bool from_float[TARGET_COUNT]; /* it was a number of a spreadsheet: see raw.h */
    bool
        from_date[TARGET_COUNT]; /* it was a date of a spreadsheet: yyyy-mm-dd whatever the source's format */
    bool bijoy[TARGET_COUNT];    /* typed for SutonnyMJ */
} mapped_record;

#endif
