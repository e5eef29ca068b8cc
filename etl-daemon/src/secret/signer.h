/*
 * signer.h - Ed25519 keys that sign checkpoints of the audit, and those that check them, in the forms of signed notes
 * (C2SP signed-note): NAME+HASH+BASE64, where HASH names the key.
 *
 * Key file (mode 0600 or 0400, a regular file of the calling user): one line, PRIVATE+KEY+NAME+HASH+BASE64. Its public
 * half is NAME+HASH+BASE64, for everybody.
 */
#ifndef ETL_SECRET_SIGNER_H
#define ETL_SECRET_SIGNER_H

#include <stdint.h>

#include "base/failure.h"

enum { SIGNATURE_BYTES = 64, KEY_NAME_MAX = 100, PUBLIC_KEY_TEXT = KEY_NAME_MAX + 64 };

typedef struct {
    char name[KEY_NAME_MAX + 1]; /* of whoever signs: no blank, no plus sign */
    uint32_t hash;               /* first four bytes of SHA-256(name, line feed, 0x01, public key) */
    uint8_t bytes[32];
} public_key;

typedef struct signer signer;

/* NULL with f set (EXIT_KEYS): missing, readable by others, malformed, or its parts do not belong together. */
signer *signer_open(const char *path, failure *f);
void signer_close(signer *s); /* NULL is fine */
const public_key *signer_public(const signer *s);

/* Writes a new key for `name`, mode 0600, never over an existing file. */
MUST_CHECK bool signer_create(const char *path, const char *name, failure *f);

MUST_CHECK bool signer_sign(const signer *s, span text, uint8_t out[SIGNATURE_BYTES]);

/* One key of the text form; false when it is none. */
MUST_CHECK bool public_key_read(span text, public_key *out);
void public_key_write(const public_key *key, char out[PUBLIC_KEY_TEXT]);
MUST_CHECK bool public_key_verifies(const public_key *key, span text,
                                    const uint8_t signature[SIGNATURE_BYTES]);

#endif
