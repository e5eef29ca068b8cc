/*
 * skew.h - a source whose clock is ahead. A record dated tomorrow must not become the position from which changes are
 * asked for: what changes today would never be seen.
 */
#ifndef ETL_SOURCE_SKEW_H
#define ETL_SOURCE_SKEW_H

#include <time.h>

#include "base/span.h"

enum { SKEW_BORNE = 86400 /* seconds; a local time without its zone is up to 14 hours off */ };

/* Is the time (yyyy-mm-dd, T or a blank, hh:mm) more than SKEW_BORNE after now? False for what is not written so. */
bool skew_ahead(span text, time_t now);

#endif
