/*
 * worker.h - what one thread needs to seal and to make MACs: OpenSSL contexts, made once and keyed for one keyring.
 * Of a key two versions are at hand, so that a rotation from one to the next does not key them for each value.
 *
 * OpenSSL keeps expanded keys in these contexts, in ordinary memory, until the thread ends or lets go of them; it
 * wipes them then. They are not locked; the process itself is not dumpable while a keyring is open.
 * Private to secret/.
 */
#ifndef ETL_SECRET_WORKER_H
#define ETL_SECRET_WORKER_H

#include <openssl/evp.h>

#include "secret/keyring_private.h"
#include "secret/nonce.h"
#include "secret/xaes.h"

typedef struct {
    uint64_t serial;                   /* of the keys that the contexts are keyed for, 0: none */
    xaes cipher[2];                    /* of an even and of an odd version of the data key */
    uint32_t cipher_version[2];        /* 0: not keyed */
    EVP_MAC_CTX *mac[KEY_PURPOSES][2]; /* NULL until first used */
    uint32_t mac_version[KEY_PURPOSES][2];
    EVP_MD_CTX *digest;
    nonce_pool *nonces;
} worker;

/* The calling thread's worker; NULL when out of memory or OpenSSL refuses. */
worker *worker_get(void);

/* The same, for these keys: contexts of others are forgotten. */
worker *worker_for(const key_set *set);

/* The cipher under this version of the data key; NULL when OpenSSL refuses. w is from worker_for(the key's set). */
xaes *worker_cipher(worker *w, const kept_key *key);

/* A context ready for EVP_MAC_update, keyed with this key of purpose; NULL when OpenSSL refuses. */
EVP_MAC_CTX *worker_mac(worker *w, const kept_key *key, key_purpose purpose);

/* Frees the calling thread's worker; the next use makes a new one. */
void worker_drop(void);

#endif
