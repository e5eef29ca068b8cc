/*
 * wall.h - what a clock on a wall in Dhaka shows, kept in step with the registry's server, which has the time zone
 * data. Milliseconds since that clock showed 1 January 1970: differences are right unless the wall clocks are changed
 * between.
 */
#ifndef ETL_BASE_WALL_H
#define ETL_BASE_WALL_H

#include <stdatomic.h>
#include <stdint.h>

/* ahead: of the clock that only goes forward, milliseconds. */
typedef struct {
    atomic_llong ahead;
} wall_clock;

/* Milliseconds on a clock of this machine that only goes forward, also while it sleeps. */
int64_t wall_steady_ms(void);

/* It shows this now. */
void wall_set(wall_clock *w, int64_t shows_ms);
int64_t wall_now_ms(const wall_clock *w);

#endif
