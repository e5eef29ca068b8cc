/*
 * worker.c - one worker a thread, freed with it.
 */
#include "secret/worker.h"

#include <openssl/core_names.h>
#include <pthread.h>
#include <stdlib.h>

#include "secret/algorithm.h"

static pthread_key_t slot;
static bool slot_made;

static void forget_keys(worker *w)
{
    for (int i = 0; i < KEY_PURPOSES; i++) {
        for (int k = 0; k < 2; k++) {
            EVP_MAC_CTX_free(w->mac[i][k]);
            w->mac[i][k] = NULL;
            w->mac_version[i][k] = 0;
        }
    }
    w->cipher_version[0] = w->cipher_version[1] = 0;
}

static void free_worker(void *memory)
{
    worker *w = memory;
    if (!w)
        return;
    forget_keys(w);
    xaes_free(&w->cipher[0]);
    xaes_free(&w->cipher[1]);
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
    if (xaes_init(&w->cipher[0]) && xaes_init(&w->cipher[1]) && w->digest && w->nonces &&
        pthread_setspecific(slot, w) == 0)
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

worker *worker_for(const key_set *set)
{
    worker *w = worker_get();
    if (!w || w->serial == set->serial)
        return w;
    forget_keys(w);
    w->serial = set->serial;
    return w;
}

xaes *worker_cipher(worker *w, const kept_key *key)
{
    int at = (int)(key->version & 1);
    if (w->cipher_version[at] == key->version)
        return &w->cipher[at];
    w->cipher_version[at] = 0;
    if (!xaes_set_key(&w->cipher[at], key->key))
        return NULL;
    w->cipher_version[at] = key->version;
    return &w->cipher[at];
}

EVP_MAC_CTX *worker_mac(worker *w, const kept_key *key, key_purpose purpose)
{
    int at = (int)(key->version & 1);
    EVP_MAC_CTX *mac = w->mac[purpose][at];
    if (mac && w->mac_version[purpose][at] == key->version) /* keyed already: begin again with the same key */
        return EVP_MAC_init(mac, NULL, 0, NULL) == 1 ? mac : NULL;
    EVP_MAC_CTX_free(mac);
    w->mac[purpose][at] = NULL;
    char digest[] = "SHA256";
    OSSL_PARAM parameter[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                              OSSL_PARAM_construct_end()};
    mac = EVP_MAC_CTX_new(algorithms_get()->hmac);
    if (mac && EVP_MAC_init(mac, key->key, KEY_BYTES, parameter) == 1) {
        w->mac_version[purpose][at] = key->version;
        return w->mac[purpose][at] = mac;
    }
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
