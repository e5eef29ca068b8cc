/*
 * subject.c - what an identifier stands for when it becomes evidence: the text that is hashed, or sealed into a
 * token. These texts never change: every stored evidence depends on them.
 */
#include "identifier.h"
#include "phrase.h"

static size_t joined(const char *first, const char *second, char out[EKOK_SUBJECT_TEXT])
{
    ekok_phrase phrase = ekok_phrase_begin(out, EKOK_SUBJECT_TEXT);

    ekok_phrase_put(&phrase, first);
    ekok_phrase_put(&phrase, ":");
    ekok_phrase_put(&phrase, second);
    return phrase.n;
}

size_t ekok_nid_subject(ekok_nid nid, char out[EKOK_SUBJECT_TEXT])
{
    char digits[EKOK_DIGITS_TEXT];
    size_t length = ekok_nid_format(nid, digits);

    return length == 10 ? joined("10", digits, out) : joined("13", digits + length - 13, out);
}

size_t ekok_wallet_subject(ekok_wallet wallet, char out[EKOK_SUBJECT_TEXT])
{
    char digits[EKOK_DIGITS_TEXT];

    ekok_msisdn_format(wallet.msisdn, digits);
    return joined(ekok_wallet_provider_name(wallet.provider), digits, out);
}

size_t ekok_bank_account_subject(const ekok_bank_routing *routing, ekok_bank_account account,
                                 char out[EKOK_SUBJECT_TEXT])
{
    char digits[EKOK_DIGITS_TEXT], branch[EKOK_DIGITS_TEXT] = "";

    if (routing != NULL) {
        ekok_bank_routing_format(*routing, branch);
    }
    ekok_bank_account_format(account, digits);
    return joined(branch, digits, out);
}
