/*
 * mis_students.c - the five systems of stipends: HSP, DSHE, DME, DTE, PESP. Part of mis.h.
 */
#include "mis.h"

#include <stdio.h>
#include <string.h>

#include "changes.h"
#include "fields.h"

static const char *const provider_name[] = {NULL, "bKash", "Nagad", "Rocket", "upay"};
static const char *const provider_code[] = {NULL, "BKS", "NGD", "RKT", "UPY"};

static void number_as_text(json *j, const char *key, const char *format, unsigned value)
{
    char text[32];
    snprintf(text, sizeof text, format, value);
    json_text(j, key, text);
}

/* HSP: Spring, camelCase, nested, both scripts. */
static void hsp_id(const record *r, char out[RECORD_ID])
{
    snprintf(out, RECORD_ID, "HSP%09llu", (unsigned long long)r->rank + 1);
}

static void hsp_row(json *j, const record *r)
{
    static const char *const status[] = {"ACTIVE", "DROPPED_OUT", "ON_HOLD", "PENDING_APPROVAL"};
    static const date_habit iso = {"yyyy-mm-dd", false, NULL};
    char id[RECORD_ID];
    hsp_id(r, id);
    json_open(j, NULL, '{');
    json_text(j, "beneficiaryId", id);
    field_programme(j, "scheme", r,
                    r->age >= 17    ? "HSP-HSC"
                    : r->chance % 5 ? "HSP-SEC"
                                    : "HSP-DAKHIL",
                    "MCBP");
    json_open(j, "student", '{');
    field_name(j, "nameBn", r, r->name_bn);
    field_name(j, "nameEn", r, r->name_en);
    json_text(j, "gender", r->sex == SEX_FEMALE ? "FEMALE" : "MALE");
    field_birth(j, "dateOfBirth", r, &iso);
    field_nid(j, "nid", r, r->nid);
    json_text(j, "birthRegNo", r->brn);
    json_bare(j, "disabled", r->chance % 29 ? "false" : "true");
    json_close(j, '}');
    json_open(j, "guardian", '{');
    json_text(j, "fatherName", *r->father_bn ? r->father_bn : r->father_en);
    json_text(j, "motherName", *r->mother_bn ? r->mother_bn : r->mother_en);
    json_text(j, "mobile", r->mobile);
    json_close(j, '}');
    number_as_text(j, "geoCode", "%08u", place_code(r->place));
    json_number(j, "eiin", 100000 + (int64_t)(place_code(r->place) % 40000));
    json_number(j, "classNo", r->age > 17 ? 12 : r->age - 5);
    json_open(j, "payment", '{');
    json_text(j, "type", *r->wallet ? "MFS" : "BANK");
    json_text(j, "provider", provider_name[r->provider]);
    json_text(j, "accountNo", *r->wallet ? r->wallet : r->account);
    json_text(j, "routingNo", r->routing);
    json_close(j, '}');
    json_open(j, "stipend", '{');
    number_as_text(j, "monthly", "%u.00", (unsigned)r->taka);
    field_date(j, "since", r->enrolled, &iso);
    json_close(j, '}');
    json_text(j, "status", status[r->status]);
    number_as_text(j, "familyNo", "F%08u", (unsigned)r->family);
    json_close(j, '}');
}

static void hsp_tail(json *j, const page_facts *f)
{
    json_open(j, "meta", '{');
    json_number(j, "page", (int64_t)f->at);
    json_number(j, "size", (int64_t)f->size);
    json_number(j, "total", (int64_t)f->total);
    json_close(j, '}');
}

const mis mis_hsp = {.path = "/api/v2/beneficiaries",
                     .style = PAGED_BY_PAGE,
                     .size_param = "size",
                     .at_param = "page",
                     .size = 500,
                     .size_max = 500,
                     .first = 1,
                     .rows = "content",
                     .tail = hsp_tail,
                     .row = hsp_row,
                     .id = hsp_id};

/* DSHE: .NET, PascalCase, capitals, one pair of id type and number, phones and accounts as numbers. */
static void dshe_id(const record *r, char out[RECORD_ID])
{
    snprintf(out, RECORD_ID, "%llu", 1000001 + (unsigned long long)r->rank);
}

