/*
 * seal_batch.h - sealed values, tokens and MACs of many rows as hex inside lines that are being written: at once
 * with a key file; with the agent their places are left open, and one exchange fills hundreds of them.
 *
 * Promises that after seal_batch_settle every place is filled, in all buffers that were written to since the last;
 * they must not be cleared, sent or freed before. An agent that is restarted meanwhile is waited for and asked
 * again, for up to 20 seconds: sealing twice does no harm. Refuses to go on with an agent that came back
 * without keys that it had; one with further versions of them, after a rotation, is followed.
 */
#ifndef ETL_AGENT_SEAL_BATCH_H
#define ETL_AGENT_SEAL_BATCH_H

#include "agent/client.h"
#include "agent/sealer.h"

typedef struct seal_hole seal_hole;

typedef struct {
    const sealer *with;
    agent_client client;
    bool known; /* the agent at the other end has the right keys */
    buf request, answer, sealed;
    seal_hole *hole;
    size_t holes, room;
    size_t record; /* bytes of the sealed record that is still to be placed */

    uint32_t row_key[KEY_VERSIONS_MAX]; /* of the key of content MACs, those that rows may stand by */
    size_t row_keys;                    /* 0: not chosen, the active one */
    buf made, other;                    /* each MAC, and the same by another version: bytea as text */
    failure why;                        /* of the last false */
} seal_batch;

void seal_batch_init(seal_batch *b, const sealer *with);
void seal_batch_free(seal_batch *b);

/* Each appends to out. False: b->why. */
MUST_CHECK bool seal_batch_value(seal_batch *b, const seal_place *place, span clear, buf *out);
MUST_CHECK bool seal_batch_token(seal_batch *b, key_purpose purpose, span subject, buf *out);

/*
 * Chooses, for the lines until the next call, by which versions of their key content MACs are made: the active one
 * first, which goes into the lines; while others stand, b->made and b->other tell MACs by those.
 */
void seal_batch_choose(seal_batch *b);

/* The MAC of a row's content. */
MUST_CHECK bool seal_batch_content_mac(seal_batch *b, span content, buf *out);

/* A whole record: its MAC; then, in a later call, nothing between, it sealed with that MAC in hex for a row id. */
MUST_CHECK bool seal_batch_record_mac(seal_batch *b, const seal_place *place, span record, buf *out);
MUST_CHECK bool seal_batch_record(seal_batch *b, buf *out);

MUST_CHECK bool seal_batch_settle(seal_batch *b);
void seal_batch_forget(seal_batch *b); /* what is open is given up: the lines are thrown away */

#endif
