/* pool.c - see pool.h. */
#include "linkage/pool.h"

#include <signal.h>
#include <stddef.h>

enum { STACK_BYTES = 1 << 20 };

bool link_pool_go_on(const link_worker *worker)
{
    if (worker->number == 0 && worker->pool->breathe != NULL)
        worker->pool->breathe();
    return !atomic_load_explicit(&worker->pool->stop, memory_order_relaxed);
}

void link_pool_stop(link_pool *pool)
{
    atomic_store(&pool->stop, true);
}

static void work_on(const link_worker *worker)
{
    link_pool *pool = worker->pool;

    while (link_pool_go_on(worker)) {
        uint32_t number = atomic_fetch_add(&pool->next, 1);
        if (number >= pool->tasks)
            return;
        pool->task(pool->work, worker, number);
    }
}

static void *thread_main(void *worker)
{
    work_on(worker);
    return NULL;
}

/* As many as are wanted and can be had. */
static void start(link_pool *pool)
{
    sigset_t all, before;
    pthread_attr_t attributes;

    if (pool->workers < 2 || pthread_attr_init(&attributes) != 0)
        return;
    sigfillset(&all);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 1; i < pool->workers && i < LINK_WORKERS_MOST; i++) {
        if (pthread_create(&pool->thread[i], &attributes, thread_main, &pool->worker[i]) != 0)
            break;
        pool->started = i;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

static void await(link_pool *pool)
{
    for (; pool->started > 0; pool->started--)
        pthread_join(pool->thread[pool->started], NULL);
}

void link_pool_run(link_pool *pool)
{
    atomic_store(&pool->next, 0);
    for (unsigned i = 0; i < LINK_WORKERS_MOST; i++)
        pool->worker[i] = (link_worker){pool, i};
    start(pool);
    work_on(&pool->worker[0]);
    await(pool);
}

void link_pool_end(link_pool *pool)
{
    link_pool_stop(pool);
    await(pool);
}
