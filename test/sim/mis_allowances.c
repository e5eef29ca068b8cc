/*
 * mis_allowances.c - the social allowances of DSS, as its own data model has them, and DWA. Part of mis.h.
 */
#include "mis.h"

#include <stdio.h>
#include <string.h>

#include "changes.h"
#include "fields.h"

/* DSS: eleven characters, programme, district and a running number; names in both scripts; codes for everything. */
static void dss_id(const record *r, char out[RECORD_ID])
{
    snprintf(out, RECORD_ID, "%u%02u%08llu", (unsigned)r->programme + 1, place_code(r->place) / 10000 % 100,
             (unsigned long long)r->rank + 1);
}

static void dss_address(json *j, const record *r)
{
    uint32_t code = place_code(r->place);
    json_open(j, "permanent_address", '{');
    json_number(j, "division_id", code / 1000000);
    json_number(j, "district_id", code / 10000 % 100);
    json_number(j, "upazila_id", code / 100 % 100);
    json_number(j, "union_id", code % 100);
    json_text(j, "upazila_name", place_upazila(r->place).en);
    json_text(j, "mobile", r->mobile);
    json_close(j, '}');
}

static void dss_payment(json *j, const record *r)
{
    static const char *const provider[] = {NULL, "bKash", "Nagad", "Rocket", "Upay"};
    json_number(j, "account_type", *r->wallet ? 2 : 1);
    json_text(j, "mfs_name", provider[r->provider]);
    json_text(j, "account_number", *r->wallet ? r->wallet : r->account);
    json_text(j, "routing_number", r->routing);
}

static void dss_row(json *j, const record *r)
{
    static const date_habit iso = {"yyyy-mm-dd", false, NULL};
    char id[RECORD_ID], text[TEXT_ROOM];
    dss_id(r, id);
    json_open(j, NULL, '{');
    json_text(j, "beneficiary_id", id);
    snprintf(text, sizeof text, "%u", (unsigned)r->programme + 1);
    field_programme(j, "program_id", r, text, "21");
    field_name(j, "name_en", r, r->name_en);
    field_name(j, "name_bn", r, r->name_bn);
    json_text(j, "father_name_en", r->father_en);
    json_text(j, "father_name_bn", r->father_bn);
    json_text(j, "mother_name_en", r->mother_en);
    json_text(j, "mother_name_bn", r->mother_bn);
    json_text(j, "spouse_name_en", r->spouse_en);
    json_text(j, "spouse_name_bn", r->spouse_bn);
    json_text(j, "gender", r->sex == SEX_FEMALE ? "2" : "1");
    field_birth(j, "date_of_birth", r, &iso);
    json_number(j, "age", r->age);
    json_number(j, "verification_type", *r->nid ? 1 : 2);
    if (*r->nid)
        field_nid(j, "verification_number", r, r->nid);
    else
        json_text(j, "verification_number", r->brn);
    dss_address(j, r);
    dss_payment(j, r);
    snprintf(text, sizeof text, "%lld.00", (long long)r->taka);
    json_text(j, "monthly_allowance", text);
    field_date(j, "approve_date", r->enrolled, &iso);
    json_number(j, "status", r->status == STATUS_ACTIVE ? 1 : r->status == STATUS_WAITING ? 3 : 2);
    json_number(j, "household_no", (int64_t)r->family);
    json_text(j, "updated_at", text_time(change_time(r->mis, r->rank, r->epoch), 'T', "+06:00", text));
    json_close(j, '}');
}

static void dss_head(json *j, const page_facts *f)
{
    json_bare(j, "success", "true");
    json_number(j, "total", (int64_t)f->total);
}

const mis mis_dss = {.path = "/bhata/api/beneficiaries",
                     .style = PAGED_BY_SINCE,
                     .size_param = "per_page",
                     .at_param = "updated_from",
                     .after_param = "after",
                     .size = 500,
                     .size_max = 500,
                     .rows = "beneficiaries",
                     .head = dss_head,
                     .row = dss_row,
                     .id = dss_id};

/* DWA: Bengali, ids that look random, one identity with its kind. */
static void dwa_id(const record *r, char out[RECORD_ID])
{
    uint64_t a = mix64(r->rank + 1), b = mix64(a);
    snprintf(out, RECORD_ID, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(a >> 32),
             (unsigned)(a >> 16) & 0xFFFF, (unsigned)a & 0xFFF, (unsigned)(a >> 12) & 0xFFF,
             (unsigned long long)b & 0xFFFFFFFFFFFF);
}

static void dwa_row(json *j, const record *r)
{
    static const char *const provider[] = {NULL, "বিকাশ", "নগদ", "রকেট", "উপায়"};
    static const char *const status[] = {"সক্রিয়", "নিষ্ক্রিয়", "স্থগিত", "অপেক্ষমাণ"};
    static const date_habit dotted = {"dd.mm.yyyy", false, NULL};
    char id[RECORD_ID], text[TEXT_ROOM];
    dwa_id(r, id);
    json_open(j, NULL, '{');
    json_text(j, "uid", id);
    field_programme(j, "karmasuchi", r, r->programme == PROGRAMME_MCB ? "MCBP" : "COASTAL", "VWB-OLD-AGE");
    field_name(j, "mayer_nam", r, r->name_bn);
    json_text(j, "pita", r->father_bn);
    json_text(j, "mata", r->mother_bn);
    json_text(j, "shami", r->spouse_bn);
    field_birth(j, "jonmo", r, &dotted);
    json_open(j, "identity", '{');
    json_text(j, "kind", *r->brn ? "brn" : strlen(r->nid) == 10 ? "smart" : "nid");
    if (*r->nid)
        field_nid(j, "no", r, r->nid);
    else
        json_text(j, "no", r->brn);
    json_close(j, '}');
    field_as_number(j, "phone", r->mobile);
    snprintf(text, sizeof text, "%08u", place_code(r->place));
    json_text(j, "union_code", text);
    json_text(j, "upazila", place_upazila(r->place).bn);
    json_open(j, "bhata", '{');
    json_text(j, "mfs", provider[r->provider]);
    json_text(j, "wallet", r->wallet);
    json_text(j, "bank_account", r->account);
    json_text(j, "bank_routing", r->routing);
    snprintf(text, sizeof text, "%lld", (long long)r->taka);
    json_text(j, "taka", text);
    field_date(j, "from", r->enrolled, &dotted);
    json_close(j, '}');
    json_text(j, "status", status[r->status]);
    json_close(j, '}');
}

static void dwa_tail(json *j, const page_facts *f)
{
    if (f->next)
        json_text(j, "next_token", f->next);
    else
        json_bare(j, "next_token", "\"\"");
    json_number(j, "total_count", (int64_t)f->total);
}

const mis mis_dwa = {.path = "/mcbp/api/mothers",
                     .style = PAGED_BY_CURSOR,
                     .size_param = "max",
                     .at_param = "token",
                     .size = 200,
                     .size_max = 300,
                     .rows = "items",
                     .tail = dwa_tail,
                     .row = dwa_row,
                     .id = dwa_id};

/* The ten by their numbers. */
const mis *mis_of(mis_id id)
{
    static const mis *const all[MIS_COUNT] = {
#define X(NAME, name, scripts, nid, brn, wallet, account, listed, twice) [MIS_##NAME] = &mis_##name,
#include "mis.def"
#undef X
    };
    return all[id];
}
