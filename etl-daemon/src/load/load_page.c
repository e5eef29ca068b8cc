/*
 * load_page.c - the page's transaction. All of it or nothing: rows, quarantine, cursor and audit are merged
 * by one call and committed together. Refuses to hold a transaction open while a source is waited for: the
 * page is in memory.
 */
#include "load/load_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/stop_point.h"
#include "load/copy_text.h"

static const char MAKE_STAGE[] =
    "CREATE TEMP TABLE IF NOT EXISTS stage (LIKE etl.stage_shape) ON COMMIT DELETE ROWS";
static const char MAKE_STAGE_BAD[] =
    "CREATE TEMP TABLE IF NOT EXISTS stage_bad (LIKE etl.stage_bad_shape) ON COMMIT DELETE ROWS";
static const char MAKE_STAGE_MEMBER[] =
    "CREATE TEMP TABLE IF NOT EXISTS stage_member (LIKE etl.stage_member_shape) ON COMMIT DELETE ROWS";
static const char COPY_STAGE_MEMBER[] = "COPY pg_temp.stage_member FROM STDIN";
static const char MERGE_MEMBERS[] = "SELECT inserted, updated, unchanged, quarantined, refused FROM "
                                    "etl.merge_member_page($1::bigint, $2::int, $3::text, "
                                    "$4::bytea, $5::bigint, $6::int)";
static const char COPY_STAGE[] = "COPY pg_temp.stage FROM STDIN";
static const char COPY_STAGE_BAD[] = "COPY pg_temp.stage_bad FROM STDIN";
static const char MERGE[] = "SELECT inserted, updated, unchanged, quarantined, refused FROM "
                            "etl.merge_page($1::bigint, $2::int, $3::text, "
                            "$4::bytea, $5::bigint, $6::int, $7::bytea, $8::bigint, $9::text)";
static const char STAGE_MACS[] = "SELECT etl.stage_macs($1::bigint, $2::int[], $3::bytea, $4::bytea)";
static const char KEEP[] = "SELECT etl.keep_page($1::bigint, $2::int, $3::text, $4::bytea, $5::bigint, "
                           "(SELECT sealed FROM pg_temp.stage_bad), $6::text)";

void load_page_init(load_page *p, pg_session *pg, size_t line_max)
{
    p->pg = pg;
    p->members = false;
    p->open = COPY_NONE;
    p->seal = NULL;
    (void)snprintf(p->row_keys, sizeof p->row_keys, "{1}"); /* what the database takes it for unsaid */
    buf_init(&p->rows, LOAD_PIECE + line_max);
    buf_init(&p->bad, LOAD_PIECE + line_max);
}

void load_page_free(load_page *p)
{
    buf_free(&p->rows);
    buf_free(&p->bad);
}

bool load_page_prepare(load_page *p, failure *f)
{
    return pg_run(p->pg, MAKE_STAGE, 0, NULL, f) && pg_run(p->pg, MAKE_STAGE_BAD, 0, NULL, f) &&
           (!p->members || pg_run(p->pg, MAKE_STAGE_MEMBER, 0, NULL, f));
}

