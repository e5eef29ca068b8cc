/*
 * skew.h - a source whose clock is off. Ahead: a record dated tomorrow must not become the position from which
 * changes are asked for, or what changes today would never be seen. Set back, or a change committed after a later
 * one was seen: the position goes back by as much as its definition says, and what is read again and did not
 * change is not written.
 */
#ifndef ETL_SOURCE_SKEW_H
#define ETL_SOURCE_SKEW_H

#include <time.h>

#include "base/span.h"

enum { SKEW_BORNE = 86400 /* seconds; a local time without its zone is up to 14 hours off */ };

/* Is the time (yyyy-mm-dd, T or a blank, hh:mm) more than SKEW_BORNE after now? False for what is not written so. */
bool skew_ahead(span text, time_t now);

/*
 * Moves a time written so (or a date alone, by whole days) back by the seconds, in place; fractions and the zone
 * stay as they are. False, and nothing changed, for what is not written so: a number that counts changes knows no
 * clock.
 */
bool skew_back(char *text, int seconds);

#endif
