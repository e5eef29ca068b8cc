/*
 * key_wrap.h - the key that wraps the others: where it lies, and AES-256-WRAP-PAD (RFC 5649) with it.
 * Private to secret/. Memory for such a key is the caller's, locked and wiped.
 */
#ifndef ETL_SECRET_KEY_WRAP_H
#define ETL_SECRET_KEY_WRAP_H

#include "secret/keyring_private.h"

enum { WRAPPED_BYTES = KEY_BYTES + 8 };

MUST_CHECK bool key_wrap(const uint8_t kek[KEY_BYTES], const uint8_t key[KEY_BYTES],
                         uint8_t out[WRAPPED_BYTES]);
/* False when it was not wrapped with this key, or was changed; out is wiped then. */
MUST_CHECK bool key_unwrap(const uint8_t kek[KEY_BYTES], const uint8_t wrapped[WRAPPED_BYTES],
                           uint8_t out[KEY_BYTES]);

const char *wrap_kind_name(wrap_kind kind); /* "file", "credential" */

/* Fetches the wrapping key and holds it against its commitment. key_path: the key file, for relative names. */
MUST_CHECK bool wrapping_key(const key_wrapping *w, const char *key_path, uint8_t out[KEY_BYTES], failure *f);

/* "file:NAME" or "credential:NAME"; the key is fetched, or made where it is a file that does not exist. */
MUST_CHECK bool wrapping_choose(const char *words, const char *key_path, key_wrapping *out,
                                uint8_t key[KEY_BYTES], failure *f);

#endif
