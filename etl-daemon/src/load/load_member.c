/*
 * load_member.c - one line of etl.stage_member_shape, its columns in the order of the migration that makes that type.
 * Refuses to keep clear text: the canonical form lives on the stack and is wiped before the function returns.
 */
#include "load/load_member.h"

#include <stdio.h>

#include "load/copy_text.h"
#include "secret/seal.h"

/* The content of a row, and behind it score and day: so an unchanged record is told. */
size_t load_member_canonical(const registry_row *row, char out[LOAD_CANONICAL + LOAD_SCORE_TEXT])
{
    size_t size = load_row_canonical(row, out);
    const civil_date d = row->surveyed_on;
    int more = snprintf(out + size, LOAD_SCORE_TEXT, "|%d|%04d-%02d-%02d", row->pmt_hundredths, d.year,
                        d.month, d.day);
    return size > 0 && more > 0 && more < LOAD_SCORE_TEXT ? size + (size_t)more : 0;
}

static bool add_mac(load_writer *w, const registry_row *row, buf *out)
{
    char canonical[LOAD_CANONICAL + LOAD_SCORE_TEXT];
    size_t size = load_member_canonical(row, canonical);
    bool good = size > 0 && load_content_mac(w, (span){canonical, size}, out);
    wipe(canonical, sizeof canonical);
    return good;
}

static bool add_facts(const char *uuid, const registry_row *row, buf *out)
{
    const char *text[] = {uuid, row->record_id, row->household, row->name_bn, row->name_en, row->sex};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (!copy_text_or_null(out, text[i]) || !copy_next(out))
            return false;
    return copy_date(out, row->birth_date) && copy_next(out) && copy_text_or_null(out, row->geo) &&
           copy_next(out) && (row->nid[0] ? copy_integer(out, (int64_t)strlen(row->nid)) : copy_null(out)) &&
           copy_next(out);
}

bool load_member(load_writer *w, const char uuid[LOAD_UUID], const registry_row *row, buf *out)
{
    char score[LOAD_SCORE_TEXT];
    const span id = span_of(uuid);
    const load_identifier nid = {
        {"registry.household_member", "nid_sealed", id}, row->nid, row->nid_subject, KEY_TOKEN_NID};
    const load_identifier brn = {
        {"registry.household_member", "brn_sealed", id}, row->brn, row->brn, KEY_TOKEN_BRN};
    (void)snprintf(score, sizeof score, "%d.%02d", row->pmt_hundredths / 100, row->pmt_hundredths % 100);
    return add_facts(uuid, row, out) && load_identifier_add(w, &nid, out) &&
           load_identifier_add(w, &brn, out) && copy_text(out, span_of(score)) && copy_next(out) &&
           copy_date(out, row->surveyed_on) && copy_next(out) && add_mac(w, row, out) && copy_end(out);
}
