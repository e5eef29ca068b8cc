/*
 * fuzz_identifiers.c - any bytes as every kind of identifier: what is accepted must be written in a canonical form
 * that is read as the same value; what is refused must say where, within the text; nothing is read past the span.
 * The first eight bytes are also taken for the binary form that a database may be sent.
 */
#include "core/evidence.h"
#include "core/explain.h"
#include "core/identify.h"
#include "core/kind.h"
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

/* The canonical form of an accepted value: of a length that a kind may have, ended by a NUL. */
static ekok_span written(const char *canonical, size_t length)
{
    demand(length >= 2 && length < EKOK_KIND_TEXT && strlen(canonical) == length);
    return (ekok_span){canonical, length};
}

/* Returns true, and the word, when the text was accepted. */
static bool try_kind(const ekok_kind *kind, ekok_span text, uint64_t *word)
{
    char canonical[EKOK_KIND_TEXT], masked[EKOK_KIND_TEXT];
    uint64_t again = 0;

    if (!accepted(kind->parse(text, word), text)) {
        return false;
    }
    ekok_span form = written(canonical, kind->format(*word, canonical));
    demand(accepted(kind->parse(form, &again), form) && again == (*word & ~kind->mark));
    demand(ekok_kind_valid(kind, *word) && ekok_kind_valid(kind, again));
    demand(ekok_kind_mask(kind, *word, masked) == form.n && strlen(masked) == form.n);
    size_t shown = form.n < EKOK_MASK_SHOWN ? form.n : EKOK_MASK_SHOWN;
    demand(memcmp(masked + form.n - shown, canonical + form.n - shown, shown) == 0);
    demand(strcspn(masked, "0123456789") + EKOK_MASK_SHOWN >= form.n);
    return true;
}

/* Eight bytes from outside: only what parse makes may be taken for a value. */
static void try_word(const ekok_kind *kind, uint64_t word)
{
    char canonical[EKOK_KIND_TEXT];
    uint64_t again = 0;
    size_t length = kind->format(word, canonical);

    demand(length < EKOK_KIND_TEXT && canonical[length] == '\0');
    if (ekok_kind_valid(kind, word)) {
        demand(kind->parse((ekok_span){canonical, length}, &again).code == EKOK_OK);
        demand(again == (word & ~kind->mark));
    }
}

static void try_explain(ekok_nid nid)
{
    char sentence[EKOK_EXPLAIN_TEXT];
    size_t bad = 0;

    for (int language = EKOK_ENGLISH; language <= EKOK_BENGALI; language++) {
        size_t length = ekok_nid_explain(nid, (ekok_language)language, sentence);
        demand(length > 0 && length < EKOK_EXPLAIN_TEXT - 16 && strlen(sentence) == length);
        demand(ekok_utf8_valid((ekok_span){sentence, length}, &bad));
    }
}

static void try_nid(uint64_t word)
{
    ekok_nid nid = {word};
    ekok_origin origin;
    char subject[EKOK_SUBJECT_TEXT];
    bool ok = true;
    int length = ekok_nid_length(nid);

    demand(ekok_nid_same_card(nid, nid));
    demand(ekok_nid_check_digit(nid, &ok) == (length == 10));
    demand((ekok_nid_strict(nid).code == EKOK_OK) == ok);
    demand((ekok_nid_birth_year(nid) != 0) == (length == 17));
    demand(ekok_nid_origin(nid, &origin) == (length != 10));
    demand(ekok_nid_subject(nid, subject) == (length == 10 ? 13 : 16));
    try_explain(nid);
}

static void try_brn(uint64_t word)
{
    ekok_brn brn = {word};
    ekok_brn plain = {word & ~ekok_kind_of(EKOK_KIND_BRN)->mark};

    demand(ekok_brn_compare(brn, plain) == 0 && ekok_brn_birth_year(brn) == ekok_brn_birth_year(plain));
    demand(ekok_brn_was_converted(brn) == (brn.bits != plain.bits));
    demand(strlen(ekok_brn_origin(brn).serial) == 6);
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
            demand(ekok_wallet_pack(again).bits == ekok_wallet_pack(wallet).bits);
            demand(ekok_wallet_unpack(ekok_wallet_pack(wallet), &again));
            demand(again.provider == wallet.provider && again.extra == wallet.extra);
            demand(again.msisdn.bits == wallet.msisdn.bits);
        }
    }
}

static void try_geocode(uint64_t word)
{
    ekok_geocode place = {word}, above;
    int level = ekok_geocode_level(place);

    for (int i = EKOK_GEOCODE_DIVISION; i <= level; i++) {
        demand(ekok_geocode_at(place, i, &above) && ekok_geocode_contains(above, place));
        demand(above.bits <= place.bits && place.bits <= ekok_geocode_last(above).bits);
        demand(i == level ? above.bits == place.bits : !ekok_geocode_contains(place, above));
    }
    demand(!ekok_geocode_at(place, level + 1, &above) && !ekok_geocode_at(place, 0, &above));
}

static void try_routing(ekok_span text)
{
    char canonical[EKOK_DIGITS_TEXT];
    ekok_bank_routing plain = {0}, padded = {0};
    bool whole = accepted(ekok_bank_routing_parse(text, &plain), text);

    if (accepted(ekok_bank_routing_pad(text, &padded), text)) {
        ekok_span form = written(canonical, ekok_bank_routing_format(padded, canonical));
        demand(form.n == 9 && accepted(ekok_bank_routing_parse(form, &plain), form) &&
               plain.bits == padded.bits);
    } else {
        demand(!whole);
    }
}

static void try_identify(ekok_span text)
{
    ekok_reading readings[EKOK_KIND_IDENTIFIED];

    ekok_identify(text, readings);
    for (int i = 0; i < EKOK_KIND_IDENTIFIED; i++) {
        const ekok_kind *kind = ekok_kind_of((ekok_kind_code)i);
        uint64_t word = 0;
        bool readable = kind->parse(text, &word).code == EKOK_OK;
        demand(strcmp(readings[i].kind, kind->name) == 0 && readings[i].readable == readable);
        demand((readings[i].value[0] != '\0') == readable && (!readings[i].ok || readable));
        demand(readable || readings[i].reason[0] != '\0');
        demand(strlen(readings[i].reason) < EKOK_REASON_TEXT - 1);
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
    static void (*const more[EKOK_KIND_COUNT])(uint64_t word) = {
        [EKOK_KIND_NID] = try_nid, [EKOK_KIND_BRN] = try_brn, [EKOK_KIND_GEOCODE] = try_geocode};
    ekok_span text = {(const char *)data, size};
    uint64_t word = 0, sent = 0;

    memcpy(&sent, data, size < sizeof sent ? size : sizeof sent);
    for (int i = 0; i < EKOK_KIND_COUNT; i++) {
        const ekok_kind *kind = ekok_kind_of((ekok_kind_code)i);
        try_word(kind, sent);
        if (try_kind(kind, text, &word) && more[i] != NULL) {
            more[i](word);
        }
    }
    try_wallet(text);
    try_routing(text);
    try_identify(text);
    try_utf8(text);
    try_evidence(text);
    return 0;
}