static void dshe_row(json *j, const record *r)
{
    static const date_habit slashed = {"dd/mm/yyyy", false, NULL};
    uint32_t code = place_code(r->place);
    json_open(j, NULL, '{');
    json_number(j, "RecordId", 1000001 + (int64_t)r->rank);
    field_name_upper(j, "StudentName", r);
    field_upper(j, "FatherName", r->father_en);
    field_upper(j, "MotherName", r->mother_en);
    json_text(j, "Sex", r->sex == SEX_FEMALE ? "F" : "M");
    field_birth(j, "DOB", r, &slashed);
    json_text(j, "IdType", *r->nid ? "NID" : "BRC");
    if (*r->nid)
        field_nid(j, "IdNo", r, r->nid);
    else
        json_text(j, "IdNo", r->brn);
    field_as_number(j, "MobileNo", r->mobile);
    json_number(j, "DivCode", code / 1000000);
    json_number(j, "DistCode", code / 10000 % 100);
    json_number(j, "UpzCode", code / 100 % 100);
    json_number(j, "UnCode", code % 100);
    json_text(j, "MfsCode", provider_code[r->provider]);
    json_text(j, "MfsNo", r->wallet);
    field_as_number(j, "BankAccNo", r->account);
    json_text(j, "RoutingNo", r->routing);
    json_number(j, "Amount", r->taka);
    field_date(j, "AwardDate", r->enrolled, &slashed);
    json_number(j, "StatusId", (int64_t)r->status + 1);
    json_close(j, '}');
}

static void dshe_head(json *j, const page_facts *f)
{
    json_number(j, "Count", (int64_t)f->total);
}

const mis mis_dshe = {.path = "/Stipend/Export",
                      .style = PAGED_BY_OFFSET,
                      .size_param = "limit",
                      .at_param = "start",
                      .size = 200,
                      .size_max = 200,
                      .rows = "Students",
                      .head = dshe_head,
                      .row = dshe_row,
                      .id = dshe_id};

/* DME: PHP, Bengali only, as \u escapes, Bengali digits; small pages counted from 0; places down to the upazila. */
static void dme_id(const record *r, char out[RECORD_ID])
{
    snprintf(out, RECORD_ID, "DME/%07llu", (unsigned long long)r->rank + 1);
}

static void dme_row(json *j, const record *r)
{
    static const char *const provider[] = {NULL, "বিকাশ", "নগদ", "রকেট", "উপায়"};
    static const char *const status[] = {"চলমান", "বাতিল", "স্থগিত", "অপেক্ষমাণ"};
    static const date_habit bengali = {"dd-mm-yyyy", true, NULL};
    char id[RECORD_ID], text[TEXT_ROOM];
    dme_id(r, id);
    json_open(j, NULL, '{');
    json_text(j, "sl_no", id);
    field_name(j, "applicant_name", r, r->name_bn);
    json_text(j, "father", r->father_bn);
    json_text(j, "mother", r->mother_bn);
    json_text(j, "linga", r->sex == SEX_FEMALE ? "মহিলা" : "পুরুষ");
    field_birth(j, "dob", r, &bengali);
    field_nid(j, "nid_no", r, text_bengali_digits(r->nid, text));
    json_text(j, "birth_reg_no", text_bengali_digits(r->brn, text));
    json_text(j, "mobile", text_bengali_digits(r->mobile, text));
    number_as_text(j, "upazila_code", "%06u", place_code(r->place) / 100);
    json_text(j, "upazila", place_upazila(r->place).bn);
    json_text(j, "district", place_district(r->place).bn);
    json_text(j, "mfs", provider[r->provider]);
    json_text(j, "mfs_number", text_bengali_digits(r->wallet, text));
    json_number(j, "grant_taka", r->taka);
    field_date(j, "grant_date", r->enrolled, &bengali);
    json_text(j, "obostha", status[r->status]);
    json_close(j, '}');
}

static void dme_head(json *j, const page_facts *f)
{
    json_text(j, "status", "success");
    json_number(j, "page", (int64_t)f->at);
}

const mis mis_dme = {.path = "/api/grants.php",
                     .style = PAGED_BY_PAGE,
                     .size_param = "n",
                     .at_param = "p",
                     .size = 100,
                     .size_max = 100,
                     .escaped = true,
                     .rows = "data",
                     .head = dme_head,
                     .row = dme_row,
                     .id = dme_id};

/* DTE: Node, English, numbers with hyphens, BRNs as JSON numbers, money in paisa. */
static void dte_id(const record *r, char out[RECORD_ID])
{
    snprintf(out, RECORD_ID, "te-%08llx", (unsigned long long)r->rank * 16 + 11);
}

