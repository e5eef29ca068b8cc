/*
 * proof.h - proofs that a request is ours: HMAC-SHA-256 in hexadecimal, and a JWS (RFC 7515), whole or detached, by our
 * private key, RS256 for RSA of 2048 bits or more, EdDSA for Ed25519.
 */
#ifndef ETL_SECRET_PROOF_H
#define ETL_SECRET_PROOF_H

#include "base/buf.h"
#include "base/failure.h"

enum { PROOF_HEX = 65, PROOF_JWS = 2048 };

/* SHA-256 of bytes in hexadecimal. */
MUST_CHECK bool proof_digest(span bytes, char out[PROOF_HEX]);
MUST_CHECK bool proof_hmac(span key, span message, char out[PROOF_HEX]);

typedef struct proof_key proof_key;

/* From PEM ("PRIVATE KEY", not encrypted). NULL: EXIT_CONFIG; name: what the message calls it. */
proof_key *proof_key_read(span pem, const char *name, failure *f);
void proof_key_free(proof_key *key);

/* Appends a compact JWS, "HEADER.PAYLOAD.SIGNATURE"; key_id as below. False: out is as it was. */
MUST_CHECK bool proof_token(const proof_key *key, const char *key_id, span payload, buf *out);

/* "HEADER..SIGNATURE": the payload is not in it. key_id: for the header's kid, plain text. */
MUST_CHECK bool proof_jws(const proof_key *key, const char *key_id, span payload, char out[PROOF_JWS]);

#endif
