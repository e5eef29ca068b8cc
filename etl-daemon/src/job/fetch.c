/*
 * fetch.c - one request, and again when that is worth it. Refuses to wait once the daemon is to stop.
 */
#include "job/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/log.h"
#include "job/keeper.h"
#include "job/token_said.h"
#include "load/load_limit.h"
#include "source/search.h"
#include "wire/remote_clock.h"

enum { SLICE = 50, LONG_TURN = 1000 /* milliseconds */ };

int fetch_delay(const source_deadlines *d, int attempt, int retry_after, int jitter)
{
    int64_t delay = d->first_delay_ms;
    for (int i = 1; i < attempt && delay < d->longest_delay_ms; i++)
        delay *= 2;
    if (delay > d->longest_delay_ms)
        delay = d->longest_delay_ms;
    delay = delay * jitter / 1000;
    int64_t asked =
        1000 * (int64_t)(retry_after > d->longest_asked_seconds ? d->longest_asked_seconds : retry_after);
    return (int)(delay > asked ? delay : asked);
}

static int draw_jitter(void)
{
    unsigned short drawn = 0;
    if (getrandom(&drawn, sizeof drawn, GRND_NONBLOCK) != (ssize_t)sizeof drawn)
        return 0;
    return drawn % 1001;
}

/* False as soon as the daemon is to stop. */
static bool wait_for(int milliseconds, const job_orders *orders)
{
    for (int waited = 0; waited < milliseconds && !orders->stop; waited += SLICE)
        (void)nanosleep(&(struct timespec){.tv_nsec = SLICE * 1000000L}, NULL);
    return !orders->stop;
}

static bool on_body(void *context, span bytes)
{
    fetcher *x = context;
    return page_memory_add(x->body, bytes, &x->task->orders->urgent);
}

static bool yields(void *context)
{
    const fetcher *x = context;
    return x->yields(x->context);
}

/* What a source may call its pages, by format. */
static const char *const *media_of(source_format format)
{
    static const char *const lines[] = {"application/x-ndjson", "application/jsonl", "application/json",
                                        NULL};
    static const char *const csv[] = {"text/csv", "application/csv", NULL};
    return format == FORMAT_JSONL ? lines : format == FORMAT_CSV ? csv : NULL;
}

typedef struct {
    const char *url;
    const char *const *header;
    span body; /* n > 0: a POST */
} asking;

static bool send(fetcher *x, const asking *what, http_result *result, failure *f)
{
    const source_deadlines *d = &x->task->def->deadlines;
    const http_request request = {.url = what->url,
                                  .header = what->header,
                                  .body = what->body,
                                  .connect_seconds = d->connect_seconds,
                                  .first_byte_seconds = d->first_byte_seconds,
                                  .page_seconds = d->page_seconds,
                                  .body_max = (int64_t)x->body->room,
                                  .on_body = on_body,
                                  .media = media_of(x->task->def->format),
                                  .context = x,
                                  .patience_ms = GATE_PATIENCE_MS,
                                  .yields = x->yields ? yields : NULL,
                                  .cancel = &x->task->orders->urgent};
    page_memory_clear(x->body);
    return x->task->kind->fetch(x->client, &request, result, f);
}

/* Asked of the registry, where every daemon asks: may one more request be sent, and when? Waits for its turn. */
static bool await_turn(fetcher *x, failure *f)
{
    const source_limits *l = &x->task->def->limits;
    int wait = 0;
    x->may = FETCH_DONE;
    if (l->per_second == 0 && l->per_minute == 0 && l->daily_quota == 0)
        return true;
    pg_session *pg = keeper_enter(x->task->keeper, f);
    bool asked = pg && load_request_take(pg, x->task->def, &wait, f);
    if (pg)
        keeper_leave(x->task->keeper);
    x->may = FETCH_FAILED;
    if (!asked || (wait > LONG_TURN && x->on_turn && !x->on_turn(x->context, wait, f)))
        return false;
    x->may = wait == LOAD_NOT_TODAY            ? FETCH_NOT_TODAY
             : wait_for(wait, x->task->orders) ? FETCH_DONE
                                               : FETCH_STOPPED;
    return x->may == FETCH_DONE ||
           fail(f, EXIT_PARTIAL, "the quota of %ld requests a day is used up", l->daily_quota);
}

