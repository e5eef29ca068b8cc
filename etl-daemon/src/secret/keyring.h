/*
 * keyring.h - the keys, in locked memory that is left out of core dumps and wiped at the end.
 *
 * A key file has mode 0600 or 0400 and is a regular file of the calling user; anything else is refused. Two formats:
 *   ekok-keys 1                       as `ekok keys init` writes it; `ekok keys upgrade` turns it into format 2
 *   data 1 <64 hex digits>            purpose, version 1, the key itself
 *
 *   ekok-keys 2
 *   wrap file NAME <commitment>       which wrapping key: a file (beside this one unless NAME begins with '/'),
 *   wrap credential NAME <commitment> or one that systemd hands over; 64 hexadecimal digits either way
 *   data 1 decrypt-only <commitment> <key, wrapped>
 *   data 2 active <commitment> <key, wrapped>      purpose, version, state; "-" for a key that was destroyed
 *
 * Purposes: data seals values (XAES-256-GCM); token_nid, token_brn, token_mobile, token_wallet, token_account make the
 * tokens of one kind of evidence each (HMAC-SHA-256); row is the MAC over a row's content. Of each purpose one version
 * is active. A key's commitment is HMAC-SHA-256(key, "ekok commitment") in hex; it is checked when a file is read.
 *
 * A file that is changed while it is open (by a rotation) is read again within a second, by whoever seals or opens.
 */
#ifndef ETL_SECRET_KEYRING_H
#define ETL_SECRET_KEYRING_H

#include <stdint.h>

#include "base/failure.h"

typedef enum {
    KEY_DATA,
    KEY_TOKEN_NID,
    KEY_TOKEN_BRN,
    KEY_TOKEN_MOBILE,
    KEY_TOKEN_WALLET,
    KEY_TOKEN_ACCOUNT,
    KEY_ROW,
    KEY_PURPOSES
} key_purpose;

/* A key only moves on. All but the destroyed open what they sealed; only the active one seals. */
typedef enum {
    KEY_PRE_ACTIVE,
    KEY_ACTIVE,
    KEY_DECRYPT_ONLY,
    KEY_RETIRED,
    KEY_DESTROYED,
    KEY_STATES
} key_state;

enum { KEY_BYTES = 32, COMMITMENT_BYTES = 32, TOKEN_BYTES = 16, KEY_VERSIONS_MAX = 16 };

typedef struct keyring keyring;

/* NULL with f set (EXIT_KEYS) when the file is missing, readable by others, malformed or incomplete. */
keyring *keyring_open(const char *path, failure *f);
void keyring_close(keyring *ring); /* wipes; NULL is fine */

/* Writes a new key file of format 1 with random keys, mode 0600, never over an existing one. */
MUST_CHECK bool keyring_create(const char *path, failure *f);

/*
 * The same for a process that will give up opening files: one apart, forked here, reads the file then and later
 * (key_loader.h). Before there are threads, and before anything is open that the other is not to have.
 */
keyring *keyring_open_apart(const char *path, failure *f);

/*
 * Reads the file again if it was changed. False, with the keys as they were, when it can no longer be read, or does
 * not hold all keys that it held.
 */
MUST_CHECK bool keyring_refresh(const keyring *ring, failure *f);

/* Tells one reading of the file from another. */
uint64_t keyring_reading(const keyring *ring);

const char *key_purpose_name(key_purpose purpose); /* "data", "token_nid", ... */
MUST_CHECK bool key_purpose_find(span name, key_purpose *out);
const char *key_state_name(key_state state); /* "pre-active", ... */
bool key_stands(key_state state);            /* may tokens and MACs of a table have been made by it? */

uint32_t keyring_version(const keyring *ring, key_purpose purpose); /* the active one */
uint32_t keyring_next(const keyring *ring, key_purpose purpose);    /* the newest pre-active one; 0: none */

typedef struct {
    uint32_t version;
    key_state state;
    uint8_t commitment[COMMITMENT_BYTES];
} key_facts;

/* All versions of a purpose, rising; how many. */
size_t keyring_versions(const keyring *ring, key_purpose purpose, key_facts out[KEY_VERSIONS_MAX]);

/* Of the active key: kept in keyring.key, so that the wrong key file is found out at start. */
void keyring_commitment(const keyring *ring, key_purpose purpose, uint8_t out[COMMITMENT_BYTES]);

/* Constant-time comparison of two MACs. */
bool mac_equal(const void *a, const void *b, size_t count);

#endif
