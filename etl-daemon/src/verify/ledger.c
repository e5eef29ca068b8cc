/*
 * ledger.c - calls of etl.* and the opening of what they hand out.
 */
#include "verify/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "secret/seal.h"

enum { SEALED_MAX = CLEAR_TEXT + 64, NUMBER_ROOM = 24, JSON_ITEM = ANSWER_CODE + 64 };

void reservation_wipe(reservation *r)
{
    wipe(r, sizeof *r);
}

static const char *number_text(int64_t value, char out[NUMBER_ROOM])
{
    (void)snprintf(out, NUMBER_ROOM, "%" PRId64, value);
    return out;
}

/* One row, or NULL with a failure that concerns this system alone where it is not known. */
static pg_rows *one_row(pg_session *pg, const char *sql, int count, const char *const *param, failure *f)
{
    pg_rows *rows = pg_query(pg, sql, count, param, f);
    if (!rows && strcmp(pg_sqlstate(pg), "P0002") == 0)
        f->code = EXIT_PARTIAL;
    if (rows && pg_rows_count(rows) != 1) {
        pg_rows_free(rows);
        (void)fail(f, EXIT_INTERNAL,
                   "the database gave no answer about verification: is sql/ applied in this version?");
        return NULL;
    }
    return rows;
}

bool ledger_look(pg_session *pg, const char *system, ledger_left *out, failure *f)
{
    pg_rows *rows = one_row(
        pg,
        "SELECT day_left, minute_left, wait_seconds, planned, closed_by FROM etl.verification_left($1::text)",
        1, &system, f);
    if (!rows)
        return false;
    const char *closed = pg_rows_get(rows, 0, 4);
    *out = (ledger_left){.day_left = (int)pg_rows_number(rows, 0, 0),
                         .minute_left = (int)pg_rows_number(rows, 0, 1),
                         .wait_seconds = (int)pg_rows_number(rows, 0, 2),
                         .planned = (int)pg_rows_number(rows, 0, 3)};
    (void)snprintf(out->closed_by, sizeof out->closed_by, "%s", closed ? closed : "");
    pg_rows_free(rows);
    return true;
}

bool ledger_plan(pg_session *pg, const char *system, int most, int *planned, failure *f)
{
    char number[NUMBER_ROOM];
    const char *param[] = {system, number_text(most, number)};
    pg_rows *rows = one_row(pg, "SELECT etl.plan_verification($1::text, $2::int)", 2, param, f);
    if (!rows)
        return false;
    *planned = (int)pg_rows_number(rows, 0, 0);
    pg_rows_free(rows);
    return true;
}

static const char REASON[] = "verification by the system that issued it";

static bool open_cell(const sealer *keys, const seal_place *place, const char *sealed_text,
                      char out[CLEAR_TEXT], failure *f)
{
    uint8_t sealed[SEALED_MAX];
    out[0] = '\0';
    if (!sealed_text)
        return true;
    size_t size = hex_read_bytea(sealed_text, sealed, sizeof sealed);
    opened_value clear = {(uint8_t *)out, CLEAR_TEXT - 1, 0};
    const sealed_value value = {*place, {(const char *)sealed, size}, {REASON, NULL}};
    if (!sealer_unseal(keys, &value, &clear, f))
        return false;
    out[clear.size] = '\0';
    return true;
}

static bool open_row(const sealer *keys, const pg_rows *rows, int row, asked *out, failure *f)
{
    static const char *const column[] = {"nid_sealed", "brn_sealed", "mobile_sealed", "wallet_sealed",
                                         "account_sealed"};
    char *to[] = {out->nid, out->brn, out->mobile, out->wallet, out->account};
    const char *id = pg_rows_get(rows, row, 2), *birth = pg_rows_get(rows, row, 3);
    out->ref = pg_rows_number(rows, row, 0);
    (void)snprintf(out->birth_date, sizeof out->birth_date, "%.10s", birth ? birth : "");
    for (int i = 0; i < 5; i++) {
        const seal_place place = {"registry.enrolment", column[i], span_of(id)};
        if (!open_cell(keys, &place, pg_rows_get(rows, row, 4 + i), to[i], f))
            return false;
    }
    return true;
}

bool ledger_reserve(pg_session *pg, const sealer *keys, const char *system, reservation *out, failure *f)
{
    const char *param[] = {system};
    out->batch = 0;
    out->count = 0;
    pg_rows *rows =
        pg_query(pg,
                 "SELECT request_id, batch_id, enrolment_id, to_char(birth_date, 'YYYY-MM-DD'), nid_sealed, "
                 "brn_sealed, mobile_sealed, wallet_sealed, account_sealed FROM "
                 "etl.reserve_verification($1::text, 500)",
                 1, param, f);
    if (!rows)
        return false;
    bool good = true;
    int count = pg_rows_count(rows);
    for (int row = 0; row < count && row < BATCH_MAX && good; row++) {
        out->batch = pg_rows_number(rows, row, 1);
        good = open_row(keys, rows, row, &out->item[row], f);
        out->count++;
    }
    pg_rows_free(rows);
    return good;
}

