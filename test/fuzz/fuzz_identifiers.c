/*
 * fuzz_identifiers.c - any bytes as every kind of identifier: what is accepted must be written in a canonical form
 * that is read as the same value; what is refused must say where, within the text; nothing is read past the span.
 */
#include "core/evidence.h"
#include "core/identifier.h"
#include "core/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool truth)
{
    if (!truth) {
        abort();
    }
}

/* A refusal has a code of the list and a position within the text. Returns true when the text was accepted. */
static bool accepted(ekok_status status, ekok_span text)
{
    demand(status.code < EKOK_CODE_COUNT);
    demand(status.position >= 0 && (size_t)status.position <= text.n);
    demand(status.code == EKOK_OK ? status.position == 0 : strlen(ekok_code_message(status.code)) > 0);
    return status.code == EKOK_OK;
}

static ekok_span written(const char *canonical, size_t length)
{
    demand(length >= 8 && length <= EKOK_DIGITS_MAX && strlen(canonical) == length);
    return (ekok_span){canonical, length};
}

static void try_nid(ekok_span text)
{
    char canonical[EKOK_DIGITS_TEXT];
    ekok_nid nid, again;
    bool ok;

    if (accepted(ekok_nid_parse(text, &nid), text)) {
        ekok_span form = written(canonical, ekok_nid_format(nid, canonical));
        demand(accepted(ekok_nid_parse(form, &again), form) && again.bits == nid.bits);
        demand(ekok_nid_same_card(nid, again) && form.n == (size_t)ekok_nid_length(nid));
        demand(ekok_nid_check_digit(nid, &ok) == (form.n == 10));
        demand((ekok_nid_birth_year(nid) != 0) == (form.n == 17));
    }
}

static void try_brn(ekok_span text)
{
    char canonical[EKOK_DIGITS_TEXT];
    ekok_brn brn, again;

    if (accepted(ekok_brn_parse(text, &brn), text)) {
        ekok_span form = written(canonical, ekok_brn_format(brn, canonical));
        demand(accepted(ekok_brn_parse(form, &again), form) && !ekok_brn_was_converted(again));
        demand(again.bits == (brn.bits & ~(UINT64_C(1) << 63)));
        demand(ekok_brn_birth_year(brn) == ekok_brn_birth_year(again));
    }
}

static void try_msisdn(ekok_span text)
{
    char canonical[EKOK_DIGITS_TEXT];
    ekok_msisdn msisdn, again;

    if (accepted(ekok_msisdn_parse(text, &msisdn), text)) {
        ekok_span form = written(canonical, ekok_msisdn_format(msisdn, canonical));
        demand(accepted(ekok_msisdn_parse(form, &again), form) && again.bits == msisdn.bits);
    }
}

static void try_wallet(ekok_span text)
{
    char canonical[EKOK_DIGITS_TEXT];
    ekok_wallet_provider named;
    ekok_wallet wallet, again;

    if (accepted(ekok_wallet_provider_parse(text, &named), text)) {
        demand(named > EKOK_WALLET_NONE && named <= EKOK_WALLET_UPAY);
    }
    for (int i = EKOK_WALLET_NONE; i <= EKOK_WALLET_UPAY + 1; i++) {
        ekok_wallet_provider provider = (ekok_wallet_provider)i;
        if (accepted(ekok_wallet_parse(provider, text, &wallet), text)) {
            ekok_span form = written(canonical, ekok_wallet_format(wallet, canonical));
            demand(accepted(ekok_wallet_parse(provider, form, &again), form));
            demand(again.provider == wallet.provider && again.extra == wallet.extra);
            demand(again.msisdn.bits == wallet.msisdn.bits);
        }
    }
}

static void try_bank(ekok_span text)
{
    char canonical[EKOK_DIGITS_TEXT];
    ekok_bank_account account, account_again;
    ekok_bank_routing routing, routing_again;

    if (accepted(ekok_bank_account_parse(text, &account), text)) {
        ekok_span form = written(canonical, ekok_bank_account_format(account, canonical));
        demand(accepted(ekok_bank_account_parse(form, &account_again), form));
        demand(account_again.bits == account.bits);
    }
    if (accepted(ekok_bank_routing_parse(text, &routing), text)) {
        ekok_span form = written(canonical, ekok_bank_routing_format(routing, canonical));
        demand(accepted(ekok_bank_routing_parse(form, &routing_again), form));
        demand(routing_again.bits == routing.bits);
    }
}

static void try_utf8(ekok_span text)
{
    size_t at = 0, bad = 0;
    uint32_t character;
    bool whole = ekok_utf8_valid(text, &bad);

    while (ekok_utf8_next(text, &at, &character)) {
        demand(at <= text.n && character <= 0x10FFFF);
    }
    demand(whole ? at == text.n : at == bad && bad < text.n);
}

static void try_evidence(ekok_span text)
{
    ekok_span kind = {text.p, text.n > EKOK_EVIDENCE_KIND_MAX ? EKOK_EVIDENCE_KIND_MAX : text.n};
    uint32_t programme = (uint32_t)text.n % (EKOK_EVIDENCE_PROGRAMME_MAX + 1);
    ekok_evidence evidence = ekok_evidence_make(kind, text, programme);

    demand(ekok_evidence_programme(evidence) == programme);
    demand(ekok_evidence_same(evidence, ekok_evidence_make(kind, text, 0)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ekok_span text = {(const char *)data, size};

    try_nid(text);
    try_brn(text);
    try_msisdn(text);
    try_wallet(text);
    try_bank(text);
    try_utf8(text);
    try_evidence(text);
    return 0;
}
