/*
 * turn.c - see turn.h. A token that no known key made is left as it is and counted, as a value that does not open.
 */
#include "rotate/turn.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/stop_point.h"
#include "rotate/array_text.h"
#include "secret/seal.h"

enum { SEALED_MAX = 512, LIST_MAX = 64 << 20, COLUMN_TEXT = 32, TOKEN_HEX = 2 + 2 * TOKEN_BYTES + 1 };

bool turn_init(turn *t, const rotate_request *q, const char *rotation, uint32_t version, failure *f)
{
    static const struct {
        key_purpose purpose;
        const char *kind;
        subject_kind subject;
    } table[] = {{KEY_TOKEN_NID, "nid", SUBJECT_NID},
                 {KEY_TOKEN_BRN, "brn", SUBJECT_BRN},
                 {KEY_TOKEN_MOBILE, "mobile", SUBJECT_MOBILE},
                 {KEY_TOKEN_WALLET, "wallet", SUBJECT_WALLET},
                 {KEY_TOKEN_ACCOUNT, "account", SUBJECT_ACCOUNT}};
    *t =
        (turn){.pg = q->pg, .ring = q->ring, .rotation = rotation, .purpose = q->purpose, .version = version};
    buf_init(&t->old_list, LIST_MAX);
    buf_init(&t->new_list, LIST_MAX);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].purpose == q->purpose) {
            t->kind = table[i].kind;
            t->subject = table[i].subject;
        }
    }
    return t->kind || fail(f, EXIT_USAGE, "%s makes no tokens", key_purpose_name(q->purpose));
}

void turn_free(turn *t)
{
    buf_free(&t->old_list);
    buf_free(&t->new_list);
}

/* Did a version before make this token of the subject? */
static bool is_older(const turn *t, span subject, const uint8_t token[TOKEN_BYTES])
{
    key_facts key[KEY_VERSIONS_MAX];
    uint8_t made[TOKEN_BYTES];
    size_t count = keyring_versions(t->ring, t->purpose, key);
    for (size_t i = count; i > 0; i--)
        if (key[i - 1].version != t->version && key[i - 1].state != KEY_DESTROYED &&
            make_token_of(t->ring, t->purpose, key[i - 1].version, subject, made) &&
            mac_equal(made, token, TOKEN_BYTES))
            return true;
    return false;
}

static bool judge_token(turn *t, span row, span subject, const char *token_text, failure *f)
{
    uint8_t token[TOKEN_BYTES], next[TOKEN_BYTES];
    size_t size = hex_read_bytea(token_text, token, sizeof token);
    if (!make_token_of(t->ring, t->purpose, t->version, subject, next))
        return fail(f, EXIT_INTERNAL, "a token cannot be made: out of memory, or OpenSSL refuses");
    if (size == TOKEN_BYTES && mac_equal(token, next, TOKEN_BYTES)) {
        t->checked++;
        return true;
    }
    if (size != TOKEN_BYTES || !is_older(t, subject, token)) {
        books_unreadable(&t->unread, row, "its token was made by no key of the key file");
        return true;
    }
    t->older++;
    return (array_add_bytes(&t->old_list, (span){(const char *)token, sizeof token}) &&
            array_add_bytes(&t->new_list, (span){(const char *)next, sizeof next})) ||
           fail(f, EXIT_INTERNAL, "no memory for a part of a rotation");
}

static span cell_span(const pg_rows *rows, int row, int column)
{
    const char *text = pg_rows_get(rows, row, column);
    return span_of(text ? text : "");
}

static bool judge_row(turn *t, const char *table, const pg_rows *rows, int row, failure *f)
{
    uint8_t sealed[SEALED_MAX], clear[SEALED_MAX];
    char column[COLUMN_TEXT], subject[ROW_SUBJECT];
    failure why = {.text = "it is of another kind than its column"};
    span id = cell_span(rows, row, 0);
    (void)snprintf(column, sizeof column, "%s_sealed", t->kind);
    const seal_place place = {table, column, id};
    size_t size = hex_read_bytea(pg_rows_get(rows, row, 1), sealed, sizeof sealed);
    opened_value value = {clear, sizeof clear, 0};
    bool opened = open_value(t->ring, &place, (span){(const char *)sealed, size}, &value, &why) &&
                  subject_of(t->subject, (span){(const char *)clear, value.size}, cell_span(rows, row, 3),
                             cell_span(rows, row, 4), subject);
    bool good = true;
    if (opened)
        good = judge_token(t, id, span_of(subject), pg_rows_get(rows, row, 2), f);
    else
        books_unreadable(&t->unread, id, why.text);
    wipe(clear, sizeof clear);
    wipe(subject, sizeof subject);
    return good;
}

static bool put_turn(turn *t, int64_t counts[2], failure *f)
{
    if (!array_end(&t->old_list) || !array_end(&t->new_list))
        return fail(f, EXIT_INTERNAL, "no memory for a part of a rotation");
    const char *param[] = {t->rotation, t->old_list.data, t->new_list.data};
    stop_point("keys_sealed");
    pg_rows *rows = pg_query(
        t->pg, "SELECT written, passed_over FROM keyring.turn_tokens($1::bigint, $2::bytea[], $3::bytea[])",
        3, param, f);
    const char *written = rows && pg_rows_count(rows) == 1 ? pg_rows_get(rows, 0, 0) : NULL;
    counts[0] = written ? strtoll(written, NULL, 10) : 0;
    counts[1] = written ? strtoll(pg_rows_get(rows, 0, 1), NULL, 10) : -1;
    bool good = rows != NULL;
    pg_rows_free(rows);
    return good;
}

bool turn_part(turn *t, const rotate_part *part, int64_t counts[2], failure *f)
{
    const char *param[] = {t->kind, part->table, part->first, part->end[0] ? part->end : NULL};
    pg_rows *rows = pg_query(t->pg,
                             "SELECT id, sealed, token, provider, routing FROM keyring.take_tokens($1::text, "
                             "$2::text, $3::bigint, $4::bigint)",
                             4, param, f);
    bool good = rows != NULL;
    const int64_t checked = t->checked, unread = t->unread.count;
    counts[0] = counts[1] = t->older = 0;
    buf_clear(&t->old_list);
    buf_clear(&t->new_list);
    for (int row = 0; good && row < pg_rows_count(rows); row++)
        good = judge_row(t, part->table, rows, row, f);
    pg_rows_free(rows);
    good = good && (t->older == 0 || put_turn(t, counts, f));
    if (counts[1] < 0) { /* the part will be judged again */
        t->checked = checked;
        t->unread.count = unread;
    }
    return good;
}
