/*
 * keyring_private.h - the keyring's memory and key bytes, for the files of secret/ and no others.
 */
#ifndef ETL_SECRET_KEYRING_PRIVATE_H
#define ETL_SECRET_KEYRING_PRIVATE_H

#include "base/span.h"
#include "secret/keyring.h"

enum { KEY_FILE_MAX = 32768, WRAP_NAME = 1024 };

typedef enum { WRAP_NONE, WRAP_FILE, WRAP_CREDENTIAL, WRAP_PKCS11, WRAP_KINDS } wrap_kind;

/* Which key wraps the others; WRAP_NONE: format 1, they stand in the open. */
typedef struct {
    wrap_kind kind;
    bool attended;        /* a person waits for it, and may be told to try a PIN again */
    char name[WRAP_NAME]; /* of a token's key: its PKCS#11 URI behind "pkcs11:" */
    uint8_t commitment[COMMITMENT_BYTES];
} key_wrapping;

typedef struct {
    uint32_t version; /* 0: none */
    key_state state;
    uint8_t key[KEY_BYTES], commitment[COMMITMENT_BYTES];
} kept_key;

/* One reading of a key file: read-only from then on, a region of its own: locked, not dumped, absent in children. */
typedef struct key_set {
    uint64_t serial; /* never the same twice in a process: tells a thread's contexts whether they fit */
    struct key_set *before; /* the reading that this one replaced: others may still be using it */
    key_wrapping wrapping;
    kept_key kept[KEY_PURPOSES][KEY_VERSIONS_MAX]; /* by rising version */
    size_t count[KEY_PURPOSES], active[KEY_PURPOSES];
} key_set;

key_set *key_set_new(failure *f);
void key_set_free(key_set *set); /* wipes; NULL is fine */

/* Reads the file into a new set, commitments checked, not yet read-only. attended: see key_wrapping. */
key_set *key_set_read(const char *path, bool attended, failure *f);

/* The keys as they are now; looks once a second whether the file was changed. */
const key_set *keyring_now(const keyring *ring);

MUST_CHECK bool key_commit(const uint8_t key[KEY_BYTES], uint8_t out[COMMITMENT_BYTES]);

/* NULL: no such version, or destroyed. Version 0: the active one. */
const kept_key *key_find(const key_set *set, key_purpose purpose, uint32_t version);

#endif
