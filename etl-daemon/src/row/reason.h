/*
 * reason.h - every reason why a record was set aside, in the order found, bounded.
 */
#ifndef ETL_ROW_REASON_H
#define ETL_ROW_REASON_H

#include "row/target.h"

typedef enum {
#define X(CODE, code, text) REASON_##CODE,
#include "row/reason.def"
#undef X
    REASON_COUNT
} reason_code;

enum { REASONS_MAX = 32 };

typedef struct {
    reason_code code;
    target field;       /* TARGET_COUNT: the record as a whole */
    const char *detail; /* static text naming the rule, or NULL; never a value */
    int position;       /* character counted from 1, 0 when not about one */
} reason;

typedef struct {
    reason item[REASONS_MAX];
    size_t count;
} reason_list;

/* Further reasons past REASONS_MAX are dropped: the record is set aside all the same. */
void reason_add(reason_list *list, reason_code code, target field, const char *detail, int position);
const char *reason_name(reason_code code);
const char *reason_text(reason_code code);

#endif
