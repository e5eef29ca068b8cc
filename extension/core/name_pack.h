/*
 * name_pack.h - a text of Bengali and ASCII in one byte a character, for an index that holds names. Promises: what
 * was packed unpacks to the same bytes. Any valid UTF-8 can be packed, other characters at one byte more than they
 * have. Refuses invalid UTF-8.
 */
#ifndef EKOK_CORE_NAME_PACK_H
#define EKOK_CORE_NAME_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"
#include "status.h"

/* False where it needs more than room bytes or is not UTF-8; *size otherwise is what it takes. */
EKOK_MUST_CHECK bool ekok_name_pack(ekok_span text, uint8_t *out, size_t room, size_t *size);

/* EKOK_NAME_UNPACKED bytes for each packed one are always enough; false where room is less, or nobody packed this. */
enum { EKOK_NAME_UNPACKED = 3 };
EKOK_MUST_CHECK bool ekok_name_unpack(const uint8_t *packed, size_t n, char *out, size_t room, size_t *size);

#endif
