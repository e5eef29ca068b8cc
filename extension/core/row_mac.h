/*
 * row_mac.h - a row as a number of 128 bits under a secret key: SipHash-2-4 with its long result. Equal sums of such
 * numbers mean equal rows for whoever did not know the key when the rows were written, and for nobody else: draw it
 * anew each time. Hides nothing for longer.
 */
#ifndef EKOK_CORE_ROW_MAC_H
#define EKOK_CORE_ROW_MAC_H

#include <stdint.h>

#include "span.h"

enum { EKOK_ROW_KEY_BYTES = 16 };

typedef struct {
    uint64_t high, low;
} ekok_row_number;

/* Of the message: length of the name, 8 bytes, low first; the name; zeros up to a multiple of 8 bytes; the image. */
ekok_row_number ekok_row_mac(const uint8_t key[EKOK_ROW_KEY_BYTES], ekok_span name, ekok_span image);

/* Modulo 2^128. */
void ekok_row_add(ekok_row_number *sum, ekok_row_number row);
void ekok_row_take(ekok_row_number *sum, ekok_row_number row);

#endif
