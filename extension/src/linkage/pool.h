/*
 * pool.h - numbered tasks shared out among the caller's own thread and some more. Plain C: nothing of the server is
 * touched, and the other threads have all signals blocked, so the server's handlers run in the caller's thread alone.
 *
 * Promises: works without any other thread where none can be had; link_pool_end comes back only when no other
 * thread runs.
 */
#ifndef EKOK_LINKAGE_POOL_H
#define EKOK_LINKAGE_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { LINK_WORKERS_MOST = 16 };

typedef struct link_pool link_pool;

/* Worker 0 is the caller's thread. */
typedef struct {
    link_pool *pool;
    unsigned number;
} link_worker;

struct link_pool {
    void (*task)(void *work, const link_worker *worker, uint32_t number);
    void *work;
    void (*breathe)(void); /* called by the caller's thread alone; may never come back */
    uint32_t tasks;
    unsigned workers; /* at most, the caller's thread among them */
    atomic_uint next;
    atomic_bool stop;
    link_worker worker[LINK_WORKERS_MOST];
    pthread_t thread[LINK_WORKERS_MOST];
    unsigned started;
};

/* All tasks, each once, by whoever is free; comes back when they are done or link_pool_stop was called. */
void link_pool_run(link_pool *pool);
/* To be called by tasks now and then; false: the task is to end. */
bool link_pool_go_on(const link_worker *worker);
void link_pool_stop(link_pool *pool);
/* Stops and awaits the other threads; whoever is not to wait for link_pool_run's return calls this. May be repeated. */
void link_pool_end(link_pool *pool);

#endif
