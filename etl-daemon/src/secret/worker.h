/*
 * worker.h - what one thread needs to seal and to make MACs: OpenSSL contexts, made once and keyed for one keyring.
 *
 * OpenSSL keeps expanded keys in these contexts, in ordinary memory, until the thread ends or lets go of them; it
 * wipes them then. They are not locked; the process itself is not dumpable while a keyring is open.
 * Private to secret/.
 */
#ifndef ETL_SECRET_WORKER_H
#define ETL_SECRET_WORKER_H

#include <openssl/evp.h>

#include "secret/keyring.h"
#include "secret/nonce.h"
#include "secret/xaes.h"

typedef struct {
    uint64_t serial; /* of the keyring that the contexts are keyed for, 0: none */
    xaes sealer;
    EVP_MAC_CTX *mac[KEY_PURPOSES]; /* NULL until first used */
    EVP_MD_CTX *digest;
    nonce_pool *nonces;
} worker;

/* The calling thread's worker; NULL when out of memory or OpenSSL refuses. */
worker *worker_get(void);

/* The same, keyed for this ring. */
worker *worker_for(const keyring *ring);

/* A context ready for EVP_MAC_update, keyed for purpose; NULL when OpenSSL refuses. w is from worker_for(ring). */
EVP_MAC_CTX *worker_mac(worker *w, const keyring *ring, key_purpose purpose);

/* Frees the calling thread's worker; the next use makes a new one. */
void worker_drop(void);

#endif
