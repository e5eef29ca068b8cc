/*
 * plain.h - dates, amounts and places: what is judged without the core's identifiers. Promises a reason for
 * every refusal; refuses to guess a date's order, a missing decimal point or a shortened place code.
 */
#ifndef ETL_VALIDATE_PLAIN_H
#define ETL_VALIDATE_PLAIN_H

#include <stdint.h>

#include "base/date.h"
#include "row/reason.h"

enum { DATE_YEARS_BACK = 130, SCORE_MAX = 200000 };

#define AMOUNT_PAISA_MAX INT64_C(1000000000000) /* 10^12 paisa, ten thousand million taka */

typedef struct {
    const char *pattern; /* base/date.h */
    civil_date today;    /* the last day accepted; the first is DATE_YEARS_BACK years before */
    target field;
} date_rule;

bool plain_date(const date_rule *rule, span text, civil_date *out, reason_list *reasons);

/* Taka with at most two decimals, or whole paisa. */
bool plain_amount(span text, bool in_paisa, int64_t *out, reason_list *reasons);

/* From 0 to 2000 with at most two decimals, in hundredths. */
bool plain_score(span text, int *hundredths, reason_list *reasons);

/* 2, 4, 6 or 8 digits, written as ASCII with a NUL. */
bool plain_geocode(span text, char out[9], reason_list *reasons);

#endif
