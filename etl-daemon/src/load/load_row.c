/*
 * load_row.c - one line of etl.stage_shape, its columns in the order of the migration that makes that table.
 * Refuses to keep clear text: the canonical form lives on the stack and is wiped before the function returns.
 */
#include "load/load_row.h"

#include <inttypes.h>
#include <stdio.h>

#include "load/copy_text.h"
#include "secret/seal.h"

bool load_row_fits(const registry_row *row)
{
    const char *text[] = {row->record_id, row->programme,   row->status,          row->name_bn,
                          row->name_en,   row->father_name, row->mother_name,     row->sex,
                          row->geo,       row->household,   row->wallet_provider, row->routing};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (!copy_text_fits(span_of(text[i])))
            return false;
    return true;
}

static bool put(char *out, size_t *at, const char *text)
{
    size_t n = strlen(text);
    if (*at + 4 + n > LOAD_CANONICAL)
        return false;
    for (int shift = 24; shift >= 0; shift -= 8)
        out[(*at)++] = (char)(unsigned char)(n >> shift);
    memcpy(out + *at, text, n);
    *at += n;
    return true;
}

static bool put_date(char *out, size_t *at, bool given, civil_date date)
{
    char text[48] = "";
    if (given)
        (void)snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
    return put(out, at, text);
}

size_t load_row_canonical(const registry_row *row, char out[LOAD_CANONICAL])
{
    size_t at = 0;
    char amount[24] = "";
    if (row->has_amount)
        (void)snprintf(amount, sizeof amount, "%" PRId64, row->amount_paisa);
    bool good = put(out, &at, "ekok row content 1") && put(out, &at, row->record_id) &&
                put(out, &at, row->programme) && put(out, &at, row->status) && put(out, &at, row->name_bn) &&
                put(out, &at, row->name_en) && put(out, &at, row->father_name) &&
                put(out, &at, row->mother_name) && put(out, &at, row->sex) &&
                put_date(out, &at, true, row->birth_date) && put(out, &at, row->geo) &&
                put(out, &at, row->household) && put(out, &at, amount) &&
                put_date(out, &at, row->has_enrolled_on, row->enrolled_on) && put(out, &at, row->nid) &&
                put(out, &at, row->brn) && put(out, &at, row->nid_subject) && put(out, &at, row->mobile) &&
                put(out, &at, row->wallet_provider) && put(out, &at, row->wallet) &&
                put(out, &at, row->wallet_subject) && put(out, &at, row->account) &&
                put(out, &at, row->routing) && put(out, &at, row->account_subject);
    return good ? at : 0;
}

typedef struct {
    const char *column, *clear;
    key_purpose purpose;
    const char *subject; /* what its token is made of */
} identifier;

static bool add_sealed(load_writer *w, const identifier *what, span id, buf *out)
{
    seal_place place = {"registry.enrolment", what->column, id};
    if (!*what->clear)
        return copy_null(out);
    return copy_bytes(out, NULL, 0) && seal_batch_value(&w->seal, &place, span_of(what->clear), out);
}

/* The sealed cell and the token cell, both null or neither, each followed by a separator. */
static bool add_identifier(load_writer *w, const identifier *what, span id, buf *out)
{
    bool sealed = add_sealed(w, what, id, out) && copy_next(out);
    if (!*what->clear)
        return sealed && copy_null(out) && copy_next(out);
    return sealed && *what->subject && copy_bytes(out, NULL, 0) &&
           seal_batch_token(&w->seal, what->purpose, span_of(what->subject), out) && copy_next(out);
}

static bool add_identifiers(load_writer *w, span id, const registry_row *row, buf *out)
{
    const identifier nid = {"nid_sealed", row->nid, KEY_TOKEN_NID, row->nid_subject};
    const identifier brn = {"brn_sealed", row->brn, KEY_TOKEN_BRN, row->brn};
    const identifier mobile = {"mobile_sealed", row->mobile, KEY_TOKEN_MOBILE, row->mobile};
    const identifier wallet = {"wallet_sealed", row->wallet, KEY_TOKEN_WALLET, row->wallet_subject};
    const identifier account = {"account_sealed", row->account, KEY_TOKEN_ACCOUNT, row->account_subject};
    bool digits = row->nid[0] ? copy_integer(out, (int64_t)strlen(row->nid)) : copy_null(out);
    return digits && copy_next(out) && add_identifier(w, &nid, id, out) && add_identifier(w, &brn, id, out) &&
           add_identifier(w, &mobile, id, out) && copy_text_or_null(out, row->wallet_provider) &&
           copy_next(out) && add_identifier(w, &wallet, id, out) && add_identifier(w, &account, id, out) &&
           copy_text_or_null(out, row->routing) && copy_next(out);
}

static bool add_facts(const char *uuid, const registry_row *row, buf *out)
{
    const char *text[] = {uuid,         row->record_id,   row->programme,   row->status, row->name_bn,
                          row->name_en, row->father_name, row->mother_name, row->sex};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (!copy_text_or_null(out, text[i]) || !copy_next(out))
            return false;
    return copy_date(out, row->birth_date) && copy_next(out) && copy_text_or_null(out, row->geo) &&
           copy_next(out) && copy_text_or_null(out, row->household) && copy_next(out) &&
           (row->has_amount ? copy_integer(out, row->amount_paisa) : copy_null(out)) && copy_next(out) &&
           (row->has_enrolled_on ? copy_date(out, row->enrolled_on) : copy_null(out)) && copy_next(out);
}

static bool add_row_mac(load_writer *w, const registry_row *row, buf *out)
{
    char canonical[LOAD_CANONICAL];
    size_t size = load_row_canonical(row, canonical);
    bool good = size > 0 && copy_bytes(out, NULL, 0) &&
                seal_batch_token(&w->seal, KEY_ROW, (span){canonical, size}, out);
    wipe(canonical, size);
    return good;
}

/* The record as received, where it is wanted: when the row is refused, it lies in etl.quarantine. */
static bool add_record(load_writer *w, span raw, buf *out)
{
    if (!raw.p)
        return copy_null(out) && copy_next(out) && copy_null(out);
    return load_record_mac(w, raw, out) && copy_next(out) && load_record_sealed(w, out);
}

bool load_row(load_writer *w, const char uuid[LOAD_UUID], const registry_row *row, span raw, buf *out)
{
    return add_facts(uuid, row, out) && add_identifiers(w, span_of(uuid), row, out) &&
           add_row_mac(w, row, out) && copy_next(out) && add_record(w, raw, out) && copy_end(out);
}
