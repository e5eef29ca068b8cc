/*
 * hex.h - bytes as the database writes them, \x and pairs of hexadecimal digits.
 */
#ifndef ETL_BASE_HEX_H
#define ETL_BASE_HEX_H

#include <stdint.h>

#include "base/span.h"

/* Reads \x...; the size, 0 when it is empty, not of that form, or longer than room. */
size_t hex_read_bytea(const char *text, uint8_t *out, size_t room);

/* Writes \x..., 2 + 2 * count letters and the end. */
void hex_write_bytea(const uint8_t *bytes, size_t count, char *out);

#endif
