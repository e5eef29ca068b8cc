/*
 * keyring_private.h - the keyring's memory and key bytes, for the files of secret/ and no others.
 */
#ifndef ETL_SECRET_KEYRING_PRIVATE_H
#define ETL_SECRET_KEYRING_PRIVATE_H

#include "base/span.h"
#include "secret/keyring.h"

enum { KEY_FILE_MAX = 4096 };

struct keyring {
    uint64_t serial; /* never the same twice in a process: tells a thread's contexts whether they fit */
    uint32_t version[KEY_PURPOSES]; /* 0: no key read yet */
    uint8_t key[KEY_PURPOSES][KEY_BYTES];
    uint8_t commitment[KEY_PURPOSES][COMMITMENT_BYTES];
    char text[KEY_FILE_MAX]; /* the key file while it is read or written, then wiped */
};

/* One region of its own: locked, left out of core dumps, absent in forked children. */
keyring *keyring_new(failure *f);

static inline const uint8_t *keyring_key(const keyring *ring, key_purpose purpose)
{
    return ring->key[purpose];
}

static inline uint64_t keyring_serial(const keyring *ring)
{
    return ring->serial;
}

#endif
