/*
 * judge.h - a mapped record on its way to being a row: the texts that may be read on, the row so far, the
 * reasons. Promises that a field with a reason of its own is empty here, so that one fault is not reported
 * twice.
 */
#ifndef ETL_VALIDATE_JUDGE_H
#define ETL_VALIDATE_JUDGE_H

#include "config/source_def.h"
#include "row/mapped.h"
#include "row/reason.h"
#include "row/row.h"

typedef struct {
    const source_def *def;
    civil_date today;
    span
        text[TARGET_COUNT]; /* trimmed, UTF-8, without control characters; empty: absent or already refused */
    bool given[TARGET_COUNT]; /* the source gave something, readable or not */
    const mapped_record *in;
    char unicode[TARGET_COUNT][ROW_NAME]; /* of names that came in Bijoy */
    registry_row *row;
    reason_list *reasons;
} judge;

/*
 * Fills text and given from the mapped record, names in Bijoy turned into Unicode; adds missing, too_long,
 * wrong_encoding, control_character and bad_bijoy.
 */
void judge_prepare(judge *j, const mapped_record *in);

/* Is there a reason about this field already? */
bool judge_has_reason(const judge *j, target field);

/* Copies a field's text and a NUL; size is above the field's ceiling. */
void judge_copy(const judge *j, target field, char *out, size_t size);

#endif
