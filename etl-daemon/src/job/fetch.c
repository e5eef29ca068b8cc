/*
 * fetch.c - one GET, and again when that is worth it. Refuses to wait once the daemon is to stop.
 */
#include "job/fetch.h"

#include <sys/random.h>
#include <time.h>

#include "base/log.h"

enum { FIRST_DELAY = 500, LONGEST_DELAY = 30000, LONGEST_ASKED = 60000, SLICE = 50 };

int fetch_delay(int attempt, int retry_after, int jitter)
{
    int delay = LONGEST_DELAY;
    if (attempt >= 1 && attempt < 7)
        delay = FIRST_DELAY << (attempt - 1);
    if (delay > LONGEST_DELAY)
        delay = LONGEST_DELAY;
    delay -= delay / 2 * jitter / 1000;
    int asked = retry_after > LONGEST_ASKED / 1000 ? LONGEST_ASKED : retry_after * 1000;
    return delay > asked ? delay : asked;
}

static int draw_jitter(void)
{
    unsigned short drawn = 0;
    if (getrandom(&drawn, sizeof drawn, GRND_NONBLOCK) != (ssize_t)sizeof drawn)
        return 0;
    return drawn % 1000;
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

/* What a source may call its pages, by format. */
static const char *const *media_of(source_format format)
{
    static const char *const lines[] = {"application/x-ndjson", "application/jsonl", "application/json",
                                        NULL};
    static const char *const csv[] = {"text/csv", "application/csv", NULL};
    return format == FORMAT_JSONL ? lines : format == FORMAT_CSV ? csv : NULL;
}

static bool fetch_once(fetcher *x, const char *url, http_result *result, failure *f)
{
    const http_request request = {.url = url,
                                  .timeout_seconds = x->task->def->deadlines.page_seconds,
                                  .body_max = (int64_t)x->body->room,
                                  .on_body = on_body,
                                  .media = media_of(x->task->def->format),
                                  .context = x,
                                  .cancel = &x->task->orders->urgent};
    page_memory_clear(x->body);
    return x->task->kind->fetch(x->client, &request, result, f);
}

fetch_outcome fetch_page(fetcher *x, const char *url, failure *f)
{
    for (int attempt = 1;; attempt++) {
        http_result result;
        if (fetch_once(x, url, &result, f))
            return FETCH_DONE;
        page_memory_clear(x->body); /* nobody waits for memory while we wait for a source */
        if (x->task->orders->stop)
            return FETCH_STOPPED;
        if (!result.retry || attempt > x->task->def->deadlines.retries)
            return FETCH_FAILED;
        int delay = fetch_delay(attempt, result.retry_after, draw_jitter());
        log_event(LOG_WARNING, x->task->def->name, "retry", "attempt=%d of=%d wait_ms=%d problem=\"%s\"",
                  attempt, x->task->def->deadlines.retries, delay, f->text);
        x->on_retry(x->context, f);
        if (!wait_for(delay, x->task->orders))
            return FETCH_STOPPED;
    }
}
