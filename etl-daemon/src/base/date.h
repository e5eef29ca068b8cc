/*
 * date.h - civil dates of the Gregorian calendar and the ways in which sources write them.
 */
#ifndef ETL_BASE_DATE_H
#define ETL_BASE_DATE_H

#include <stdint.h>

#include "base/span.h"

typedef struct {
    int year, month, day;
} civil_date;

bool date_exists(civil_date date); /* 29 February only in leap years; years 1 to 9999 */
int date_compare(civil_date a, civil_date b);
civil_date date_since_march_0000(int64_t days); /* so many days after 1 March of the year 0, which is 1 BC */
civil_date date_in_dhaka(int days);             /* so many days from today; UTC+6, no daylight saving time */

/* Is this a pattern that date_parse understands: yyyy, mm, mon (Jan or January), dd and separators, e.g. dd/mm/yyyy. */
bool date_pattern_valid(const char *pattern);

/*
 * Reads text (ASCII or Bengali digits) by a pattern; trailing time of day (T... or a space) is ignored when the
 * pattern ends in '*'. False when the text does not have that shape. A well-shaped date that does not exist
 * (31 February) is returned true: ask date_exists().
 */
bool date_parse(const char *pattern, span text, civil_date *out);

#endif