static bool write_answers(const answer *answers, buf *out)
{
    bool good = buf_add_char(out, '[');
    for (size_t i = 0; i < answers->count && good; i++) {
        const answer_item *a = &answers->item[i];
        if (a->ref < 0)
            continue;
        const char *comma = out->size > 1 ? "," : "";
        good = a->code[0]
                   ? buf_printf(out, "%s{\"request\":%" PRId64 ",\"answer\":\"%s\"}", comma, a->ref, a->code)
                   : buf_printf(out, "%s{\"request\":%" PRId64 ",\"answer\":null}", comma, a->ref);
    }
    return good && buf_add_text(out, "]") && buf_add_char(out, '\0');
}

bool ledger_record(pg_session *pg, int64_t batch, const answer *answers, ledger_counts *counts, failure *f)
{
    char number[NUMBER_ROOM];
    buf json;
    buf_init(&json, (size_t)BATCH_MAX * JSON_ITEM);
    bool good = write_answers(answers, &json) || fail(f, EXIT_INTERNAL, "no memory for the verdicts");
    const char *param[] = {number_text(batch, number), json.data};
    pg_rows *rows =
        good ? one_row(pg,
                       "SELECT matched, mismatched, unknown FROM etl.record_verdicts($1::bigint, $2::jsonb)",
                       2, param, f)
             : NULL;
    if (rows) {
        counts->matches += pg_rows_number(rows, 0, 0);
        counts->mismatches += pg_rows_number(rows, 0, 1);
        counts->unknowns += pg_rows_number(rows, 0, 2);
        pg_rows_free(rows);
    }
    buf_free(&json);
    return rows != NULL;
}

bool ledger_fail(pg_session *pg, int64_t batch, const char *problem, bool closes_day, failure *f)
{
    char number[NUMBER_ROOM];
    const char *param[] = {number_text(batch, number), problem, closes_day ? "t" : "f"};
    return pg_run(pg, "SELECT etl.fail_verification($1::bigint, $2::text, $3::boolean)", 3, param, f);
}

bool ledger_share(pg_session *pg, const char *system, failure *f)
{
    return pg_run(pg, "SELECT etl.share_verdicts($1::text)", 1, &system, f);
}

static bool open_token(const sealer *keys, const char *sealed_text, ledger_token *out, failure *f)
{
    uint8_t sealed[TOKEN_TEXT + 64];
    char id[NUMBER_ROOM];
    size_t size = hex_read_bytea(sealed_text, sealed, sizeof sealed);
    const seal_place place = {"etl.verification_grant", "sealed", span_of(number_text(out->grant, id))};
    opened_value clear = {(uint8_t *)out->text, sizeof out->text - 1, 0};
    const sealed_value value = {place, {(const char *)sealed, size}, {REASON, NULL}};
    if (!sealer_unseal(keys, &value, &clear, f))
        return false;
    out->text[clear.size] = '\0';
    return true;
}

bool ledger_grant(pg_session *pg, const sealer *keys, const char *system, ledger_token *out, failure *f)
{
    pg_rows *rows = one_row(
        pg, "SELECT grant_id, wait_seconds, kept_id, kept FROM etl.reserve_grant($1::text)", 1, &system, f);
    if (!rows)
        return false;
    const char *sealed = pg_rows_get(rows, 0, 3);
    out->kept = sealed != NULL;
    out->grant = pg_rows_number(rows, 0, sealed ? 2 : 0);
    out->wait_seconds = (int)pg_rows_number(rows, 0, 1);
    out->text[0] = '\0';
    bool good = !sealed || open_token(keys, sealed, out, f);
    pg_rows_free(rows);
    return good;
}

bool ledger_keep(pg_session *pg, const sealer *keys, const ledger_token *token, int seconds, failure *f)
{
    char id[NUMBER_ROOM], lifetime[NUMBER_ROOM];
    const seal_place place = {"etl.verification_grant", "sealed", span_of(number_text(token->grant, id))};
    buf sealed, hex;
    buf_init(&sealed, TOKEN_TEXT + 64);
    buf_init(&hex, 2 * (TOKEN_TEXT + 64) + 3);
    bool good = sealer_seal(keys, &place, span_of(token->text), &sealed, f) && buf_add_text(&hex, "\\x") &&
                buf_add_hex(&hex, sealed.data, sealed.size) && buf_add_char(&hex, '\0');
    const char *param[] = {id, hex.data, number_text(seconds, lifetime)};
    good = good ? pg_run(pg, "SELECT etl.keep_token($1::bigint, $2::bytea, $3::int)", 3, param, f)
                : (f->text[0] ? false : fail(f, EXIT_INTERNAL, "no memory for the token"));
    buf_free(&sealed);
    buf_free(&hex);
    return good;
}

bool ledger_drop(pg_session *pg, int64_t grant, failure *f)
{
    char id[NUMBER_ROOM];
    const char *param[] = {number_text(grant, id)};
    return pg_run(pg, "SELECT etl.drop_token($1::bigint)", 1, param, f);
}
