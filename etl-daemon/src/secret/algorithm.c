/*
 * algorithm.c - the one place that asks OpenSSL for algorithms by name.
 */
#include "secret/algorithm.h"

#include <pthread.h>

static algorithms found;
static const algorithms *all; /* set when every one was found */

static void fetch(void)
{
    found.aes = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
    found.gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    found.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    found.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    found.sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    if (found.aes && found.gcm && found.hmac && found.sha256 && found.sha1)
        all = &found;
}

const algorithms *algorithms_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fetch);
    return all;
}
