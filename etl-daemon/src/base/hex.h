/*
 * hex.h - hexadecimal: bytes as the database writes them (\x and pairs of digits), single digits, and bytes as text.
 */
#ifndef ETL_BASE_HEX_H
#define ETL_BASE_HEX_H

#include <stdint.h>

#include "base/span.h"

/* Reads \x...; the size, 0 when it is empty, not of that form, or longer than room. */
size_t hex_read_bytea(const char *text, uint8_t *out, size_t room);

/* 0 to 15, capital or small; -1 for what is no digit. */
int hex_digit(char c);

/* Writes 2 * n small digits and a NUL. */
void hex_write(const uint8_t *bytes, size_t n, char *out);

/* Writes \x..., 2 + 2 * count letters and the end. */
void hex_write_bytea(const uint8_t *bytes, size_t count, char *out);

#endif
