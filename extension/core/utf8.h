/*
 * utf8.h - strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef EKOK_CORE_UTF8_H
#define EKOK_CORE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

/* Reads one character at *at and moves *at behind it; false, *at unmoved, when the bytes are not UTF-8. */
bool ekok_utf8_next(ekok_span text, size_t *at, uint32_t *character);

/* True when all of it is UTF-8; otherwise *bad is the offset of the first wrong byte. */
bool ekok_utf8_valid(ekok_span text, size_t *bad);

#endif
