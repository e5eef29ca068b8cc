/*
 * keyring_parse.h - reads the text of a key file. Private to secret/.
 */
#ifndef ETL_SECRET_KEYRING_PARSE_H
#define ETL_SECRET_KEYRING_PARSE_H

#include "base/span.h"
#include "secret/keyring.h"

/* Fills ring from the first `size` bytes of ring->text; path is for messages, which carry no byte of the text. */
MUST_CHECK bool keyring_parse(keyring *ring, const char *path, size_t size, failure *f);

#endif
