/*
 * subject.c - see subject.h.
 */
#include "validate/subject.h"

#include "core/identifier.h"

static ekok_span core_span(span text)
{
    return (ekok_span){text.p, text.n};
}

static bool of_nid(span value, char out[ROW_SUBJECT])
{
    ekok_nid nid;
    return ekok_nid_parse(core_span(value), &nid).code == EKOK_OK && ekok_nid_subject(nid, out) > 0;
}

static bool of_wallet(span value, span provider, char out[ROW_SUBJECT])
{
    ekok_wallet_provider read;
    ekok_wallet wallet;
    return ekok_wallet_provider_parse(core_span(provider), &read).code == EKOK_OK &&
           ekok_wallet_parse(read, core_span(value), &wallet).code == EKOK_OK &&
           ekok_wallet_subject(wallet, out) > 0;
}

static bool of_account(span value, span routing, char out[ROW_SUBJECT])
{
    ekok_bank_routing read;
    ekok_bank_account account;
    if (routing.n > 0 && ekok_bank_routing_parse(core_span(routing), &read).code != EKOK_OK)
        return false;
    return ekok_bank_account_parse(core_span(value), &account).code == EKOK_OK &&
           ekok_bank_account_subject(routing.n > 0 ? &read : NULL, account, out) > 0;
}

/* BRN and mobile number are their own subjects. */
static bool of_itself(span value, char out[ROW_SUBJECT])
{
    if (value.n == 0 || value.n >= ROW_SUBJECT)
        return false;
    memcpy(out, value.p, value.n);
    out[value.n] = '\0';
    return true;
}

bool subject_of(subject_kind kind, span value, span provider, span routing, char out[ROW_SUBJECT])
{
    switch (kind) {
    case SUBJECT_NID:
        return of_nid(value, out);
    case SUBJECT_WALLET:
        return of_wallet(value, provider, out);
    case SUBJECT_ACCOUNT:
        return of_account(value, routing, out);
    case SUBJECT_BRN:
    case SUBJECT_MOBILE:
        break;
    }
    return of_itself(value, out);
}
