/*
 * reseal.c - see reseal.h. A value that does not open is left as it is and counted; it stops no other.
 */
#include "rotate/reseal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/stop_point.h"
#include "rotate/array_text.h"
#include "secret/seal.h"

enum { LIST_MAX = 400 << 20, CELLS = 5 };

/* Lists of a statement; VALUES: row by row. Of one value its text is in the first. */
enum { PLACES, VERSIONS, VALUES, LISTS };

/* Tables with many values, and several in a row: taken by rows and put by parts. */
static const struct people {
    const char *table, *take;
    int cells;
    const char *column[CELLS];
} PEOPLE[] = {
    {"registry.enrolment",
     "SELECT at, x, id, nid, brn, mobile, wallet, account FROM keyring.take_enrolments($1::bigint, "
     "$2::bigint, $3::int)",
     5,
     {"nid_sealed", "brn_sealed", "mobile_sealed", "wallet_sealed", "account_sealed"}},
    {"registry.household_member",
     "SELECT at, x, id, nid, brn FROM keyring.take_members($1::bigint, $2::bigint, $3::int)",
     2,
     {"nid_sealed", "brn_sealed"}},
};

bool reseal_init(reseal *r, const rotate_request *request, const char *rotation, failure *f)
{
    *r = (reseal){.pg = request->pg, .ring = request->ring, .rotation = rotation};
    for (int i = 0; i < LISTS; i++)
        buf_init(&r->list[i], LIST_MAX);
    buf_init(&r->again, VALUE_ROOM_MAX);
    (void)snprintf(r->version, sizeof r->version, "%" PRIu32,
                   keyring_version(request->ring, request->purpose));
    return value_room_make(&r->room, 0, f);
}

void reseal_free(reseal *r)
{
    value_room_free(&r->room);
    buf_free(&r->again);
    for (int i = 0; i < LISTS; i++)
        buf_free(&r->list[i]);
}

/* r->again: the value sealed anew; empty when it does not open. False: nothing can be sealed. */
static bool seal_again(reseal *r, const seal_place *place, const char *text, failure *f)
{
    failure why = {.text = ""};
    buf_clear(&r->again);
    if (!value_room_make(&r->room, strlen(text), f))
        return false;
    if (!value_room_open(&r->room, r->ring, place, text, &why)) {
        books_unreadable(&r->unread, place->row_id, why.text);
        return true;
    }
    bool done = seal_value(r->ring, place, r->room.value, &r->again);
    value_room_wipe(&r->room);
    return done || fail(f, EXIT_INTERNAL, "a value cannot be sealed: out of memory, or OpenSSL refuses");
}

/* What a part of such a table comes to: rows, and the values that will be written with them. */
typedef struct {
    int64_t rows, values;
} rows_taken;

/* Columns of a row: at, x, id, then the cells. */
static bool add_row(reseal *r, const struct people *of, const pg_rows *rows, rows_taken *taken, failure *f)
{
    const int row = (int)taken->rows++;
    const char *id = pg_rows_get(rows, row, 2);
    bool good = array_add_word(&r->list[PLACES], pg_rows_get(rows, row, 0)) &&
                array_add_word(&r->list[VERSIONS], pg_rows_get(rows, row, 1));
    for (int i = 0; i < of->cells && good; i++) {
        const seal_place place = {of->table, of->column[i], span_of(id)};
        const char *text = pg_rows_get(rows, row, 3 + i);
        buf_clear(&r->again);
        if (text && !seal_again(r, &place, text, f))
            return false;
        taken->values += r->again.size > 0;
        good = array_add_bytes(&r->list[VALUES], buf_span(&r->again));
    }
    return good || fail(f, EXIT_INTERNAL, "no memory for a part of a rotation");
}

