/*
 * follow.c - see follow.h.
 */
#include "agent/follow.h"

#include "base/log.h"

bool follow_begin(follower *w, const keyring *ring, guard *g)
{
    char versions[GUARD_VERSIONS];
    *w = (follower){.ring = ring, .guard = g, .reading = keyring_reading(ring)};
    return guard_keys(g, versions);
}

void follow_look(follower *w, bool asked)
{
    char versions[GUARD_VERSIONS];
    failure f = {.text = ""};
    bool good = keyring_refresh(w->ring, &f);
    if (!good && (asked || strcmp(f.text, w->problem.text) != 0))
        log_event(LOG_ERROR, NULL, "keys_unreadable", "problem=\"%s\" keys=as_before", f.text);
    uint64_t reading = keyring_reading(w->ring);
    if (reading != w->reading) {
        bool written = guard_keys(w->guard, versions);
        log_event(LOG_INFO, NULL, "keys_read", "%s trace=%s", versions, written ? "written" : "not_written");
    } else if (good && asked) {
        log_event(LOG_INFO, NULL, "keys_read", "unchanged=yes");
    }
    w->reading = reading;
    w->problem = f; /* empty when the file was read */
}
