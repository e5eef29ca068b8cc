/*
 * pace.c - see pace.h. Halves a part that took too long at once, and lets parts grow slowly. What a part costs beside
 * its rows, some calls, is as much as what some twenty rows cost: smaller parts would be dear and keep a busy server
 * busy.
 */
#include "rotate/pace.h"

enum { BLOCKS_FIRST = 16, BLOCKS_LEAST = 8, BLOCKS_MOST = 256 };

static const double LONGEST = 0.025, SHORTEST = 0.010; /* seconds */

pace pace_begin(void)
{
    return (pace){.blocks = BLOCKS_FIRST};
}

pace pace_of(int blocks)
{
    return (pace){.blocks = blocks, .fixed = true};
}

void pace_took(pace *p, double seconds)
{
    if (p->fixed)
        return;
    if (seconds > LONGEST)
        p->blocks /= 2;
    else if (seconds < SHORTEST)
        p->blocks += p->blocks / 4 + 1;
    if (p->blocks < BLOCKS_LEAST)
        p->blocks = BLOCKS_LEAST;
    if (p->blocks > BLOCKS_MOST)
        p->blocks = BLOCKS_MOST;
}
