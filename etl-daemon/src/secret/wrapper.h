/*
 * wrapper.h - whatever wraps the keys of a key file: a key at hand (from a file or a credential), or one inside a
 * PKCS#11 token, which the token alone uses. Either way AES-256-WRAP-PAD (RFC 5649), so a key file's form is the same.
 * Private to secret/.
 */
#ifndef ETL_SECRET_WRAPPER_H
#define ETL_SECRET_WRAPPER_H

#include "secret/key_wrap.h"

enum { WRAP_WORDS = WRAP_NAME + 16 };

typedef struct wrapper wrapper;

const char *wrap_kind_name(wrap_kind kind); /* "file", "credential", "pkcs11" */

/* Fetches the wrapping key and holds it against its commitment. key_path: the key file, for relative names.
 * NULL: EXIT_KEYS. */
wrapper *wrapper_open(const key_wrapping *w, const char *key_path, failure *f);

/* "file:NAME", "credential:NAME" or "pkcs11:...": the key is fetched, or made where it is a file or a token's key that
 * does not exist. NULL: EXIT_USAGE or EXIT_KEYS. */
wrapper *wrapper_choose(const char *words, const char *key_path, key_wrapping *out, failure *f);

/* Wipes the key, and leaves the token; NULL is fine. */
void wrapper_close(wrapper *w);

/* False: what went wrong, without the key file's name. */
MUST_CHECK bool wrapper_wrap(wrapper *w, const uint8_t key[KEY_BYTES], uint8_t out[WRAPPED_BYTES],
                             failure *f);
MUST_CHECK bool wrapper_unwrap(wrapper *w, const uint8_t wrapped[WRAPPED_BYTES], uint8_t out[KEY_BYTES],
                               failure *f);

/* Words for a new key where the one in use lies: in the same token, else a file beside the key file. `mark` tells it
 * from those before. */
MUST_CHECK bool wrapper_next(const key_wrapping *now, const char *key_path, int64_t mark,
                             char words[WRAP_WORDS], failure *f);

#endif
