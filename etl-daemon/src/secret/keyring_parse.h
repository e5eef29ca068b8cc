/*
 * keyring_parse.h - the text of a key file, strictly read. Private to secret/.
 */
#ifndef ETL_SECRET_KEYRING_PARSE_H
#define ETL_SECRET_KEYRING_PARSE_H

#include "secret/keyring_private.h"

/* Fills an empty set from a file's text; wrapped keys are unwrapped, commitments checked. path: for messages, and
 * for the folder of the wrapping key. False (EXIT_KEYS) with line and rule. */
MUST_CHECK bool keyring_parse(key_set *set, const char *path, span text, failure *f);

/* The text of a format 2 file of this set, its keys wrapped under kek; its size, 0 when the library fails. */
size_t keyring_text(const key_set *set, const uint8_t kek[KEY_BYTES], char out[KEY_FILE_MAX]);

#endif
