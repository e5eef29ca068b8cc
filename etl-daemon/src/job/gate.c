/* gate.c - see gate.h. Tickets keep the order; who waits looks up now and then, to see the order to stop. */
#include "job/gate.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

enum { LOOK_EVERY_MS = 100 };

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int places, waiting;
    uint64_t next_ticket, serving;
};

gate *gate_new(int places)
{
    gate *g = calloc(1, sizeof *g);
    if (!g || pthread_mutex_init(&g->lock, NULL) != 0) {
        free(g);
        return NULL;
    }
    (void)pthread_cond_init(&g->changed, NULL);
    g->places = places;
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

/* Also without a place the turn is waited for, so that no ticket is missing in the order. */
bool gate_enter(gate *g, const atomic_int *stop)
{
    (void)pthread_mutex_lock(&g->lock);
    uint64_t ticket = g->next_ticket++;
    g->waiting++;
    while (ticket != g->serving || (g->places == 0 && !*stop))
        wait_a_little(g);
    g->waiting--;
    g->serving++;
    bool entered = !*stop;
    g->places -= entered;
    (void)pthread_cond_broadcast(&g->changed);
    (void)pthread_mutex_unlock(&g->lock);
    return entered;
}

void gate_leave(gate *g)
{
    (void)pthread_mutex_lock(&g->lock);
    g->places++;
    (void)pthread_cond_broadcast(&g->changed);
    (void)pthread_mutex_unlock(&g->lock);
}

bool gate_wanted(gate *g)
{
    (void)pthread_mutex_lock(&g->lock);
    bool wanted = g->waiting > 0;
    (void)pthread_mutex_unlock(&g->lock);
    return wanted;
}
