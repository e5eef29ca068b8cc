/*
 * jws.h - JSON Web Signatures (RFC 7515) by Ed25519, as the simulated systems check and make them. Texts that are given
 * are the caller's to free. Refuses every other algorithm.
 */
#ifndef SIM_JWS_H
#define SIM_JWS_H

#include <stdbool.h>
#include <stddef.h>

/* Base64url without padding; NULL: out of memory. */
char *jws_encode(const void *bytes, size_t size);

/*
 * Is the token signed by the public key in that file? payload: of a detached token ("HEADER..SIGNATURE"); NULL: the
 * token holds its own, which must stand for the text `want`.
 */
bool jws_verify(const char *folder, const char *key, const char *token, const char *payload,
                const char *want);

/* A compact token of the payload, signed by the private key in that file; NULL: it can't be. */
char *jws_sign(const char *folder, const char *key, const char *payload);

#endif