static void dte_row(json *j, const record *r)
{
    static const char *const status[] = {"enrolled", "left", "paused", "applied"};
    static const date_habit plain = {"yyyymmdd", false, NULL};
    char id[RECORD_ID], text[TEXT_ROOM];
    uint32_t code = place_code(r->place);
    dte_id(r, id);
    json_open(j, NULL, '{');
    json_text(j, "id", id);
    field_name(j, "fullName", r, r->name_en);
    json_open(j, "parents", '{');
    json_text(j, "father", r->father_en);
    json_text(j, "mother", r->mother_en);
    json_close(j, '}');
    json_text(j, "gender", r->sex == SEX_FEMALE ? "female" : "male");
    field_birth(j, "dob", r, &plain);
    field_nid(j, "nid", r, text_grouped(r->nid, strlen(r->nid) == 10 ? "334" : "4337", '-', text));
    field_as_number(j, "brn", r->brn);
    json_text(j, "phone", text_grouped(r->mobile, "56", '-', text));
    json_open(j, "address", '{');
    number_as_text(j, "division", "%02u", code / 1000000);
    number_as_text(j, "district", "%02u", code / 10000 % 100);
    number_as_text(j, "upazila", "%02u", code / 100 % 100);
    number_as_text(j, "union", "%02u", code % 100);
    json_close(j, '}');
    json_open(j, "payout", '{');
    json_text(j, "via", *r->wallet ? "wallet" : "bank");
    json_text(j, "operator", provider_name[r->provider]);
    json_text(j, "number", *r->wallet ? r->wallet : r->account);
    json_text(j, "routing", r->routing);
    json_number(j, "paisa", r->taka * 100);
    json_close(j, '}');
    field_date(j, "joined", r->enrolled, &plain);
    json_text(j, "state", status[r->status]);
    json_close(j, '}');
}

static void dte_tail(json *j, const page_facts *f)
{
    json_open(j, "paging", '{');
    json_text(j, "next", f->next);
    json_close(j, '}');
}

const mis mis_dte = {.path = "/v1/trainees",
                     .style = PAGED_BY_CURSOR,
                     .size_param = "limit",
                     .at_param = "cursor",
                     .size = 250,
                     .size_max = 250,
                     .rows = "trainees",
                     .tail = dte_tail,
                     .row = dte_row,
                     .id = dte_id};

/* PESP: the largest; changes since a time; the stipend goes to the mother's phone; dates with a time. */
static void pesp_id(const record *r, char out[RECORD_ID])
{
    snprintf(out, RECORD_ID, "%012llu", (unsigned long long)r->rank + 1);
}

static void pesp_row(json *j, const record *r)
{
    static const char *const status[] = {"A", "D", "S", "W"};
    static const date_habit timed = {"yyyy-mm-dd", false, "T00:00:00"};
    char id[RECORD_ID], text[TEXT_ROOM];
    pesp_id(r, id);
    json_open(j, NULL, '{');
    json_text(j, "id", id);
    json_text(j, "last_modified", text_time(change_time(r->mis, r->rank, r->epoch), ' ', "", text));
    field_name(j, "student_name_bn", r, r->name_bn);
    field_name(j, "student_name_en", r, r->name_en);
    json_number(j, "sex", r->sex == SEX_FEMALE ? 2 : 1);
    field_birth(j, "birth_date", r, &timed);
    json_text(j, "brn", text_grouped(r->brn, "476", ' ', text));
    field_nid(j, "student_nid", r, r->nid);
    json_open(j, "mother", '{');
    json_text(j, "name_bn", r->mother_bn);
    json_text(j, "name_en", r->mother_en);
    snprintf(text, sizeof text, "+88%s", r->mobile);
    json_text(j, "mobile", text);
    json_close(j, '}');
    json_text(j, "father_name_bn", r->father_bn);
    json_text(j, "father_name_en", r->father_en);
    number_as_text(j, "union_pcode", "%08u", place_code(r->place));
    json_number(j, "school_emis", 91000000000 + (int64_t)place_code(r->place) * 10);
    json_number(j, "grade", r->age > 10 ? 5 : r->age - 5);
    json_text(j, "mfs", provider_code[r->provider]);
    json_text(j, "mfs_account", r->wallet);
    json_number(j, "monthly_tk", r->taka);
    field_date(j, "enrolled_at", r->enrolled, &timed);
    json_text(j, "state", status[r->status]);
    number_as_text(j, "household", "HH-%010u", (unsigned)r->family);
    json_close(j, '}');
}

static void pesp_head(json *j, const page_facts *f)
{
    json_number(j, "rows_in_system", (int64_t)f->total);
}

const mis mis_pesp = {.path = "/pesp/sync",
                      .style = PAGED_BY_SINCE,
                      .size_param = "limit",
                      .at_param = "modified_since",
                      .after_param = "after_id",
                      .size = 1000,
                      .size_max = 1000,
                      .rows = "students",
                      .head = pesp_head,
                      .row = pesp_row,
                      .id = pesp_id};
