/*
 * due.h - when a source is due. Pure; times are seconds on the wall's clock (base/wall.h).
 *
 * With a cron expression a source is due at the first of its times after its last run began: however many times were
 * missed, it is pulled once. Without one, an interval after that. A run that failed is tried again after the
 * interval, or at the next time, whichever comes first; one that was cut short goes on at once, or on the next day
 * where the day's quota is used up. Never outside the hours of its definition.
 */
#ifndef ETL_SCHEDULE_DUE_H
#define ETL_SCHEDULE_DUE_H

#include "config/source_def.h"

typedef enum {
    PAST_NONE,   /* never pulled; `began` is when its definition came into force */
    PAST_DONE,   /* to the last page */
    PAST_CUT,    /* stopped, or found open: there is more to come */
    PAST_FAILED, /* by an error */
    PAST_HELD    /* for drift: a human decides, or the definition is mended */
} due_end;

typedef struct {
    due_end end;
    int64_t began, ended;
    int64_t not_before; /* the source is left alone, or its quota is used up; 0: not */
} due_past;

enum { DAY_SECONDS = 86400 };

/* INT64_MAX: not before something else happens. */
int64_t due_at(const source_schedule *schedule, int interval_seconds, const due_past *past);

/* Midnight after `now`. */
int64_t due_tomorrow(int64_t now);

#endif
