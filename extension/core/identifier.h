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

/* What thirteen digits of a card or a registration tell, as written: nothing is looked up. */
enum { EKOK_ORIGIN_PART = 7 };

typedef struct {
    char district[EKOK_ORIGIN_PART];
    char rmo[EKOK_ORIGIN_PART]; /* area type: 1 rural, 2 paurashava, ... */
    char upazila[EKOK_ORIGIN_PART];
    char union_or_ward[EKOK_ORIGIN_PART];
    char serial[EKOK_ORIGIN_PART];
} ekok_origin;

/* National identity number of 10, 13 or 17 digits. Ordered by length, then by value. */
typedef struct {
    uint64_t bits; /* digits' length class in bits 60-61 (1: 10, 2: 13, 3: 17), value below */
} ekok_nid;

EKOK_MUST_CHECK ekok_status ekok_nid_parse(ekok_span text, ekok_nid *out);
size_t ekok_nid_format(ekok_nid nid, char out[EKOK_DIGITS_TEXT]);
int ekok_nid_length(ekok_nid nid);
/* True when there is a check digit to judge (10 digits only); *ok then says if it holds (Luhn, inferred). */
bool ekok_nid_check_digit(ekok_nid nid, bool *ok);
/* Refuses a failing check digit; 13 and 17 digits have none and pass. */
EKOK_MUST_CHECK ekok_status ekok_nid_strict(ekok_nid nid);
/* The 13 digits that a 13- and a 17-digit card share; 0 for a 10-digit one, from which nothing is derived. */
uint64_t ekok_nid_core13(ekok_nid nid);
/* Birth year of a 17-digit card, else 0. */
int ekok_nid_birth_year(ekok_nid nid);
/* False for 10 digits, which tell nothing. */
bool ekok_nid_origin(ekok_nid nid, ekok_origin *out);
/* "Can be the same card": equal, or a 13 inside a 17. 10 digits never equal 13 or 17. */
bool ekok_nid_same_card(ekok_nid a, ekok_nid b);
/*
 * "One may be the other, mistyped": one digit is another, or two neighbours are exchanged. Not where both of 10 digits
 * pass their check, nor in the last two places of 13 and 17, by which the cards of one family differ.
 */
bool ekok_nid_slip(ekok_nid a, ekok_nid b);

/* Birth registration number of 17 digits; 16 digits (before 2013) get a 0 before the last five. */
typedef struct {
    uint64_t bits; /* bit 63: was converted from 16 digits; value below */
} ekok_brn;

EKOK_MUST_CHECK ekok_status ekok_brn_parse(ekok_span text, ekok_brn *out);
size_t ekok_brn_format(ekok_brn brn, char out[EKOK_DIGITS_TEXT]);
bool ekok_brn_was_converted(ekok_brn brn);
int ekok_brn_birth_year(ekok_brn brn);
ekok_origin ekok_brn_origin(ekok_brn brn);
/* Below 0, 0 or above 0; the same registration, converted or not, is 0. */
int ekok_brn_compare(ekok_brn a, ekok_brn b);

/* Mobile number, canonical 8801XXXXXXXXX (13 digits); 01..., 1..., +880..., 880... are read. */
typedef struct {
    uint64_t bits;
} ekok_msisdn;

EKOK_MUST_CHECK ekok_status ekok_msisdn_parse(ekok_span text, ekok_msisdn *out);
size_t ekok_msisdn_format(ekok_msisdn msisdn, char out[EKOK_DIGITS_TEXT]);
/* 13 to 19: the operator that gave the number out, which need not be today's. */
int ekok_msisdn_series(ekok_msisdn msisdn);

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

/* A wallet in one word and in one text: BKASH:01712345678. Ordered by provider, then by number. */
enum { EKOK_WALLET_TEXT = sizeof("ROCKET:") + EKOK_DIGITS_MAX };

typedef struct {
    uint64_t bits; /* provider from bit 40, ten digits of the mobile number from bit 4, extra + 1 below */
} ekok_wallet_word;

