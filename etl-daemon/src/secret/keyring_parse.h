/*
 * keyring_parse.h - the text of a key file, strictly read. Private to secret/.
 */
#ifndef ETL_SECRET_KEYRING_PARSE_H
#define ETL_SECRET_KEYRING_PARSE_H

#include "secret/wrapper.h"

/* Fills an empty set from a file's text; wrapped keys are unwrapped, commitments checked. path: for messages, and
 * for the folder of the wrapping key. False (EXIT_KEYS) with line and rule. */
MUST_CHECK bool keyring_parse(key_set *set, const char *path, span text, failure *f);

/* The wrapping alone: WRAP_NONE for a file of format 1. No key is fetched. */
MUST_CHECK bool keyring_parse_wrapping(const char *path, span text, key_wrapping *out, failure *f);

/* The text of a format 2 file of this set, its keys wrapped by w; its size, 0 (EXIT_KEYS) when that fails. */
size_t keyring_text(const key_set *set, wrapper *w, char out[KEY_FILE_MAX], failure *f);

#endif