static bool ask_leave(void *context, int *wait_seconds, failure *f)
{
    const fetcher *x = context;
    pg_session *pg = keeper_enter(x->task->keeper, f);
    bool asked = pg && load_grant_take(pg, x->task->def, wait_seconds, f);
    if (pg)
        keeper_leave(x->task->keeper);
    return asked;
}

static bool connect_source(fetcher *x, failure *f)
{
    x->may = x->on_connect ? x->on_connect(x->context, &x->client, f) : FETCH_DONE;
    return x->may == FETCH_DONE;
}

/*
 * With our proof, and with a message of its own where the source wants one. A token is had before a connection, so that
 * nobody waits for it with a place that others need; what is signed is signed when it is sent.
 */
static bool ask(fetcher *x, const char *url, auth_headers *headers, http_result *result, failure *f)
{
    const token_reader reader = token_reader_in(x->task->home);
    auth_moment moment = {x->task->identity, &x->task->orders->urgent, time(NULL), &reader, ask_leave, x};
    buf message;
    buf_init(&message, 3 * SEARCH_MESSAGE_MAX);
    bool good = auth_ready(x->task->auth, &moment, f) && connect_source(x, f) && await_turn(x, f);
    moment.now = time(NULL);
    good = good && (x->task->def->style != PAGING_SEARCH ||
                    search_write(x->task->auth, x->at, moment.now, &message, f));
    good = good && auth_prove(x->task->auth, &moment, url, headers, f);
    const asking what = {url, headers->list, buf_span(&message)};
    good = good && send(x, &what, result, f);
    buf_free(&message);
    return good;
}

/* A token that is refused although it was good before is exchanged for another, once. */
static bool fetch_once(fetcher *x, const char *url, http_result *result, failure *f)
{
    auth_headers *headers = calloc(1, sizeof *headers);
    *result = (http_result){0};
    bool good = headers || fail(f, EXIT_INTERNAL, "no memory for the headers of a request");
    for (int proofs = 0; good && proofs < 2; proofs++) {
        result->status = 0;
        good = ask(x, url, headers, result, f);
        if (good)
            auth_accepted(x->task->auth);
        if (good || result->status != 401 || !auth_refused(x->task->auth, f))
            break;
        good = proofs == 0;
    }
    if (headers)
        auth_wipe(headers);
    free(headers);
    return good;
}

/* A request refused while the two clocks are apart: signatures, tokens, dates are judged by the other one. */
static void tell_clock(const http_result *result, failure *f)
{
    int ahead = result->clock_ahead;
    size_t n = strlen(f->text);
    if (result->status >= 400 && result->status < 500 &&
        (ahead > REMOTE_CLOCK_BORNE || ahead < -REMOTE_CLOCK_BORNE))
        (void)snprintf(f->text + n, sizeof f->text - n, "; its clock is %d s %s this machine's", abs(ahead),
                       ahead > 0 ? "ahead of" : "behind");
}

fetch_outcome fetch_page(fetcher *x, const char *url, failure *f)
{
    const source_deadlines *d = &x->task->def->deadlines;
    x->asked_seconds = 0;
    for (int attempt = 1;; attempt++) {
        http_result result;
        if (fetch_once(x, url, &result, f)) {
            (void)snprintf(x->at->link, sizeof x->at->link, "%s", result.next);
            x->silent = result.silent;
            return FETCH_DONE;
        }
        tell_clock(&result, f);
        page_memory_clear(x->body); /* nobody waits for memory while we wait for a source */
        if (x->on_yield && x->on_yield(x->context)) {
            attempt--;
            continue;
        }
        if (x->may == FETCH_NOT_TODAY)
            return FETCH_NOT_TODAY;
        if (x->task->orders->stop)
            return FETCH_STOPPED;
        if (result.retry_after > d->longest_asked_seconds)
            x->asked_seconds = result.retry_after;
        if (!result.retry || attempt > d->retries || x->asked_seconds > 0)
            return FETCH_FAILED;
        int delay = fetch_delay(d, attempt, result.retry_after, draw_jitter());
        log_event(LOG_WARNING, x->task->def->name, "retry", "attempt=%d of=%d wait_ms=%d problem=\"%s\"",
                  attempt, d->retries, delay, f->text);
        if (!x->on_retry(x->context, delay, f))
            return FETCH_FAILED;
        if (!wait_for(delay, x->task->orders))
            return FETCH_STOPPED;
    }
}
