/*
 * cron.h - when something is due: five fields of a cron expression, and office hours, on the clock of a wall. Pure: no
 * clock is read and no time zone is known here; times are seconds since that wall's clock showed 1 January 1970 (see
 * base/wall.h, whose wall is in Dhaka).
 *
 * Fields: minute 0-59, hour 0-23, day 1-31, month 1-12 or jan-dec, weekday 0-7 or sun-sat (0 and 7: Sunday). Each is
 * `*`, a number or name, a range a-b, one of these with a step /n, or a list of such by commas. As in cron, when day
 * and weekday are both given (neither begins with `*`), either of them is enough. Refuses what never comes, as
 * 31 February.
 */
#ifndef ETL_BASE_CRON_H
#define ETL_BASE_CRON_H

#include <stdint.h>

#include "base/span.h"

typedef struct {
    uint64_t minute; /* bit n: at minute n */
    uint32_t hour, day, month, weekday;
    bool any_day, any_weekday;
} cron;

/* office: Sunday to Thursday, 09:00 to 16:59; off: the other hours. Public holidays are not known here. */
typedef enum { HOURS_ANY, HOURS_OFFICE, HOURS_OFF } cron_hours;

/* NULL when *out is filled; otherwise what is wrong, static text. */
const char *cron_parse(const char *text, cron *out);

/* Is this moment inside the hours? */
bool cron_within(cron_hours hours, int64_t at);

/* The first due minute after `after`, inside the hours; -1: none within nine years. */
int64_t cron_next(const cron *c, cron_hours hours, int64_t after);

#endif
