/*
 * content_row.c - see content_row.h. The columns are those that etl.add_new and etl.write_members fill from a line of
 * load_row.c and load_member.c; a null is what was empty there.
 */
#include "rotate/content_row.h"

#include <stdio.h>
#include <stdlib.h>

#include "validate/subject.h"

static const char *cell(const pg_rows *rows, int row, int column)
{
    const char *text = pg_rows_get(rows, row, column);
    return text ? text : "";
}

static bool copy(const char *text, char *out, size_t room)
{
    size_t n = strlen(text);
    if (n < room)
        memcpy(out, text, n + 1);
    return n < room;
}

static bool take_date(const char *text, civil_date *out)
{
    return date_parse("yyyy-mm-dd", span_of(text), out) && date_exists(*out);
}

static bool take_facts(const pg_rows *rows, int row, registry_row *r)
{
    const struct {
        int column;
        char *to;
        size_t room;
    } text[] = {{CONTENT_RECORD_ID, r->record_id, sizeof r->record_id},
                {CONTENT_PROGRAMME, r->programme, sizeof r->programme},
                {CONTENT_STATUS, r->status, sizeof r->status},
                {CONTENT_NAME_BN, r->name_bn, sizeof r->name_bn},
                {CONTENT_NAME_EN, r->name_en, sizeof r->name_en},
                {CONTENT_FATHER_NAME, r->father_name, sizeof r->father_name},
                {CONTENT_MOTHER_NAME, r->mother_name, sizeof r->mother_name},
                {CONTENT_SEX, r->sex, sizeof r->sex},
                {CONTENT_GEO, r->geo, sizeof r->geo},
                {CONTENT_HOUSEHOLD, r->household, sizeof r->household},
                {CONTENT_PROVIDER, r->wallet_provider, sizeof r->wallet_provider},
                {CONTENT_ROUTING, r->routing, sizeof r->routing}};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (!copy(cell(rows, row, text[i].column), text[i].to, text[i].room))
            return false;
    const char *amount = pg_rows_get(rows, row, CONTENT_AMOUNT),
               *since = cell(rows, row, CONTENT_ENROLLED_ON),
               *surveyed = cell(rows, row, CONTENT_SURVEYED_ON);
    r->has_amount = amount != NULL;
    r->amount_paisa = amount ? strtoll(amount, NULL, 10) : 0;
    r->has_enrolled_on = *since != '\0';
    r->pmt_hundredths = (int)strtol(cell(rows, row, CONTENT_PMT), NULL, 10);
    return take_date(cell(rows, row, CONTENT_BIRTH_DATE), &r->birth_date) &&
           (!*since || take_date(since, &r->enrolled_on)) &&
           (!*surveyed || take_date(surveyed, &r->surveyed_on));
}

/* An identifier of the row, and what its token is made of where that is part of the content. */
typedef struct {
    int column;
    const char *name;
    char *value, *subject;
    subject_kind kind;
} identifier;

static bool take_identifier(const content_reader *with, const seal_place *place, const char *text,
                            const identifier *what, failure *why)
{
    value_room *room = with->room;
    if (!value_room_make(room, strlen(text), why) || !value_room_open(room, with->ring, place, text, why))
        return false;
    size_t n = room->value.n;
    if (n > 0 && n < ROW_DIGITS) {
        memcpy(what->value, room->value.p, n);
        what->value[n] = '\0';
    }
    value_room_wipe(room);
    return what->value[0] || fail(why, EXIT_KEYS, "a value is longer than any of its kind");
}

static bool take_identifiers(const content_reader *with, const pg_rows *rows, int row, registry_row *r,
                             failure *why)
{
    const identifier all[] = {
        {CONTENT_NID, "nid_sealed", r->nid, r->nid_subject, SUBJECT_NID},
        {CONTENT_BRN, "brn_sealed", r->brn, NULL, SUBJECT_BRN},
        {CONTENT_MOBILE, "mobile_sealed", r->mobile, NULL, SUBJECT_MOBILE},
        {CONTENT_WALLET, "wallet_sealed", r->wallet, r->wallet_subject, SUBJECT_WALLET},
        {CONTENT_ACCOUNT, "account_sealed", r->account, r->account_subject, SUBJECT_ACCOUNT}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const char *text = pg_rows_get(rows, row, all[i].column);
        const seal_place place = {with->table, all[i].name, span_of(cell(rows, row, CONTENT_ID))};
        if (!text)
            continue;
        if (!take_identifier(with, &place, text, &all[i], why))
            return false;
        if (all[i].subject && !subject_of(all[i].kind, span_of(all[i].value), span_of(r->wallet_provider),
                                          span_of(r->routing), all[i].subject))
            return fail(why, EXIT_KEYS, "a value is of another kind than its column");
    }
    return true;
}

size_t content_row(const content_reader *with, const pg_rows *rows, int row, char out[CONTENT_TEXT],
                   failure *why)
{
    registry_row r;
    size_t size = 0;
    memset(&r, 0, sizeof r);
    (void)fail(why, EXIT_KEYS, "its content is longer than any that is loaded");
    if (take_facts(rows, row, &r) && take_identifiers(with, rows, row, &r, why))
        size = strcmp(with->table, "registry.enrolment") == 0 ? load_row_canonical(&r, out)
                                                              : load_member_canonical(&r, out);
    row_wipe(&r);
    return size;
}