ekok_wallet_word ekok_wallet_pack(ekok_wallet wallet);
/* False when no wallet has these bits. */
bool ekok_wallet_unpack(ekok_wallet_word word, ekok_wallet *out);
/* The provider's name, then a colon, space, hyphen or slash, then the number. */
EKOK_MUST_CHECK ekok_status ekok_wallet_word_parse(ekok_span text, ekok_wallet_word *out);
/* Returns the length of the text; 0 when no wallet has these bits. */
size_t ekok_wallet_word_format(ekok_wallet_word word, char out[EKOK_WALLET_TEXT]);

/* Bank account of 8 to 17 digits; leading zeros count. */
typedef struct {
    uint64_t bits; /* count of digits in bits 58-62, value below */
} ekok_bank_account;

EKOK_MUST_CHECK ekok_status ekok_bank_account_parse(ekok_span text, ekok_bank_account *out);
size_t ekok_bank_account_format(ekok_bank_account account, char out[EKOK_DIGITS_TEXT]);
int ekok_bank_account_length(ekok_bank_account account);

/* Bank routing number of 9 digits, refused when the weighted check (5-7-1, inferred) fails. */
typedef struct {
    uint64_t bits;
} ekok_bank_routing;

EKOK_MUST_CHECK ekok_status ekok_bank_routing_parse(ekok_span text, ekok_bank_routing *out);
size_t ekok_bank_routing_format(ekok_bank_routing routing, char out[EKOK_DIGITS_TEXT]);
/* Reads 7 to 9 digits and puts back zeros lost in front. A guess of the caller's: the check finds most wrong ones. */
EKOK_MUST_CHECK ekok_status ekok_bank_routing_pad(ekok_span text, ekok_bank_routing *out);

/* Place by its BBS code: division 2 digits, district 4, upazila 6, union 8. A place stands before what it contains. */
typedef struct {
    uint64_t bits; /* digits, filled to eight with zeros, from bit 2; level - 1 below */
} ekok_geocode;

enum { EKOK_GEOCODE_DIVISION = 1, EKOK_GEOCODE_DISTRICT, EKOK_GEOCODE_UPAZILA, EKOK_GEOCODE_UNION };

EKOK_MUST_CHECK ekok_status ekok_geocode_parse(ekok_span text, ekok_geocode *out);
size_t ekok_geocode_format(ekok_geocode geocode, char out[EKOK_DIGITS_TEXT]);
int ekok_geocode_level(ekok_geocode geocode);
/* The place of that level that contains this one, or this one itself; false when it is below. */
bool ekok_geocode_at(ekok_geocode geocode, int level, ekok_geocode *out);
/* What stands from a place up to this one, both included, is that place and all that it contains. */
ekok_geocode ekok_geocode_last(ekok_geocode geocode);
bool ekok_geocode_contains(ekok_geocode outer, ekok_geocode inner);

/* Taxpayer number of 12 digits; nothing else about it is public. */
typedef struct {
    uint64_t bits;
} ekok_tin;

EKOK_MUST_CHECK ekok_status ekok_tin_parse(ekok_span text, ekok_tin *out);
size_t ekok_tin_format(ekok_tin tin, char out[EKOK_DIGITS_TEXT]);

/*
 * What an identifier stands for as evidence; each returns the text's length.
 * nid: "10:" and the digits, or "13:" and the 13 digits that a 13- and a 17-digit card share.
 * wallet: provider, ':' and 8801XXXXXXXXX, without Rocket's last digit. Account: routing number or nothing, ':' and
 * the account. A birth registration's, mobile's and taxpayer's subject is its canonical text.
 */
enum { EKOK_SUBJECT_TEXT = 2 * EKOK_DIGITS_TEXT };

size_t ekok_nid_subject(ekok_nid nid, char out[EKOK_SUBJECT_TEXT]);
size_t ekok_wallet_subject(ekok_wallet wallet, char out[EKOK_SUBJECT_TEXT]);
size_t ekok_bank_account_subject(const ekok_bank_routing *routing, ekok_bank_account account,
                                 char out[EKOK_SUBJECT_TEXT]);

#endif
