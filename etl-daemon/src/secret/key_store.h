/*
 * key_store.h - changes of a key file of format 2: one process at a time, the whole file replaced in one step, so that
 * whoever reads it sees it before or after. Refuses to move a key back to an earlier state, and to put a file in place
 * that does not open.
 */
#ifndef ETL_SECRET_KEY_STORE_H
#define ETL_SECRET_KEY_STORE_H

#include "secret/keyring.h"

enum { KEY_STORE_WORDS = 1040 };

/* Wraps the keys of a file of either format under another wrapping key, by the words of wrapper_choose(). The file is
 * replaced only when the new one has been read back. */
MUST_CHECK bool key_store_wrap(const char *path, const char *wrapping, failure *f);

/* Words for a new wrapping key where the one in use lies; out: KEY_STORE_WORDS bytes. mark: tells it from others. */
MUST_CHECK bool key_store_next(const char *path, int64_t mark, char *out, failure *f);

/* Is it a file of format 2? */
MUST_CHECK bool key_store_wrapped(const char *path, bool *wrapped, failure *f);

/* A new random key, pre-active; or the one that is pre-active already. */
MUST_CHECK bool key_store_add(const char *path, key_purpose purpose, uint32_t *version, failure *f);

/* Makes a pre-active version the active one; the active one becomes decrypt-only. Nothing where it is so already. */
MUST_CHECK bool key_store_activate(const char *path, key_purpose purpose, uint32_t version, failure *f);

/* Retired or destroyed; a destroyed key's bytes are in the file no more. Nothing where it is so already. */
MUST_CHECK bool key_store_end(const char *path, key_purpose purpose, uint32_t version, key_state state,
                              failure *f);

#endif
