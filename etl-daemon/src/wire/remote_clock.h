/*
 * remote_clock.h - what the headers of an answer say of time. Where a source names a moment, it is compared with the
 * source's own clock (Date), not with ours: a pause is as long as it meant, however far the two are apart.
 */
#ifndef ETL_WIRE_REMOTE_CLOCK_H
#define ETL_WIRE_REMOTE_CLOCK_H

#include <time.h>

#include "base/span.h"

enum { REMOTE_CLOCK_BORNE = 60 /* seconds apart that nobody is told of */ };

/* Seconds by which the clock that wrote the header Date is ahead of `now`, negative: behind; 0: none to read. */
int remote_clock_ahead(const char *date, time_t now);

/* Seconds to wait by the header Retry-After, in seconds or as a date, at most `most`; 0: none, or a moment past. */
int remote_clock_pause(const char *retry_after, const char *date, time_t now, int most);

#endif
