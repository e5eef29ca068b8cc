/*
 * mis_payments.c - DOL, SPBMU and MoLWA. Part of mis.h.
 */
#include "mis.h"

#include <stdio.h>
#include <string.h>

#include "fields.h"

/* DOL: an Oracle export behind a thin service: flat, capitals, the page is the array itself. */
static void dol_id(const record *r, char out[RECORD_ID])
{
    snprintf(out, RECORD_ID, "W%08llu", (unsigned long long)r->rank + 1);
}

static void dol_row(json *j, const record *r)
{
    static const char *const provider[] = {NULL, "BKASH", "NAGAD", "DBBL", "UPAY"};
    static const char *const status[] = {"A", "C", "S", "P"};
    static const date_habit oracle = {"dd-mon-yyyy", false, NULL};
    char id[RECORD_ID], text[TEXT_ROOM];
    dol_id(r, id);
    json_open(j, NULL, '{');
    json_text(j, "WORKER_ID", id);
    field_name_upper(j, "WORKER_NAME", r);
    field_upper(j, "FATHERS_NAME", r->father_en);
    field_upper(j, "MOTHERS_NAME", r->mother_en);
    json_text(j, "SEX", r->sex == SEX_FEMALE ? "F" : "M");
    field_birth(j, "DOB", r, &oracle);
    field_nid(j, "NID_NO", r, text_grouped(r->nid, strlen(r->nid) == 10 ? "334" : "4445", ' ', text));
    json_text(j, "MOBILE_NO", r->mobile);
    snprintf(text, sizeof text, "%08u", place_code(r->place));
    json_text(j, "GEO_CODE", text);
    field_upper(j, "DISTRICT", place_district(r->place).en);
    json_text(j, "MFS_NAME", provider[r->provider]);
    json_text(j, "MFS_ACC", r->wallet);
    json_text(j, "BANK_ACC", r->account);
    json_text(j, "ROUTING", r->routing);
    json_number(j, "AMOUNT", r->taka);
    field_date(j, "APPROVED_ON", r->enrolled, &oracle);
    json_text(j, "STATUS", status[r->status]);
    json_text(j, "REMARKS", NULL);
    json_close(j, '}');
}

const mis mis_dol = {.path = "/ords/dol/workers",
                     .style = PAGED_BY_OFFSET,
                     .size_param = "limit",
                     .at_param = "offset",
                     .size = 100,
                     .size_max = 100,
                     .row = dol_row,
                     .id = dol_id};

/* SPBMU: pensions and EGPP payees; identifiers as a list of type and value, money in paisa as text. */
static void spbmu_id(const record *r, char out[RECORD_ID])
{
    snprintf(out, RECORD_ID, "SP-%09llu", (unsigned long long)r->rank + 1);
}

static void spbmu_row(json *j, const record *r)
{
    static const char *const provider[] = {NULL, "BKASH", "NAGAD", "ROCKET", "UPAY"};
    static const char *const status[] = {"LIVE", "CLOSED", "STOPPED", "QUEUED"};
    static const date_habit iso = {"yyyy-mm-dd", false, NULL};
    char id[RECORD_ID], text[TEXT_ROOM];
    spbmu_id(r, id);
    json_open(j, NULL, '{');
    json_text(j, "payee_ref", id);
    field_programme(j, "scheme_code", r, r->programme == PROGRAMME_PEN ? "PENSION" : "EGPP", "OLD-AGE");
    json_open(j, "name", '{');
    field_name(j, "bn", r, r->name_bn);
    field_name(j, "en", r, r->name_en);
    json_close(j, '}');
    json_text(j, "father", *r->father_en ? r->father_en : r->father_bn);
    json_text(j, "mother", *r->mother_en ? r->mother_en : r->mother_bn);
    json_text(j, "sex", r->sex == SEX_FEMALE ? "female" : "male");
    field_birth(j, "birth", r, &iso);
    json_open(j, "identifiers", '[');
    json_open(j, NULL, '{');
    json_text(j, "type", *r->nid ? "NID" : "BRN");
    if (*r->nid)
        field_nid(j, "value", r, r->nid);
    else
        json_text(j, "value", r->brn);
    json_close(j, '}');
    json_close(j, ']');
    snprintf(text, sizeof text, "88%s", r->mobile);
    json_text(j, "msisdn", text);
    snprintf(text, sizeof text, "%08u", place_code(r->place));
    json_text(j, "pcode", text);
    json_open(j, "credit", '{');
    json_text(j, "channel", *r->wallet ? "MFS" : "BEFTN");
    json_text(j, "mfs", provider[r->provider]);
    json_text(j, "account", *r->wallet ? r->wallet : r->account);
    json_text(j, "routing", r->routing);
    json_close(j, '}');
    snprintf(text, sizeof text, "%lld", (long long)r->taka * 100);
    json_text(j, "net_paisa", text);
    field_date(j, "effective_from", r->enrolled, &iso);
    json_text(j, "state", status[r->status]);
    json_close(j, '}');
}

