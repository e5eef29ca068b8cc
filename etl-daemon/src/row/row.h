/*
 * row.h - a record that has passed validation: canonical text, bounded, still in the clear.
 * It lives in memory only, between validate/ and the sealing in load/, and is wiped with row_wipe().
 * Identifiers are ASCII digits in canonical form; an empty string means the source gave none.
 */
#ifndef ETL_ROW_ROW_H
#define ETL_ROW_ROW_H

#include <stdint.h>

#include "base/date.h"
#include "base/span.h"

enum { ROW_DIGITS = 18, ROW_SUBJECT = 2 * ROW_DIGITS, ROW_NAME = 301 };

typedef struct {
    char record_id[65];
    char programme[33];
    char status[17]; /* active, inactive, suspended, waiting */
    char name_bn[ROW_NAME], name_en[ROW_NAME], father_name[ROW_NAME], mother_name[ROW_NAME];
    char sex[8]; /* male, female, other, unknown */
    civil_date birth_date;
    char geo[9]; /* BBS P-code: division 2, district 2, upazila 2, union 2; empty when not given */
    char household[65];
    bool has_amount;
    int64_t amount_paisa;
    bool has_enrolled_on;
    civil_date enrolled_on;
    int pmt_hundredths; /* of a surveyed household: its score, 0 to 200000 */
    civil_date surveyed_on;
    char nid[ROW_DIGITS], brn[ROW_DIGITS];
    /* What the NID token is made of: "10:..." or "13:" and the 13 digits that a 13- and a 17-digit card share. */
    char nid_subject[ROW_SUBJECT];
    char mobile[ROW_DIGITS];          /* 8801XXXXXXXXX */
    char wallet_provider[8];          /* BKASH, NAGAD, ROCKET, UPAY */
    char wallet[ROW_DIGITS];          /* as the provider writes it */
    char wallet_subject[ROW_SUBJECT]; /* provider, ':' and 8801XXXXXXXXX */
    char account[ROW_DIGITS], routing[ROW_DIGITS];
    char account_subject[ROW_SUBJECT]; /* routing number or nothing, ':' and the account */
} registry_row;

void row_wipe(registry_row *row);

#endif
