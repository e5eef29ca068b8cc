/*
 * base64.h - standard base64 with padding (RFC 4648), strict: refuses blanks, missing padding and bits that are left
 * over, so that one value has one text.
 */
#ifndef ETL_SECRET_BASE64_H
#define ETL_SECRET_BASE64_H

#include <stdint.h>

#include "base/span.h"

/* Writes the text and a NUL; room for (count + 2) / 3 * 4 + 1 bytes. */
void base64_write(const uint8_t *bytes, size_t count, char *out);

/* Exactly `count` bytes; false when the text stands for another number of them or is not base64. */
MUST_CHECK bool base64_read(span text, uint8_t *out, size_t count);

#endif
