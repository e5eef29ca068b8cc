/*
 * jws.h - opens a compact JWS (RFC 7515) with one pinned public key: RS256 for an RSA key of 2048 bits or more, EdDSA
 * (RFC 8037) for an Ed25519 key.
 *
 * Promises that the algorithm is the key's and never the message's choice, so what the protected header says of "alg"
 * can do no harm. Refuses critical extensions ("crit"), padding and characters outside of base64url.
 */
#ifndef ETL_SECRET_JWS_H
#define ETL_SECRET_JWS_H

#include "base/buf.h"
#include "base/failure.h"

typedef struct jws_key jws_key;

/* From a file in PEM ("PUBLIC KEY"). NULL: EXIT_CONFIG, with the path. */
jws_key *jws_key_read(const char *path, failure *f);
void jws_key_free(jws_key *key);

/* Verifies and appends the payload to out. False: EXIT_PARTIAL; out is as it was. */
MUST_CHECK bool jws_open(const jws_key *key, span token, buf *out, failure *f);

#endif
