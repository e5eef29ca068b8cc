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

static bool add_identifiers(load_writer *w, span id, const registry_row *row, buf *out)
{
    static const char TABLE[] = "registry.enrolment";
    const load_identifier nid = {{TABLE, "nid_sealed", id}, row->nid, row->nid_subject, KEY_TOKEN_NID};
    const load_identifier brn = {{TABLE, "brn_sealed", id}, row->brn, row->brn, KEY_TOKEN_BRN};
    const load_identifier mobile = {{TABLE, "mobile_sealed", id}, row->mobile, row->mobile, KEY_TOKEN_MOBILE};
    const load_identifier wallet = {
        {TABLE, "wallet_sealed", id}, row->wallet, row->wallet_subject, KEY_TOKEN_WALLET};
    const load_identifier account = {
        {TABLE, "account_sealed", id}, row->account, row->account_subject, KEY_TOKEN_ACCOUNT};
    bool digits = row->nid[0] ? copy_integer(out, (int64_t)strlen(row->nid)) : copy_null(out);
    return digits && copy_next(out) && load_identifier_add(w, &nid, out) &&
           load_identifier_add(w, &brn, out) && load_identifier_add(w, &mobile, out) &&
           copy_text_or_null(out, row->wallet_provider) && copy_next(out) &&
           load_identifier_add(w, &wallet, out) && load_identifier_add(w, &account, out) &&
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
    bool good = size > 0 && load_content_mac(w, (span){canonical, size}, out);
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
