/*
 * key_store.h - changes of a key file of format 2: one process at a time, the whole file replaced in one step, so that
 * whoever reads it sees it before or after. Refuses to move a key back to an earlier state.
 */
#ifndef ETL_SECRET_KEY_STORE_H
#define ETL_SECRET_KEY_STORE_H

#include "secret/keyring.h"

/* Wraps the keys of a file of either format under another wrapping key: "file:NAME" or "credential:NAME". A file that
 * does not exist is made. */
MUST_CHECK bool key_store_wrap(const char *path, const char *wrapping, failure *f);

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
