/*
 * algorithm.h - OpenSSL's algorithms, looked up once per process: a look-up per message costs more than the message.
 * Private to secret/.
 */
#ifndef ETL_SECRET_ALGORITHM_H
#define ETL_SECRET_ALGORITHM_H

#include <openssl/evp.h>

typedef struct {
    EVP_CIPHER *aes; /* AES-256 on single blocks, for key derivation only */
    EVP_CIPHER *gcm; /* AES-256-GCM */
    EVP_MAC *hmac;
    EVP_MD *sha256;
    EVP_MD *sha1; /* of one-time codes alone, inside HMAC */
} algorithms;

/* NULL when OpenSSL offers one of them not. They live as long as the process. */
const algorithms *algorithms_get(void);

#endif
