/*
 * fuzz_agent.c - any bytes as a request to the key agent, from one who may everything and from one who may
 * nothing: every request gets one answer of its kind or a refusal, within its bounds, and who may nothing gets
 * nothing. The first byte is the kind; a batch of one sealed value gives as many bytes as it must.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/answer.h"
#include "base/log.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static post callers = {.callers = 2,
                       .caller = {{.name = "all",
                                   .uid = 1,
                                   .may = 127,
                                   .wrong_hour = 10,
                                   .wrong_day = 30,
                                   .all_wrong = 300,
                                   .roles = true,
                                   .per_hour = 100,
                                   .per_day = 100,
                                   .all_hour = 1000,
                                   .all_day = 1000,
                                   .near_distance = 100,
                                   .near_most = 5,
                                   .burst = 100000},
                                  {.name = "none", .uid = 2}}};
static keyring *ring;
static guard *watch;

/* The quotas hang on memory in which the leak checker does not look. */
static void end(void)
{
    guard_close(watch);
    keyring_close(ring);
}

static void make(void)
{
    char folder[] = "/tmp/ekok_fuzz_agent_XXXXXX", path[64];
    failure f = {.text = ""};
    log_set_level(LOG_ERROR); /* alarms there will be */
    must(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof path, "%s/keys", folder);
    must(keyring_create(path, &f));
    ring = keyring_open(path, &f);
    (void)unlink(path);
    (void)snprintf(callers.journal, sizeof callers.journal, "%s/trace", folder);
    watch = guard_open(&callers, ring, &f);
    must(ring && watch && atexit(end) == 0);
    (void)unlink(callers.journal); /* it lives on as long as it is open */
    (void)rmdir(folder);
}

static void check(uint8_t kind, const buf *out, bool allowed)
{
    ekok_agent_head head;
    must(out->size >= EKOK_AGENT_HEAD && ekok_agent_head_read((const uint8_t *)out->data, &head));
    must(head.size == out->size - EKOK_AGENT_HEAD);
    if (head.kind == EKOK_AGENT_SAYS_REFUSED) {
        must(head.size > 1);
        return;
    }
    must(allowed && kind >= EKOK_AGENT_DO_BATCH && kind <= EKOK_AGENT_DO_CODE);
    must(head.kind != EKOK_AGENT_SAYS_CODE || head.size == EKOK_AGENT_VERDICT);
    must(head.kind != EKOK_AGENT_SAYS_TOKEN || head.size == EKOK_AGENT_TOKEN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    buf out;
    if (!ring)
        make();
    if (size < 1)
        return 0;
    buf_init(&out, EKOK_AGENT_LARGE);
    for (int i = 0; i < 2; i++) {
        const asking a = {ring, watch, &callers.caller[i]};
        answer_request(&a, data[0], (span){(const char *)data + 1, size - 1}, &out);
        check(data[0], &out, i == 0);
        must(i == 0 || answer_room(&a, data[0]) == 0);
    }
    buf_free(&out);
    return 0;
}
