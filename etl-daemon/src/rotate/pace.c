/*
 * pace.c - see pace.h. Halves a part that took too long at once, and lets parts grow slowly. A part costs as much
 * beside its rows, in calls and plans, as some hundred rows cost: on a server that is slow because it is busy smaller
 * parts would keep it busier.
 */
#include "rotate/pace.h"

enum { BLOCKS_FIRST = 32, BLOCKS_LEAST = 16, BLOCKS_MOST = 256 };

static const double LONGEST = 0.040, SHORTEST = 0.015; /* seconds */

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
