/*
 * identity.h - which keys there are: of each purpose the versions, their states and commitments, never a key. The agent
 * says it, those that seal through it hold on to it.
 *
 * A payload holds a purpose: count (u8), then a version: version (u32), state (u8), commitment (32). Refuses one that
 * is cut, too long, or without an active version of a purpose.
 */
#ifndef ETL_AGENT_IDENTITY_H
#define ETL_AGENT_IDENTITY_H

#include "base/buf.h"
#include "core/agent.h"
#include "secret/keyring.h"

typedef struct {
    key_facts of[KEY_PURPOSES][KEY_VERSIONS_MAX]; /* rising */
    size_t count[KEY_PURPOSES], active[KEY_PURPOSES];
} key_identity;

enum { IDENTITY_MAX = KEY_PURPOSES * (1 + KEY_VERSIONS_MAX * (5 + COMMITMENT_BYTES)) };

MUST_CHECK bool identity_write(const keyring *ring, buf *out);
MUST_CHECK bool identity_read(span payload, key_identity *out);

/* Are all versions of the other there, the same keys? Others may have been added, and states have moved on. */
MUST_CHECK bool identity_follows(const key_identity *now, const key_identity *before);

#endif
