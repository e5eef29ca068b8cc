/* aside.c - see aside.h. */
#include "aside.h"

#include <inttypes.h>
#include <stdio.h>

#include "connectors.h"
#include "job/keeper.h"
#include "job/trial.h"

exit_code aside_try(setting *s, arguments *a, failure *f)
{
    static const job_orders orders;
    page_pool pool;
    if (!setting_read_trial(s, a, f))
        return f->code;
    if (s->defs != 1) {
        (void)fail(f, EXIT_USAGE, "a verification lists nobody: there is no page to try");
        return f->code;
    }
    const http_identity identity = setting_identity(s);
    keeper *counter = keeper_new(s->config.database);
    if (!counter)
        return EXIT_INTERNAL;
    page_pool_init(&pool, 1);
    const job_task task = {.def = s->def[0],
                           .kind = connector_for(s->def[0]),
                           .identity = &identity,
                           .keeper = counter,
                           .signer = s->signer[0],
                           .auth = s->auth[0],
                           .home = a->home,
                           .pool = &pool,
                           .orders = &orders};
    bool good = trial_run(&task, a->trial_rows, stdout, f) && fflush(stdout) == 0;
    page_pool_free(&pool);
    keeper_free(counter);
    return good ? EXIT_DONE : f->code;
}

static void print_replay(const replay_result *r)
{
    const int64_t number[] = {r->run_id,    r->looked_at,   r->fetched, r->inserted,   r->updated,
                              r->unchanged, r->quarantined, r->refused, r->superseded, r->unreadable};
    (void)printf("replay");
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        (void)printf("\t%" PRId64, number[i]);
    (void)printf("\n");
}

exit_code aside_replay(setting *s, arguments *a, failure *f)
{
    static const job_orders orders;
    page_pool pool;
    replay_result result;
    if (!setting_read_replay(s, a, f))
        return f->code;
    page_pool_init(&pool, 1);
    const job_task task = {.def = s->def[0],
                           .kind = connector_for(s->def[0]),
                           .keys = s->keys,
                           .home = a->home,
                           .conninfo = s->config.database,
                           .lease_seconds = s->config.lease_seconds,
                           .pool = &pool,
                           .orders = &orders};
    bool good = replay_run(&task, &a->filter, &result, f);
    page_pool_free(&pool);
    if (good)
        print_replay(&result);
    return good && fflush(stdout) == 0 ? EXIT_DONE : f->code;
}