static void spbmu_tail(json *j, const page_facts *f)
{
    json_open(j, "links", '{');
    json_text(j, "self", "/registry/v3/payees");
    if (f->next)
        json_text(j, "next", f->next);
    json_close(j, '}');
}

const mis mis_spbmu = {.path = "/registry/v3/payees",
                       .style = PAGED_BY_CURSOR,
                       .size_param = "limit",
                       .at_param = "after",
                       .size = 1000,
                       .size_max = 1000,
                       .rows = "payees",
                       .tail = spbmu_tail,
                       .row = spbmu_row,
                       .id = spbmu_id};

/* MoLWA: Bengali words in Latin keys, Bengali digits, bank accounts only, written out over lines. */
static void molwa_id(const record *r, char out[RECORD_ID])
{
    snprintf(out, RECORD_ID, "01%02u%07llu", place_code(r->place) / 10000 % 100,
             (unsigned long long)r->rank + 1);
}

static void molwa_row(json *j, const record *r)
{
    static const char *const status[] = {"চালু", "বন্ধ", "স্থগিত", "যাচাইধীন"};
    static const date_habit bengali = {"dd/mm/yyyy", true, NULL};
    char id[RECORD_ID], text[TEXT_ROOM], code[16];
    molwa_id(r, id);
    snprintf(code, sizeof code, "%08u", place_code(r->place));
    json_open(j, NULL, '{');
    json_text(j, "mis_no", id);
    field_programme(j, "bhata", r, r->programme == PROGRAMME_FFH ? "সম্মানী" : "উৎসব", "বয়স্ক");
    field_name(j, "nam", r, r->name_bn);
    json_text(j, "pitar_nam", r->father_bn);
    json_text(j, "matar_nam", r->mother_bn);
    json_text(j, "lingo", r->sex == SEX_FEMALE ? "নারী" : "পুরুষ");
    field_birth(j, "jonmo_tarikh", r, &bengali);
    field_nid(j, "jatiyo_porichoypotro", r, text_bengali_digits(r->nid, text));
    json_text(j, "mobile", text_bengali_digits(r->mobile, text));
    json_open(j, "thikana", '{');
    json_text(j, "bivag", text_bengali_digits((char[]){code[0], code[1], 0}, text));
    json_text(j, "jela", text_bengali_digits((char[]){code[2], code[3], 0}, text));
    json_text(j, "upojela", text_bengali_digits((char[]){code[4], code[5], 0}, text));
    json_text(j, "upojelar_nam", place_upazila(r->place).bn);
    json_close(j, '}');
    json_open(j, "bank", '{');
    json_text(j, "hisab_no", r->account);
    json_text(j, "routing", r->routing);
    json_close(j, '}');
    json_number(j, "taka", r->taka);
    field_date(j, "shuru", r->enrolled, &bengali);
    json_text(j, "obostha", status[r->status]);
    json_close(j, '}');
}

static void molwa_head(json *j, const page_facts *f)
{
    json_number(j, "totalRecords", (int64_t)f->total);
}

const mis mis_molwa = {.path = "/ff/list",
                       .style = PAGED_BY_PAGE,
                       .size_param = "pageSize",
                       .at_param = "pageNo",
                       .size = 100,
                       .size_max = 500,
                       .first = 1,
                       .spaced = true,
                       .rows = "muktijoddha",
                       .head = molwa_head,
                       .row = molwa_row,
                       .id = molwa_id};
