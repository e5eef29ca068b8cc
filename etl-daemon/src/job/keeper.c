/* keeper.c - see keeper.h. */
#include "job/keeper.h"

#include <pthread.h>
#include <stdlib.h>

struct keeper {
    pthread_mutex_t lock;
    const char *conninfo;
    pg_session *pg; /* NULL: none yet */
};

keeper *keeper_new(const char *conninfo)
{
    keeper *k = calloc(1, sizeof *k);
    if (!k || pthread_mutex_init(&k->lock, NULL) != 0) {
        free(k);
        return NULL;
    }
    k->conninfo = conninfo;
    return k;
}

void keeper_free(keeper *k)
{
    if (!k)
        return;
    pg_close(k->pg); /* its leases end with it */
    (void)pthread_mutex_destroy(&k->lock);
    free(k);
}

pg_session *keeper_enter(keeper *k, failure *f)
{
    (void)pthread_mutex_lock(&k->lock);
    if (k->pg && pg_lost(k->pg)) {
        pg_close(k->pg);
        k->pg = NULL;
    }
    if (!k->pg)
        k->pg = pg_open(k->conninfo, "ekok-etld keeper", f);
    if (!k->pg)
        (void)pthread_mutex_unlock(&k->lock);
    return k->pg;
}

void keeper_leave(keeper *k)
{
    (void)pthread_mutex_unlock(&k->lock);
}
