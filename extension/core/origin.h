/*
 * origin.h - where and in which order a number was given out: the thirteen digits that a card of 13 or 17 digits
 * and a birth registration share. Shared by nid.c and brn.c only.
 */
#ifndef EKOK_CORE_ORIGIN_H
#define EKOK_CORE_ORIGIN_H

#include "identifier.h"

/* thirteen: district 2, area type 1, upazila 2, union 2, serial 6. */
ekok_origin ekok_origin_of(uint64_t thirteen);

#endif