/* By which versions of their key the MACs of what follows are made. For the session: it outlives a rollback. */
static bool choose_row_keys(load_page *p, failure *f)
{
    char text[PAGE_ROW_KEYS];
    size_t n = 1;
    seal_batch_choose(p->seal);
    text[0] = '{';
    for (size_t i = 0; i < p->seal->row_keys; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%" PRIu32, i ? "," : "", p->seal->row_key[i]);
    (void)snprintf(text + n, sizeof text - n, "}");
    if (strcmp(text, p->row_keys) == 0)
        return true;
    const char *param[] = {text};
    if (!pg_run(p->pg, "SELECT set_config('ekok.row_keys', $1::text, false)", 1, param, f))
        return false;
    memcpy(p->row_keys, text, sizeof text);
    return true;
}

bool load_page_begin(load_page *p, failure *f)
{
    buf_clear(&p->rows);
    buf_clear(&p->bad);
    if (p->seal) {
        seal_batch_forget(p->seal);
        if (!choose_row_keys(p, f))
            return false;
    }
    if (!pg_run(p->pg, "BEGIN", 0, NULL, f))
        return false;
    stop_point("page_begun");
    return true;
}

static bool end_copy(load_page *p, failure *f)
{
    copy_target open = p->open;
    p->open = COPY_NONE;
    return open == COPY_NONE || pg_copy_end(p->pg, f);
}

/* Sends a buffer by the COPY it belongs to, ending the other one where that is under way. */
static bool send_lines(load_page *p, copy_target to, failure *f)
{
    buf *from = to == COPY_ROWS ? &p->rows : &p->bad;
    if (from->size == 0)
        return true;
    if (p->seal && !seal_batch_settle(p->seal)) {
        *f = p->seal->why;
        return false;
    }
    if (p->open != to) {
        const char *copy = to == COPY_BAD ? COPY_STAGE_BAD : p->members ? COPY_STAGE_MEMBER : COPY_STAGE;
        if (!end_copy(p, f) || !pg_copy_begin(p->pg, copy, f))
            return false;
        p->open = to;
    }
    bool sent = pg_copy_send(p->pg, buf_span(from), f);
    buf_clear(from);
    return sent;
}

buf *load_page_rows(load_page *p, failure *f)
{
    return p->rows.size < LOAD_PIECE || send_lines(p, COPY_ROWS, f) ? &p->rows : NULL;
}

buf *load_page_bad(load_page *p, failure *f)
{
    return p->bad.size < LOAD_PIECE || send_lines(p, COPY_BAD, f) ? &p->bad : NULL;
}

bool load_page_staged(load_page *p, failure *f)
{
    if (!send_lines(p, COPY_ROWS, f) || !send_lines(p, COPY_BAD, f) || !end_copy(p, f))
        return false;
    stop_point("page_copied");
    return true;
}

enum { HASH_TEXT = 2 + 2 * 32 + 1 };

/* The parameters of the calls that a page makes, as text. */
typedef struct {
    char run_id[24], number[16], bytes[24], fetched[24], total[24];
    char sha256[HASH_TEXT], reading[HASH_TEXT];
} mark_text;

static void write_mark(const page_mark *mark, mark_text *out)
{
    (void)snprintf(out->run_id, sizeof out->run_id, "%" PRId64, mark->run_id);
    (void)snprintf(out->number, sizeof out->number, "%d", mark->number);
    (void)snprintf(out->bytes, sizeof out->bytes, "%" PRId64, mark->bytes);
    (void)snprintf(out->fetched, sizeof out->fetched, "%" PRId64, mark->fetched);
    (void)snprintf(out->total, sizeof out->total, "%" PRId64, mark->total);
    hex_write_bytea(mark->sha256, SHA256_BYTES, out->sha256);
    if (mark->reading)
        hex_write_bytea(mark->reading, SHA256_BYTES, out->reading);
}

/* While several versions of their key stand: the MACs of the page by the others. */
static bool stage_macs(load_page *p, const char *run_id, failure *f)
{
    if (!p->seal || p->seal->made.size == 0)
        return true;
    if (!buf_add_char(&p->seal->made, '\0') || !buf_add_char(&p->seal->other, '\0'))
        return fail(f, EXIT_INTERNAL, "no memory for the content MACs of a page");
    const char *param[] = {run_id, p->row_keys, p->seal->made.data, p->seal->other.data};
    bool good = pg_run(p->pg, STAGE_MACS, 4, param, f);
    buf_clear(&p->seal->made);
    buf_clear(&p->seal->other);
    return good;
}

bool load_page_merge(load_page *p, const page_mark *mark, page_counts *counts, failure *f)
{
    mark_text text = {.run_id = ""};
    write_mark(mark, &text);
    if (!stage_macs(p, text.run_id, f))
        return false;
    const char *param[] = {text.run_id,
                           text.number,
                           mark->next_cursor,
                           text.sha256,
                           text.bytes,
                           text.fetched,
                           mark->reading ? text.reading : NULL,
                           mark->total < 0 ? NULL : text.total,
                           mark->next};
    pg_rows *rows = p->members ? pg_query_again(p->pg, MERGE_MEMBERS, 6, param, f)
                               : pg_query_again(p->pg, MERGE, 9, param, f);
    if (!rows)
        return false;
    bool one = pg_rows_count(rows) == 1;
    if (one)
        *counts =
            (page_counts){pg_rows_number(rows, 0, 0), pg_rows_number(rows, 0, 1), pg_rows_number(rows, 0, 2),
                          pg_rows_number(rows, 0, 3), pg_rows_number(rows, 0, 4)};
    else
        (void)fail(f, EXIT_INTERNAL, "etl.merge_page gave no counts: is sql/ applied in this version?");
    pg_rows_free(rows);
    return one;
}

bool load_page_commit(load_page *p, failure *f)
{
    stop_point("page_merged");
    if (!pg_run(p->pg, "COMMIT", 0, NULL, f))
        return false;
    stop_point("page_committed");
    return true;
}

void load_page_abandon(load_page *p)
{
    failure ignored;
    if (pg_lost(p->pg))
        return;
    bool ended = end_copy(p, &ignored); /* an error here is the reason why the page is abandoned */
    if (!pg_run(p->pg, "ROLLBACK", 0, NULL, &ignored))
        log_event(LOG_WARNING, NULL, "rollback_failed", "copy_ended=%d sqlstate=%s", ended,
                  pg_sqlstate(p->pg));
}

/* The body travels by COPY in pieces: as a parameter it would stand in memory four times. */
static bool stage_body(load_page *p, span sealed, failure *f)
{
    static const char head[] = "\\N\t\\\\x00000000000000000000000000000000\t[]\t\\\\x";
    enum { STEP = LOAD_PIECE / 2 };
    buf *piece = &p->bad;
    bool good = buf_add_text(piece, head);
    for (size_t at = 0; good && at < sealed.n; at += STEP) {
        size_t count = sealed.n - at < STEP ? sealed.n - at : STEP;
        good = buf_add_hex(piece, sealed.p + at, count) && send_lines(p, COPY_BAD, f);
    }
    return good && copy_end(piece) && load_page_staged(p, f);
}

bool load_page_keep(load_page *p, const page_mark *mark, span sealed, const char *problem, failure *f)
{
    mark_text text = {.run_id = ""};
    write_mark(mark, &text);
    const char *param[] = {text.run_id, text.number, mark->next_cursor, text.sha256, text.bytes, problem};
    (void)fail(f, EXIT_INTERNAL, "no memory for a broken page");
    bool kept = load_page_begin(p, f) && stage_body(p, sealed, f) && pg_run(p->pg, KEEP, 6, param, f) &&
                load_page_commit(p, f);
    if (!kept)
        load_page_abandon(p);
    return kept;
}
