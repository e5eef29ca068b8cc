/*
 * xaes.h - XAES-256-GCM as C2SP specifies it (c2sp.org/XAES-256-GCM) on OpenSSL's AES: a 256-bit key, a 192-bit nonce
 * that may be random for every message, a 16-byte tag. Private to secret/; nonces come from nonce.h.
 * Not key-committing: whoever needs that compares the keyring's commitments.
 */
#ifndef ETL_SECRET_XAES_H
#define ETL_SECRET_XAES_H

#include <openssl/evp.h>
#include <stdint.h>

#include "base/span.h"

enum { XAES_KEY_BYTES = 32, XAES_NONCE_BYTES = 24, XAES_TAG_BYTES = 16 };

/* Working state of one thread: never shared. */
typedef struct {
    EVP_CIPHER_CTX *block, *gcm; /* the key's AES-256 on single blocks; the message's AES-256-GCM */
    uint8_t k1[16];              /* CMAC subkey K1 of the key */
} xaes;

MUST_CHECK bool xaes_init(xaes *x);
void xaes_free(xaes *x);
MUST_CHECK bool xaes_set_key(xaes *x, const uint8_t key[XAES_KEY_BYTES]);

/* Steps 3 to 5 of the specification: the key of AES-256-GCM from the nonce's first half. */
MUST_CHECK bool xaes_derive(xaes *x, const uint8_t nonce[XAES_NONCE_BYTES], uint8_t derived[XAES_KEY_BYTES]);

/* Writes clear.n + XAES_TAG_BYTES bytes. */
MUST_CHECK bool xaes_seal(xaes *x, const uint8_t nonce[XAES_NONCE_BYTES], span aad, span clear, uint8_t *out);

/* Writes sealed.n - XAES_TAG_BYTES bytes, wiped again when the tag does not fit. */
MUST_CHECK bool xaes_open(xaes *x, const uint8_t nonce[XAES_NONCE_BYTES], span aad, span sealed,
                          uint8_t *out);

#endif
