/* gate.c - see gate.h. Who waits stands in a list, and looks up now and then, to see the order to stop. */
#include "job/gate.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/wall.h"

enum { LOOK_EVERY_MS = 100 };

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int patience_ms;
    int places, leaving;   /* that are free; inside, and on their way out */
    int slow, slow_places; /* in the slow lane: inside, and how many may be */
    gate_ticket *first;    /* in line */
};

gate *gate_new(int places, int patience_ms)
{
    gate *g = calloc(1, sizeof *g);
    if (!g || pthread_mutex_init(&g->lock, NULL) != 0) {
        free(g);
        return NULL;
    }
    (void)pthread_cond_init(&g->changed, NULL);
    g->patience_ms = patience_ms;
    g->places = places;
    g->slow_places = places / 2 > 0 ? places / 2 : 1;
    return g;
}

void gate_free(gate *g)
{
    if (!g)
        return;
    (void)pthread_cond_destroy(&g->changed);
    (void)pthread_mutex_destroy(&g->lock);
    free(g);
}

static void wait_a_little(gate *g)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_EVERY_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    (void)pthread_cond_timedwait(&g->changed, &g->lock, &until);
}

/* The first in line that may come in with so many places free and so many of the slow inside; NULL: none. */
static const gate_ticket *next_in(const gate *g, int places, int slow)
{
    const gate_ticket *t = places > 0 ? g->first : NULL;
    while (t && t->lane == LANE_SLOW && slow >= g->slow_places)
        t = t->next;
    return t;
}

static void stand_in_line(gate *g, gate_ticket *t)
{
    gate_ticket **end = &g->first;
    if (t->in_line)
        return;
    while (*end)
        end = &(*end)->next;
    *end = t;
    t->next = NULL;
    t->in_line = true;
}

static void step_out_of_line(gate *g, gate_ticket *t)
{
    gate_ticket **at = &g->first;
    while (*at && *at != t)
        at = &(*at)->next;
    if (*at)
        *at = t->next;
    t->in_line = false;
}

gate_answer gate_enter(gate *g, gate_ticket *t, const atomic_int *stop)
{
    const int64_t until = wall_steady_ms() + g->patience_ms;
    (void)pthread_mutex_lock(&g->lock);
    stand_in_line(g, t);
    while (!*stop && next_in(g, g->places, g->slow) != t && wall_steady_ms() < until)
        wait_a_little(g);
    gate_answer answer = *stop                                 ? GATE_STOPPED
                         : next_in(g, g->places, g->slow) == t ? GATE_INSIDE
                                                               : GATE_STILL;
    if (answer != GATE_STILL)
        step_out_of_line(g, t);
    if (answer == GATE_INSIDE) {
        t->inside = true;
        g->places--;
        g->slow += t->lane == LANE_SLOW;
    }
    (void)pthread_cond_broadcast(&g->changed);
    (void)pthread_mutex_unlock(&g->lock);
    return answer;
}

void gate_leave(gate *g, gate_ticket *t)
{
    (void)pthread_mutex_lock(&g->lock);
    step_out_of_line(g, t);
    if (t->inside) {
        g->places++;
        g->slow -= t->lane == LANE_SLOW;
        g->leaving -= t->leaving;
    }
    t->inside = t->leaving = false;
    (void)pthread_cond_broadcast(&g->changed);
    (void)pthread_mutex_unlock(&g->lock);
}

bool gate_wanted(gate *g, const gate_ticket *t)
{
    (void)pthread_mutex_lock(&g->lock);
    bool wanted = next_in(g, g->places + 1, g->slow - (t->lane == LANE_SLOW)) != NULL;
    (void)pthread_mutex_unlock(&g->lock);
    return wanted;
}

/* How many of the line would come in, were there places enough. */
static int entitled(const gate *g)
{
    int count = 0, slow = g->slow;
    for (const gate_ticket *t = g->first; t; t = t->next) {
        bool may = t->lane == LANE_QUICK || slow < g->slow_places;
        count += may;
        slow += may && t->lane == LANE_SLOW;
    }
    return count;
}

bool gate_yield(gate *g, gate_ticket *t)
{
    (void)pthread_mutex_lock(&g->lock);
    if (!t->leaving && t->inside && t->lane == LANE_QUICK && entitled(g) > g->places + g->leaving) {
        t->leaving = true;
        g->leaving++;
    }
    bool leaving = t->leaving;
    (void)pthread_mutex_unlock(&g->lock);
    return leaving;
}

void gate_change(gate *g, gate_ticket *t, gate_lane lane)
{
    (void)pthread_mutex_lock(&g->lock);
    if (t->inside)
        g->slow += (lane == LANE_SLOW) - (t->lane == LANE_SLOW);
    t->lane = lane;
    (void)pthread_cond_broadcast(&g->changed);
    (void)pthread_mutex_unlock(&g->lock);
}
