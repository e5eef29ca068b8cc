/*
 * main_keyd.c - ekok-keyd: the key agent. Holds the keys under a user of its own; seals and tokenises in bulk for the
 * daemon, makes one token for whoever holds a number, opens one value for a person, each within a quota and with a
 * line in its own trace. Follows its key file, which a process apart reads for it. Refuses to run without a filter of
 * system calls, and over a trace that was changed.
 */
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "agent/cage.h"
#include "agent/follow.h"
#include "agent/journal.h"
#include "agent/serve.h"
#include "base/log.h"

static const char USAGE[] =
    "usage: ekok-keyd --config FILE [--verbose]\n"
    "       ekok-keyd --verify-trace FILE [--head NUMBER:HASH]   is the trace whole? prints it\n"
    "  --head   a line that somebody has remembered (ekok agent status): found missing when the end was cut "
    "off\n";

typedef struct {
    const char *config, *trace, *head;
} arguments;

static bool read_arguments(int count, char **word, arguments *out)
{
    *out = (arguments){NULL, NULL, NULL};
    for (int i = 1; i < count; i++) {
        const char **value = strcmp(word[i], "--config") == 0         ? &out->config
                             : strcmp(word[i], "--verify-trace") == 0 ? &out->trace
                             : strcmp(word[i], "--head") == 0         ? &out->head
                                                                      : NULL;
        if (strcmp(word[i], "--verbose") == 0)
            log_set_level(LOG_DEBUG);
        else if (!value || i + 1 == count)
            return false;
        else
            *value = word[++i];
    }
    return (out->config != NULL) != (out->trace != NULL) && (!out->head || out->trace);
}

typedef struct {
    uint64_t number; /* of the remembered line, 0: none */
    const char *hash;
    bool met;
} remembered;

static bool print_line(void *context, const journal_line *line, failure *f)
{
    remembered *r = context;
    (void)f;
    (void)printf("%" PRIu64 " %.*s %.*s\n", line->number, (int)line->time.n, line->time.p, (int)line->text.n,
                 line->text.p);
    r->met = r->met || (line->number == r->number && span_equals(line->hash, r->hash));
    return true;
}

static bool verify_trace(const arguments *a, failure *f)
{
    remembered r = {0, "", true};
    journal_head head;
    if (a->head) {
        char *end = NULL;
        r.number = strtoull(a->head, &end, 10);
        if (r.number == 0 || *end != ':')
            return fail(f, EXIT_USAGE, "--head: NUMBER:HASH is expected");
        r.hash = end + 1;
        r.met = false;
    }
    if (!journal_verify(a->trace, print_line, &r, &head, f))
        return false;
    if (!r.met)
        return fail(f, EXIT_EVIDENCE,
                    "%s: line %" PRIu64
                    " is not the one that was remembered: the end was cut off, or all of it written anew",
                    a->trace, r.number);
    (void)printf("whole: %" PRIu64 " lines, the last %s%s\n", head.count, head.hash,
                 head.torn ? ", and a line that a crash has cut" : "");
    return true;
}

static void harden(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)umask(077);
    (void)mallopt(M_ARENA_MAX, 4); /* else the library counts processors, in a file, when the cage is shut */
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
        log_event(LOG_WARNING, NULL, "memory_not_locked",
                  "mend=\"LimitMEMLOCK=infinity\" keys=locked_all_the_same");
}

/* SIGHUP looks at the key file at once; so does each second, and at how long the trace has grown. */
static bool follow_until_end(const sigset_t *signals, follower *keys, journal_keeper *keeper, failure *f)
{
    const struct timespec second = {1, 0};
    int number;
    bool good = true;
    do {
        number = sigtimedwait(signals, NULL, &second);
        if (number < 0 || number == SIGHUP) {
            follow_look(keys, number == SIGHUP);
            good = guard_turn(keys->guard, keeper, f);
        }
    } while (good && number != SIGTERM && number != SIGINT);
    return good;
}

static bool run(const char *config, failure *f)
{
    static post p;
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    /* Forked before there is any key to be copied. */
    journal_keeper *keeper = post_read(config, &p, f) ? journal_keeper_start(p.journal, f) : NULL;
    keyring *ring = keeper ? keyring_open_apart(p.keys, f) : NULL;
    guard *g = ring ? guard_open(&p, ring, f) : NULL;
    server *s = g ? server_open(&p, ring, g, f) : NULL;
    if (s)
        (void)sd_notify(0, "READY=1"); /* it listens; in the cage nothing more can be said to systemd */
    follower keys;
    bool good = s && cage_enter(f) &&
                (follow_begin(&keys, ring, g) || fail(f, EXIT_INTERNAL, "%s: cannot be written", p.journal));
    if (good) {
        server_begin(s);
        log_event(LOG_INFO, NULL, "key_agent_ready", "callers=%zu", p.callers);
        good = follow_until_end(&signals, &keys, keeper, f);
    }
    server_close(s);
    guard_close(g);
    keyring_close(ring);
    journal_keeper_stop(keeper);
    return good;
}

int main(int count, char **word)
{
    arguments a;
    failure f = {.code = EXIT_DONE, .text = ""};
    if (!read_arguments(count, word, &a)) {
        (void)fputs(USAGE, stderr);
        return EXIT_USAGE;
    }
    if (a.config)
        harden();
    bool good = a.trace ? verify_trace(&a, &f) : run(a.config, &f);
    if (f.text[0])
        (void)fprintf(stderr, "ekok-keyd: %s\n", f.text);
    return good ? EXIT_DONE : (int)f.code;
}
