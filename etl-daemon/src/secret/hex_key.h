/*
 * hex_key.h - keys and commitments as hexadecimal digits, in both directions, without a copy. Private to secret/.
 */
#ifndef ETL_SECRET_HEX_KEY_H
#define ETL_SECRET_HEX_KEY_H

#include <stdint.h>

#include "base/span.h"

/* Exactly 2 * count digits, of either case. */
MUST_CHECK bool hex_key_read(span text, uint8_t *out, size_t count);
void hex_key_write(const uint8_t *bytes, size_t count, char *out); /* 2 * count digits, no end */

#endif
