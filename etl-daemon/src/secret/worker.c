/*
 * worker.c - one worker a thread, freed with it.
 */
#include "secret/worker.h"

#include <openssl/core_names.h>
#include <pthread.h>
#include <stdlib.h>

#include "secret/algorithm.h"
#include "secret/keyring_private.h"

static pthread_key_t slot;
static bool slot_made;

static void free_macs(worker *w)
{
    for (int i = 0; i < KEY_PURPOSES; i++) {
        EVP_MAC_CTX_free(w->mac[i]);
        w->mac[i] = NULL;
    }
}

static void free_worker(void *memory)
{
    worker *w = memory;
    if (!w)
        return;
    free_macs(w);
    xaes_free(&w->sealer);
    EVP_MD_CTX_free(w->digest);
    nonce_pool_free(w->nonces);
    free(w);
}

static void make_slot(void)
{
    slot_made = pthread_key_create(&slot, free_worker) == 0;
}

static worker *new_worker(void)
{
    worker *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->digest = EVP_MD_CTX_new();
    w->nonces = nonce_pool_new();
    if (xaes_init(&w->sealer) && w->digest && w->nonces && pthread_setspecific(slot, w) == 0)
        return w;
    free_worker(w);
    return NULL;
}

worker *worker_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_slot);
    if (!slot_made || !algorithms_get())
        return NULL;
    worker *w = pthread_getspecific(slot);
    return w ? w : new_worker();
}

worker *worker_for(const keyring *ring)
{
    worker *w = worker_get();
    if (!w || w->serial == keyring_serial(ring))
        return w;
    w->serial = 0;
    free_macs(w);
    if (!xaes_set_key(&w->sealer, keyring_key(ring, KEY_DATA)))
        return NULL;
    w->serial = keyring_serial(ring);
    return w;
}

EVP_MAC_CTX *worker_mac(worker *w, const keyring *ring, key_purpose purpose)
{
    EVP_MAC_CTX *mac = w->mac[purpose];
    if (mac) /* keyed already: begin again with the same key */
        return EVP_MAC_init(mac, NULL, 0, NULL) == 1 ? mac : NULL;
    char digest[] = "SHA256";
    OSSL_PARAM parameter[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                              OSSL_PARAM_construct_end()};
    mac = EVP_MAC_CTX_new(algorithms_get()->hmac);
    if (mac && EVP_MAC_init(mac, keyring_key(ring, purpose), KEY_BYTES, parameter) == 1)
        return w->mac[purpose] = mac;
    EVP_MAC_CTX_free(mac);
    return NULL;
}

void worker_drop(void)
{
    if (!slot_made)
        return;
    free_worker(pthread_getspecific(slot));
    pthread_setspecific(slot, NULL);
}
