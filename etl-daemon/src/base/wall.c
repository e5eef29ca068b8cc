/* wall.c - see wall.h. */
#include "base/wall.h"

#include <time.h>

int64_t wall_steady_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void wall_set(wall_clock *w, int64_t shows_ms)
{
    w->ahead = shows_ms - wall_steady_ms();
}

int64_t wall_now_ms(const wall_clock *w)
{
    return wall_steady_ms() + w->ahead;
}