static bool put_rows(reseal *r, const struct people *of, const rows_taken *taken, int64_t counts[2],
                     failure *f)
{
    stop_point("keys_sealed");
    for (int i = 0; i < LISTS; i++)
        if (!array_end(&r->list[i]))
            return fail(f, EXIT_INTERNAL, "no memory for a part of a rotation");
    const char *param[] = {r->rotation, of->table, r->list[PLACES].data, r->list[VERSIONS].data,
                           r->list[VALUES].data};
    pg_rows *answer = pg_query_again(
        r->pg, "SELECT keyring.put_rows($1::bigint, $2::text, $3::tid[], $4::xid[], $5::bytea[])", 5, param,
        f);
    const char *text = answer && pg_rows_count(answer) == 1 ? pg_rows_get(answer, 0, 0) : NULL;
    int64_t written = text ? strtoll(text, NULL, 10) : 0;
    pg_rows_free(answer);
    counts[1] += taken->rows - written;
    counts[0] += taken->values * written / taken->rows; /* of rows passed over: about */
    return answer != NULL;
}

static bool reseal_people(reseal *r, const struct people *of, const rotate_part *part, int64_t counts[2],
                          failure *f)
{
    const char *param[] = {part->first, part->end[0] ? part->end : NULL, r->version};
    rows_taken taken = {.rows = 0};
    pg_rows *rows = pg_query_again(r->pg, of->take, 3, param, f);
    if (!rows)
        return false;
    bool good = true;
    for (int i = 0; i < LISTS; i++)
        buf_clear(&r->list[i]);
    while (taken.rows < pg_rows_count(rows) && good)
        good = add_row(r, of, rows, &taken, f);
    pg_rows_free(rows);
    return good && (taken.values == 0 || put_rows(r, of, &taken, counts, f));
}

static bool put_cell(reseal *r, const char *table, const char *const at[2], int64_t counts[2], failure *f)
{
    buf_clear(&r->list[0]);
    if (!buf_add_text(&r->list[0], "\\x") || !buf_add_hex(&r->list[0], r->again.data, r->again.size) ||
        !buf_add(&r->list[0], "", 1))
        return fail(f, EXIT_INTERNAL, "no memory for a value of %zu bytes", r->again.size);
    const char *param[] = {r->rotation, table, at[0], at[1], r->list[0].data};
    pg_rows *answer = pg_query(
        r->pg, "SELECT keyring.put_cell($1::bigint, $2::text, $3::tid, $4::xid, $5::bytea)", 5, param, f);
    const char *text = answer && pg_rows_count(answer) == 1 ? pg_rows_get(answer, 0, 0) : NULL;
    bool written = text && *text == '1';
    pg_rows_free(answer);
    counts[0] += written;
    counts[1] += !written;
    return answer != NULL;
}

static bool reseal_cells(reseal *r, const rotate_part *part, int64_t counts[2], failure *f)
{
    const char *param[] = {part->table, part->first, part->end[0] ? part->end : NULL, r->version};
    const char *column = strcmp(part->table, "etl.page") == 0 ? "kept" : "sealed";
    pg_rows *rows = pg_query(
        r->pg,
        "SELECT at, x, place, sealed FROM keyring.take_cells($1::text, $2::bigint, $3::bigint, $4::int)", 4,
        param, f);
    bool good = rows != NULL;
    for (int row = 0; good && row < pg_rows_count(rows); row++) {
        const char *at[2] = {pg_rows_get(rows, row, 0), pg_rows_get(rows, row, 1)};
        const seal_place place = {part->table, column, span_of(pg_rows_get(rows, row, 2))};
        good = seal_again(r, &place, pg_rows_get(rows, row, 3), f) &&
               (r->again.size == 0 || put_cell(r, part->table, at, counts, f));
    }
    pg_rows_free(rows);
    return good;
}

bool reseal_part(reseal *r, const rotate_part *part, int64_t counts[2], failure *f)
{
    counts[0] = counts[1] = 0;
    for (size_t i = 0; i < sizeof PEOPLE / sizeof *PEOPLE; i++)
        if (strcmp(part->table, PEOPLE[i].table) == 0)
            return reseal_people(r, &PEOPLE[i], part, counts, f);
    return reseal_cells(r, part, counts, f);
}
