/* load_known.c - see load_known.h. */
#include "load/load_known.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"

enum {
    HASH_TEXT = 2 + 2 * SHA256_BYTES + 1,
    HASHES_TEXT = LOAD_KNOWN_MAX * (HASH_TEXT + 4) + 3, /* "\\x...", each */
    SIZES_TEXT = LOAD_KNOWN_MAX * 21 + 3
};

static const char RECALL[] =
    "SELECT records, total, next FROM etl.recall_page($1::bigint, $2::bytea, $3::bytea)";
static const char ACCEPT[] =
    "SELECT accepted, unchanged, quarantined, refused FROM etl.accept_pages($1::bigint, $2::int, "
    "$3::text, $4::bytea[], $5::bigint[], $6::bytea)";

bool load_known_recall(load_page *p, const page_mark *mark, page_memo *out, failure *f)
{
    char run_id[24], sha256[HASH_TEXT], reading[HASH_TEXT];
    (void)snprintf(run_id, sizeof run_id, "%" PRId64, mark->run_id);
    hex_write_bytea(mark->sha256, SHA256_BYTES, sha256);
    hex_write_bytea(mark->reading, SHA256_BYTES, reading);
    *out = (page_memo){.known = false};
    const char *param[] = {run_id, sha256, reading};
    pg_rows *rows = pg_query_again(p->pg, RECALL, 3, param, f);
    if (!rows)
        return false;
    const char *next = pg_rows_count(rows) == 1 ? pg_rows_get(rows, 0, 2) : NULL;
    out->known = pg_rows_count(rows) == 1 && (!next || strlen(next) < sizeof out->next);
    if (out->known) {
        out->records = pg_rows_number(rows, 0, 0);
        out->total = pg_rows_get(rows, 0, 1) ? pg_rows_number(rows, 0, 1) : -1;
        out->has_next = next != NULL;
        (void)snprintf(out->next, sizeof out->next, "%s", next ? next : "");
    }
    pg_rows_free(rows);
    return true;
}

/* As array literals. */
static void write_arrays(const known_marks *marks, char hashes[HASHES_TEXT], char sizes[SIZES_TEXT])
{
    char hash[HASH_TEXT];
    size_t h = 0, s = 0;
    for (int i = 0; i < marks->count; i++) {
        const char *before = i == 0 ? "{" : ",";
        hex_write_bytea(marks->sha256[i], SHA256_BYTES, hash);
        h += (size_t)snprintf(hashes + h, HASHES_TEXT - h, "%s\"\\%s\"", before, hash);
        s += (size_t)snprintf(sizes + s, SIZES_TEXT - s, "%s%" PRId64, before, marks->bytes[i]);
    }
    (void)snprintf(hashes + h, HASHES_TEXT - h, "}");
    (void)snprintf(sizes + s, SIZES_TEXT - s, "}");
}

static bool accept(load_page *p, const known_marks *marks, page_counts *counts, bool *accepted, failure *f)
{
    char run_id[24], number[16], reading[HASH_TEXT], hashes[HASHES_TEXT], sizes[SIZES_TEXT];
    (void)snprintf(run_id, sizeof run_id, "%" PRId64, marks->run_id);
    (void)snprintf(number, sizeof number, "%d", marks->number);
    hex_write_bytea(marks->reading, SHA256_BYTES, reading);
    write_arrays(marks, hashes, sizes);
    const char *param[] = {run_id, number, marks->next_cursor, hashes, sizes, reading};
    pg_rows *rows = pg_query_again(p->pg, ACCEPT, 6, param, f);
    if (!rows)
        return false;
    const char *answer = pg_rows_count(rows) == 1 ? pg_rows_get(rows, 0, 0) : NULL;
    *accepted = answer && *answer == 't';
    if (*accepted)
        *counts = (page_counts){.unchanged = pg_rows_number(rows, 0, 1),
                                .quarantined = pg_rows_number(rows, 0, 2),
                                .refused = pg_rows_number(rows, 0, 3)};
    pg_rows_free(rows);
    return true;
}

bool load_known_take(load_page *p, const known_marks *marks, page_counts *counts, bool *accepted, failure *f)
{
    *accepted = false;
    bool good = load_page_begin(p, f) && accept(p, marks, counts, accepted, f) &&
                (!*accepted || load_page_commit(p, f));
    if (good && !*accepted)
        load_page_abandon(p);
    return good;
}
