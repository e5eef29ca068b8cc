/*
 * identifier.h - the numbers that identify a person or a place to pay to, as 8-byte values.
 *
 * Every parser accepts ASCII and Bengali digits with spaces, hyphens, NBSP, ZWJ and ZWNJ around and between
 * them, looks at no more than EKOK_IDENTIFIER_TEXT_MAX bytes, and refuses everything else with a position.
 * Every formatter writes ASCII digits and a NUL, and returns the count of digits.
 * Rules, sources and confidence: README.md beside this file. What is inferred is said to be inferred.
 */
#ifndef EKOK_CORE_IDENTIFIER_H
#define EKOK_CORE_IDENTIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"
#include "status.h"

enum {
    EKOK_IDENTIFIER_TEXT_MAX = 96, /* bytes of input looked at before parsing: 17 Bengali digits, spaced */
    EKOK_DIGITS_MAX = 17,
    EKOK_DIGITS_TEXT = EKOK_DIGITS_MAX + 1
};

/* National identity number of 10, 13 or 17 digits. Ordered by length, then by value. */
typedef struct {
    uint64_t bits; /* digits' length class in bits 60-61 (1: 10, 2: 13, 3: 17), value below */
} ekok_nid;

EKOK_MUST_CHECK ekok_status ekok_nid_parse(ekok_span text, ekok_nid *out);
size_t ekok_nid_format(ekok_nid nid, char out[EKOK_DIGITS_TEXT]);
int ekok_nid_length(ekok_nid nid);
/* True when there is a check digit to judge (10 digits only); *ok then says if it holds (Luhn, inferred). */
bool ekok_nid_check_digit(ekok_nid nid, bool *ok);
/* The 13 digits that a 13- and a 17-digit card share; 0 for a 10-digit one, from which nothing is derived. */
uint64_t ekok_nid_core13(ekok_nid nid);
/* Birth year of a 17-digit card, else 0. */
int ekok_nid_birth_year(ekok_nid nid);
/* "Can be the same card": equal, or a 13 inside a 17. 10 digits never equal 13 or 17. */
bool ekok_nid_same_card(ekok_nid a, ekok_nid b);

/* Birth registration number of 17 digits; 16 digits (before 2013) get a 0 before the last five. */
typedef struct {
    uint64_t bits; /* bit 63: was converted from 16 digits; value below */
} ekok_brn;

EKOK_MUST_CHECK ekok_status ekok_brn_parse(ekok_span text, ekok_brn *out);
size_t ekok_brn_format(ekok_brn brn, char out[EKOK_DIGITS_TEXT]);
bool ekok_brn_was_converted(ekok_brn brn);
int ekok_brn_birth_year(ekok_brn brn);

/* Mobile number, canonical 8801XXXXXXXXX (13 digits); 01..., 1..., +880..., 880... are read. */
typedef struct {
    uint64_t bits;
} ekok_msisdn;

EKOK_MUST_CHECK ekok_status ekok_msisdn_parse(ekok_span text, ekok_msisdn *out);
size_t ekok_msisdn_format(ekok_msisdn msisdn, char out[EKOK_DIGITS_TEXT]);

/* Mobile money wallet: provider and mobile number; Rocket keeps its unchecked 12th digit in `extra`. */
typedef enum {
    EKOK_WALLET_NONE = 0,
    EKOK_WALLET_BKASH,
    EKOK_WALLET_NAGAD,
    EKOK_WALLET_ROCKET,
    EKOK_WALLET_UPAY
} ekok_wallet_provider;

typedef struct {
    ekok_wallet_provider provider;
    ekok_msisdn msisdn;
    int extra; /* Rocket's last digit 0-9, or -1 */
} ekok_wallet;

EKOK_MUST_CHECK ekok_status ekok_wallet_provider_parse(ekok_span text, ekok_wallet_provider *out);
const char *ekok_wallet_provider_name(ekok_wallet_provider provider);
EKOK_MUST_CHECK ekok_status ekok_wallet_parse(ekok_wallet_provider provider, ekok_span text,
                                              ekok_wallet *out);
/* The number as the provider writes it: 01XXXXXXXXX, or 12 digits for Rocket. */
size_t ekok_wallet_format(ekok_wallet wallet, char out[EKOK_DIGITS_TEXT]);

/* Bank account of 8 to 17 digits; leading zeros count. */
typedef struct {
    uint64_t bits; /* count of digits in bits 58-62, value below */
} ekok_bank_account;

EKOK_MUST_CHECK ekok_status ekok_bank_account_parse(ekok_span text, ekok_bank_account *out);
size_t ekok_bank_account_format(ekok_bank_account account, char out[EKOK_DIGITS_TEXT]);

/* Bank routing number of 9 digits, refused when the weighted check (5-7-1, inferred) fails. */
typedef struct {
    uint64_t bits;
} ekok_bank_routing;

EKOK_MUST_CHECK ekok_status ekok_bank_routing_parse(ekok_span text, ekok_bank_routing *out);
size_t ekok_bank_routing_format(ekok_bank_routing routing, char out[EKOK_DIGITS_TEXT]);

#endif
