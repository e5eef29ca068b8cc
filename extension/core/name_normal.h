/*
 * name_normal.h - the normal form of a name as characters, which the readers of both scripts take their words from.
 */
#ifndef EKOK_CORE_NAME_NORMAL_H
#define EKOK_CORE_NAME_NORMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"
#include "status.h"

/* Each byte of the input makes at most one character and one space before it. */
enum { EKOK_NAME_POINTS_MAX = 2 * 1024 + 2 };

typedef struct {
    size_t n;
    bool bengali; /* a letter of Bengali was among them */
    bool glyphs;  /* a symbol of Windows-1252 was that no name has, as when Bijoy was not converted */
    uint32_t c[EKOK_NAME_POINTS_MAX];
} ekok_points;

EKOK_MUST_CHECK ekok_status ekok_name_points(ekok_span text, ekok_points *out);

bool ekok_is_bengali(uint32_t character);

/* Writes one character as UTF-8, RRA, RHA and YYA in two parts as in NFC; bytes written, at most 6. */
size_t ekok_name_put(uint32_t character, char out[6]);

#endif
