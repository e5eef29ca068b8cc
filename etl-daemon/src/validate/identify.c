/* identify.c - see identify.h. */
#include "validate/identify.h"

#include <stdio.h>

#include "core/identifier.h"

_Static_assert((int)ROW_SUBJECT == (int)EKOK_SUBJECT_TEXT && (int)ROW_DIGITS == (int)EKOK_DIGITS_TEXT,
               "a row has room for the core's texts");

static ekok_span text_of(const judge *j, target field)
{
    return (ekok_span){j->text[field].p, j->text[field].n};
}

static bool has(const judge *j, target field)
{
    return j->text[field].n > 0;
}

/* "1.99012E+16": what spreadsheets write of a number that is too long for them. */
static bool is_scientific(span text)
{
    size_t at = 0;

    while (at < text.n && ((text.p[at] >= '0' && text.p[at] <= '9') || text.p[at] == '.')) {
        at++;
    }
    return at > 0 && at + 1 < text.n && (text.p[at] == 'E' || text.p[at] == 'e') && text.p[at + 1] == '+';
}

/* Digits that a spreadsheet keeps of a number; further ones become zeros. */
enum { SPREADSHEET_DIGITS = 15 };

/*
 * Notes that a spreadsheet took an identifier for a number: when that has surely cost digits (too many of them), when
 * the rest is not readable (a leading zero is gone), and always for an account, whose length nobody knows.
 */
static void hold_digits(const judge *j)
{
    static const target digits[] = {TARGET_NID,     TARGET_BRN,     TARGET_MOBILE,    TARGET_WALLET,
                                    TARGET_ACCOUNT, TARGET_ROUTING, TARGET_HOUSEHOLD, TARGET_RECORD_ID};

    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++) {
        target field = digits[i];
        span text = j->in->value[field];
        bool number = j->in->from_float[field], lost = number && text.n > SPREADSHEET_DIGITS;
        lost = lost || (number && (judge_has_reason(j, field) || field == TARGET_ACCOUNT));
        if (lost || (is_scientific(text) && field != TARGET_HOUSEHOLD && field != TARGET_RECORD_ID)) {
            reason_add(j->reasons, REASON_DIGITS_LOST, field,
                       text.n > SPREADSHEET_DIGITS ? "of more than 15 digits the last are zeros"
                                                   : "leading zeros are gone",
                       0);
        }
    }
}

/* True when the core read the field; otherwise its words become the reason's detail. */
static bool read_well(const judge *j, ekok_status status, reason_code code, target field)
{
    if (status.code == EKOK_OK) {
        return true;
    }
    reason_add(j->reasons, code, field, ekok_code_detail(status.code), status.position);
    return false;
}

/* inside: the year that an identifier carries, 0 when it carries none. */
static void hold_years(const judge *j, int inside, int birth_year, target field)
{
    if (inside != 0 && birth_year != 0 && inside != birth_year) {
        reason_add(j->reasons, REASON_BIRTH_YEAR_CONTRADICTS, field, NULL, 0);
    }
}

static void identify_nid(const judge *j, int birth_year)
{
    ekok_nid nid;
    registry_row *row = j->row;

    if (!has(j, TARGET_NID) ||
        !read_well(j, ekok_nid_parse(text_of(j, TARGET_NID), &nid), REASON_BAD_NID, TARGET_NID)) {
        return;
    }
    ekok_nid_format(nid, row->nid);
    ekok_nid_subject(nid, row->nid_subject);
    hold_years(j, ekok_nid_birth_year(nid), birth_year, TARGET_NID);
}

static void identify_brn(const judge *j, int birth_year)
{
    ekok_brn brn;

    if (has(j, TARGET_BRN) &&
        read_well(j, ekok_brn_parse(text_of(j, TARGET_BRN), &brn), REASON_BAD_BRN, TARGET_BRN)) {
        ekok_brn_format(brn, j->row->brn);
        hold_years(j, ekok_brn_birth_year(brn), birth_year, TARGET_BRN);
    }
}

static void identify_mobile(const judge *j)
{
    ekok_msisdn mobile;

    if (has(j, TARGET_MOBILE) && read_well(j, ekok_msisdn_parse(text_of(j, TARGET_MOBILE), &mobile),
                                           REASON_BAD_MOBILE, TARGET_MOBILE)) {
        ekok_msisdn_format(mobile, j->row->mobile);
    }
}

/*
 * The wallet's number is read by its provider's rule, so an unreadable provider leaves the number unjudged.
 */
static bool wallet_provider(const judge *j, ekok_wallet_provider *provider)
{
    if (!has(j, TARGET_WALLET_PROVIDER)) {
        if (has(j, TARGET_WALLET) && !j->given[TARGET_WALLET_PROVIDER]) {
            reason_add(j->reasons, REASON_BAD_WALLET, TARGET_WALLET_PROVIDER,
                       "a wallet is given without its provider", 0);
        }
        return false;
    }
    return read_well(j, ekok_wallet_provider_parse(text_of(j, TARGET_WALLET_PROVIDER), provider),
                     REASON_BAD_WALLET, TARGET_WALLET_PROVIDER);
}

static void identify_wallet(const judge *j)
{
    ekok_wallet_provider provider;
    ekok_wallet wallet;
    registry_row *row = j->row;

    if (!wallet_provider(j, &provider) || !has(j, TARGET_WALLET) ||
        !read_well(j, ekok_wallet_parse(provider, text_of(j, TARGET_WALLET), &wallet), REASON_BAD_WALLET,
                   TARGET_WALLET)) {
        return; /* a provider without a wallet says nothing and is not kept */
    }
    snprintf(row->wallet_provider, sizeof row->wallet_provider, "%s", ekok_wallet_provider_name(provider));
    ekok_wallet_format(wallet, row->wallet);
    ekok_wallet_subject(wallet, row->wallet_subject);
}

static void identify_account(const judge *j)
{
    ekok_bank_routing routing;
    ekok_bank_account account;
    registry_row *row = j->row;
    bool routed =
        has(j, TARGET_ROUTING) && read_well(j, ekok_bank_routing_parse(text_of(j, TARGET_ROUTING), &routing),
                                            REASON_BAD_ROUTING, TARGET_ROUTING);

    if (routed) {
        ekok_bank_routing_format(routing, row->routing);
    }
    if (has(j, TARGET_ACCOUNT) && read_well(j, ekok_bank_account_parse(text_of(j, TARGET_ACCOUNT), &account),
                                            REASON_BAD_ACCOUNT, TARGET_ACCOUNT)) {
        ekok_bank_account_format(account, row->account);
        ekok_bank_account_subject(routed ? &routing : NULL, account, row->account_subject);
    }
}

void identify(const judge *j, int birth_year)
{
    if (j->def->records == RECORDS_ENROLMENTS && !j->given[TARGET_NID] && !j->given[TARGET_BRN]) {
        reason_add(j->reasons, REASON_NO_IDENTIFIER, TARGET_COUNT, NULL, 0);
    }
    identify_nid(j, birth_year);
    identify_brn(j, birth_year);
    identify_mobile(j);
    identify_wallet(j);
    identify_account(j);
    hold_digits(j);
}
