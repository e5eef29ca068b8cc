/*
 * keyring.h - the keys, in locked memory that is left out of core dumps and wiped at the end.
 *
 * Key file (mode 0600 or 0400, a regular file of the calling user; anything else is refused):
 *   ekok-keys 1
 *   data 1 <64 hex digits>            seals values (XAES-256-GCM)
 *   token_nid 1 <64 hex digits>       one HMAC-SHA-256 key per kind of evidence: token_nid, token_brn,
 *   ...                               token_mobile, token_wallet, token_account
 *   row 1 <64 hex digits>             HMAC over a row's content, to tell changed from unchanged
 * Each line: purpose, version, key. Versions above 1 and rotation come with the key agent.
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

enum { KEY_BYTES = 32, COMMITMENT_BYTES = 32, TOKEN_BYTES = 16 };

typedef struct keyring keyring;

/* NULL with f set (EXIT_KEYS) when the file is missing, readable by others, malformed or incomplete. */
keyring *keyring_open(const char *path, failure *f);
void keyring_close(keyring *ring); /* wipes; NULL is fine */

/* Writes a new key file with random keys, mode 0600, never over an existing one. */
MUST_CHECK bool keyring_create(const char *path, failure *f);

const char *key_purpose_name(key_purpose purpose); /* "data", "token_nid", ... */
uint32_t keyring_version(const keyring *ring, key_purpose purpose);

/* HMAC-SHA-256(key, "ekok commitment"): kept in keyring.key, so that the wrong key file is found out at start. */
void keyring_commitment(const keyring *ring, key_purpose purpose, uint8_t out[COMMITMENT_BYTES]);

/* Constant-time comparison of two MACs. */
bool mac_equal(const void *a, const void *b, size_t count);

#endif
