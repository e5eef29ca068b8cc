/*
 * msisdn.h - a mobile number out of digits already read; shared by msisdn.c and wallet.c only.
 */
#ifndef EKOK_CORE_MSISDN_H
#define EKOK_CORE_MSISDN_H

#include "digits.h"

/* Reads the digits as a mobile number in any of its forms. */
EKOK_MUST_CHECK ekok_status ekok_msisdn_from_digits(const ekok_digits *digits, ekok_msisdn *out);

#endif
