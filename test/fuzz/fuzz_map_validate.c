/*
 * fuzz_map_validate.c - any bytes as the records of a page, under fixed definitions that use every kind of rule: as
 * enrolments, and as members of surveyed households. A row that passes must be complete for its kind and in canonical
 * form; one that does not must say why.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "feed.h"
#include "map/map.h"
#include "validate/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FORMATS                                                                                              \
    .birth_date_format = "dd/mm/yyyy", .enrolled_on_format = "yyyy-mm-dd*",                                  \
    .surveyed_on_format = "dd mon yyyy"

static source_def defs[] = {{.records = RECORDS_ENROLMENTS, FORMATS}, {.records = RECORDS_MEMBERS, FORMATS}};
enum { KINDS = sizeof defs / sizeof *defs };
static source_def *def; /* the one that is being made */

/* paths: joined by '+'; literal when empty. */
static map_rule *rule(target to, const char *paths, const char *literal)
{
    map_rule *r = &def->rule[def->rules++];

    r->to = to;
    for (const char *at = paths; *at != '\0'; r->paths++) {
        size_t n = strcspn(at, "+");
        memcpy(r->path[r->paths], at, n);
        at += n + (at[n] == '+');
    }
    snprintf(r->literal, sizeof r->literal, "%s", literal);
    return r;
}

static void value(target to, const char *from, const char *ours)
{
    value_map *v = &def->value[def->values++];

    v->to = to;
    snprintf(v->from, sizeof v->from, "%s", from);
    snprintf(v->value, sizeof v->value, "%s", ours);
    def->has_values[to] = true;
}

/* What both kinds of record have. */
static void define_person(void)
{
    rule(TARGET_RECORD_ID, "id", "");
    rule(TARGET_SEX, "sex", "");
    rule(TARGET_NAME_BN, "n.bn", "");
    rule(TARGET_NAME_EN, "f+l", "");
    rule(TARGET_BIRTH_DATE, "dob", "");
    rule(TARGET_GEO, "g.0+g.1+g.2", "");
    rule(TARGET_HOUSEHOLD, "h+id", "");
    map_rule *nid = rule(TARGET_NID, "no", "");
    snprintf(nid->when_path, sizeof nid->when_path, "k");
    snprintf(nid->when_value, sizeof nid->when_value, "N");
    rule(TARGET_NID, "nid", "");
    rule(TARGET_BRN, "brn", "");
}

static void define_enrolment(void)
{
    rule(TARGET_PROGRAMME, "", "OAA");
    rule(TARGET_STATUS, "st", "");
    value(TARGET_STATUS, "1", "active");
    value(TARGET_STATUS, "2", "waiting");
    rule(TARGET_FATHER_NAME, "fa", "");
    rule(TARGET_MOTHER_NAME, "mo", "");
    rule(TARGET_ENROLLED_ON, "on", "");
    rule(TARGET_AMOUNT, "a", "");
    rule(TARGET_MOBILE, "m", "");
    rule(TARGET_WALLET_PROVIDER, "wp", "");
    rule(TARGET_WALLET, "w", "");
    rule(TARGET_ACCOUNT, "acc", "");
    rule(TARGET_ROUTING, "rt", "");
}

static void define_member(void)
{
    rule(TARGET_PMT, "p", "");
    rule(TARGET_SURVEYED_ON, "sv", "");
}

static void define(void)
{
    for (int i = 0; i < KINDS; i++) {
        def = &defs[i];
        define_person();
        if (def->records == RECORDS_ENROLMENTS)
            define_enrolment();
        else
            define_member();
    }
}

static void check_digits(const char *text, size_t room)
{
    size_t n = strnlen(text, room);

    must(n < room && strspn(text, "0123456789") == n);
}

static void check_row(const registry_row *row)
{
    must(row->record_id[0] != '\0' && strnlen(row->record_id, sizeof row->record_id) < sizeof row->record_id);
    must(row->name_bn[0] != '\0' || row->name_en[0] != '\0');
    must((row->nid[0] == '\0') == (row->nid_subject[0] == '\0'));
    must((row->wallet[0] == '\0') == (row->wallet_provider[0] == '\0'));
    must((row->account[0] == '\0') == (row->account_subject[0] == '\0'));
    must(date_exists(row->birth_date));
    must(!row->has_enrolled_on || date_exists(row->enrolled_on));
    must(row->pmt_hundredths >= 0 && row->pmt_hundredths <= 200000);
    must(row->surveyed_on.year == 0 || date_exists(row->surveyed_on));
    must(!row->has_amount || row->amount_paisa >= 0);
    check_digits(row->nid, sizeof row->nid);
    check_digits(row->brn, sizeof row->brn);
    check_digits(row->mobile, sizeof row->mobile);
    check_digits(row->wallet, sizeof row->wallet);
    check_digits(row->account, sizeof row->account);
    check_digits(row->routing, sizeof row->routing);
    check_digits(row->geo, sizeof row->geo);
    must(strlen(row->geo) % 2 == 0);
}

/* What a record of its kind must have, and what it cannot have. */
static void check_kind(const source_def *of, const registry_row *row)
{
    bool member = of->records == RECORDS_MEMBERS;

    must(strcmp(row->programme, member ? "" : "OAA") == 0);
    must(member || row->nid[0] != '\0' || row->brn[0] != '\0');
    must(!member || (row->household[0] != '\0' && row->surveyed_on.year != 0));
    must(member || (row->pmt_hundredths == 0 && row->surveyed_on.year == 0));
    must(!member ||
         (row->mobile[0] == '\0' && row->wallet[0] == '\0' && row->account[0] == '\0' && !row->has_amount));
}

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    static map_scratch scratch;
    mapped_record mapped;
    registry_row row;
    reason_list reasons = {.count = 0};

    if (damaged->count > 0) {
        return true;
    }
    const source_def *of = context;
    map_record(of, record, &scratch, &mapped, &reasons);
    for (unsigned i = 0; i < TARGET_COUNT; i++) {
        must(mapped.value[i].n <= target_ceiling((target)i));
    }
    bool passed = validate_record(of, &mapped, (civil_date){2024, 7, 1}, &row, &reasons);
    must(passed == (reasons.count == 0));
    if (passed) {
        check_row(&row);
        check_kind(of, &row);
    }
    row_wipe(&row);
    return true;
}

static void read_as(source_def *kind, span page)
{
    decode_options options = {.rows_path = "", .row_bytes = 65536, .on_record = on_record, .context = kind};
    failure f = {.text = ""};

    decoder *d = decoder_new(&options);
    must(d != NULL);
    if (decoder_feed(d, page, &f)) {
        bool ended = decoder_finish(d, &f);
        must(ended || f.text[0] != '\0');
    }
    decoder_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (defs[0].rules == 0) {
        define();
    }
    for (int i = 0; i < KINDS; i++) {
        read_as(&defs[i], (span){(const char *)data, size});
    }
    return 0;
}
