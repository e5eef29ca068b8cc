/*
 * sealer.h - who seals and opens for this process: a key file of its own, or the key agent. Callers do not know
 * which.
 *
 * Promises that with the agent this process never holds a key. One sealer serves all threads; what is asked in
 * bulk goes through seal_batch.h.
 */
#ifndef ETL_AGENT_SEALER_H
#define ETL_AGENT_SEALER_H

#include "base/buf.h"
#include "secret/seal.h"

typedef struct sealer sealer;

/* One of both is empty. NULL: f (EXIT_CONFIG, EXIT_KEYS). */
sealer *sealer_open(const char *key_file, const char *socket, failure *f);
void sealer_close(sealer *s); /* NULL is fine */

/*
 * Looks which keys there are now: those that a rotation has added, those that are active. An agent that is away leaves
 * them as they were; one with other keys is found out when it seals.
 */
void sealer_look(const sealer *s);

uint32_t sealer_version(const sealer *s, key_purpose purpose);
/* All versions of a purpose that are known here, rising. How many. */
size_t sealer_versions(const sealer *s, key_purpose purpose, key_facts out[KEY_VERSIONS_MAX]);
void sealer_commitment(const sealer *s, key_purpose purpose, uint8_t out[COMMITMENT_BYTES]);

/* Appends the sealed form. */
MUST_CHECK bool sealer_seal(const sealer *s, const seal_place *place, span clear, buf *out, failure *f);

/* Why a value is opened; the agent writes both down. */
typedef struct {
    const char *why, *topic; /* topic: a case, may be NULL */
} opening_reason;

/* A value that somebody wants opened. */
typedef struct {
    seal_place place;
    span sealed;
    opening_reason reason;
} sealed_value;

MUST_CHECK bool sealer_unseal(const sealer *s, const sealed_value *value, opened_value *out, failure *f);

/* For seal_batch.c and tests. */
const keyring *sealer_ring(const sealer *s); /* NULL: the agent */
const char *sealer_socket(const sealer *s);
/*
 * Takes over what the agent says its keys are now. payload: an answer to IDENTITY. False: a key that the sealer knew
 * is not there, or is another one; then nothing is taken over.
 */
MUST_CHECK bool sealer_follow(const sealer *s, span payload);

/* A request's common beginning; the ceilings of both are those of agent.h. */
MUST_CHECK bool sealer_put_seal(buf *to, const seal_place *place, span clear);

#endif
