/*
 * key_wrap.h - AES-256-WRAP-PAD (RFC 5649) of one key by another. Private to secret/. Memory for keys is the caller's,
 * locked and wiped. Whose key wraps, and where it lies: wrapper.h.
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

#endif
