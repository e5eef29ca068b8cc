/*
 * agent_house.h - a folder with a key file and an agent's configuration, for the tests of agent/.
 */
#ifndef EKOK_TEST_AGENT_HOUSE_H
#define EKOK_TEST_AGENT_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "agent/guard.h"
#include "secret/key_store.h"

typedef struct {
    char folder[64], keys[96], config[96], journal[96], socket[96];
    post post;
    keyring *ring;
    guard *guard;
} agent_house;

/* text: the sections of callers, where %u is the calling user. */
static inline void house_write(agent_house *h, const char *text)
{
    FILE *out = fopen(h->config, "w");
    assert_non_null(out);
    (void)fprintf(out, "[agent]\nsocket = socket\nkeys = keys\ntrace = trace\n");
    for (const char *p = text; *p; p++) {
        if (p[0] == '%' && p[1] == 'u') {
            (void)fprintf(out, "%u", (unsigned)getuid());
            p++;
        } else {
            (void)fputc(*p, out);
        }
    }
    assert_int_equal(fclose(out), 0);
}

static inline void house_make(agent_house *h, const char *callers)
{
    failure f = {.text = ""};
    *h = (agent_house){.folder = "/tmp/ekok-test-agent-XXXXXX"};
    assert_non_null(mkdtemp(h->folder));
    (void)snprintf(h->keys, sizeof h->keys, "%s/keys", h->folder);
    (void)snprintf(h->config, sizeof h->config, "%s/ini", h->folder);
    (void)snprintf(h->journal, sizeof h->journal, "%s/trace", h->folder);
    (void)snprintf(h->socket, sizeof h->socket, "%s/socket", h->folder);
    assert_true(keyring_create(h->keys, &f));
    h->ring = keyring_open(h->keys, &f);
    assert_non_null(h->ring);
    house_write(h, callers);
    if (!post_read(h->config, &h->post, &f))
        fail_msg("%s", f.text);
}

/* Wraps the keys, so that they can have versions. */
static inline void house_wrap(agent_house *h)
{
    failure f = {.text = ""};
    if (!key_store_wrap(h->keys, "file:kek", &f))
        fail_msg("%s", f.text);
}

static inline void house_guard(agent_house *h)
{
    failure f = {.text = ""};
    h->guard = guard_open(&h->post, h->ring, &f);
    if (!h->guard)
        fail_msg("%s", f.text);
}

static inline void house_end(agent_house *h)
{
    char kek[96], lock[96];
    (void)snprintf(kek, sizeof kek, "%s/kek", h->folder);
    (void)snprintf(lock, sizeof lock, "%s/keys.lock", h->folder);
    const char *file[] = {h->keys, h->config, h->journal, h->socket, kek, lock};
    guard_close(h->guard);
    keyring_close(h->ring);
    for (size_t i = 0; i < sizeof file / sizeof *file; i++)
        (void)unlink(file[i]);
    assert_int_equal(rmdir(h->folder), 0);
}

#endif
