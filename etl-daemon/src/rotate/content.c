/*
 * content.c - see content.h. A MAC that no known key makes of what stands is left as it is and counted: the row turns
 * when its source is pulled, which knows the MAC of what was sent by every version (etl.stage_macs).
 */
#include "rotate/content.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/stop_point.h"
#include "rotate/array_text.h"
#include "rotate/content_row.h"

enum { PLACES, VERSIONS, MACS, LISTS, LIST_MAX = 64 << 20 };

/* What is to become of a MAC. */
typedef enum { MAC_NEW, MAC_OLDER, MAC_UNKNOWN, MAC_FAILED } verdict;

bool content_init(content *c, const rotate_request *q, const char *rotation, uint32_t version, failure *f)
{
    *c = (content){.pg = q->pg, .ring = q->ring, .rotation = rotation, .version = version};
    for (int i = 0; i < LISTS; i++)
        buf_init(&c->list[i], LIST_MAX);
    buf_init(&c->again, VALUE_ROOM_MAX);
    return value_room_make(&c->room, 0, f);
}

void content_free(content *c)
{
    value_room_free(&c->room);
    buf_free(&c->again);
    for (int i = 0; i < LISTS; i++)
        buf_free(&c->list[i]);
}

/* Whose MAC of the content is it? next: the new version's. */
static verdict judge(const content *c, span text, const char *mac_text, uint8_t next[TOKEN_BYTES])
{
    key_facts key[KEY_VERSIONS_MAX];
    uint8_t mac[TOKEN_BYTES], made[TOKEN_BYTES];
    if (!make_token_of(c->ring, KEY_ROW, c->version, text, next))
        return MAC_FAILED;
    if (hex_read_bytea(mac_text, mac, sizeof mac) != TOKEN_BYTES)
        return MAC_UNKNOWN;
    if (mac_equal(mac, next, TOKEN_BYTES))
        return MAC_NEW;
    size_t count = keyring_versions(c->ring, KEY_ROW, key);
    for (size_t i = count; i > 0; i--)
        if (key[i - 1].version != c->version && key[i - 1].state != KEY_DESTROYED &&
            make_token_of(c->ring, KEY_ROW, key[i - 1].version, text, made) &&
            mac_equal(made, mac, TOKEN_BYTES))
            return MAC_OLDER;
    return MAC_UNKNOWN;
}

static bool no_memory(failure *f)
{
    return fail(f, EXIT_INTERNAL, "no memory for a part of a rotation");
}

static bool settle(content *c, verdict is, span row, failure *f)
{
    c->checked += is == MAC_NEW;
    if (is == MAC_UNKNOWN)
        books_unreadable(&c->unread, row, "its MAC was made by no key of the key file of what stands there");
    return is != MAC_FAILED ||
           fail(f, EXIT_INTERNAL, "a MAC cannot be made: out of memory, or OpenSSL refuses");
}

static bool judge_row(content *c, const char *table, const pg_rows *rows, int row, failure *f)
{
    char text[CONTENT_TEXT];
    uint8_t next[TOKEN_BYTES];
    failure why;
    const span id = span_of(pg_rows_get(rows, row, CONTENT_ID));
    size_t size = content_row(&c->room, c->ring, table, rows, row, text, &why);
    if (size == 0) {
        books_unreadable(&c->unread, id, why.text);
        return true;
    }
    verdict is = judge(c, (span){text, size}, pg_rows_get(rows, row, CONTENT_MAC), next);
    wipe(text, sizeof text);
    if (is != MAC_OLDER)
        return settle(c, is, id, f);
    return (array_add_word(&c->list[PLACES], pg_rows_get(rows, row, CONTENT_AT)) &&
            array_add_word(&c->list[VERSIONS], pg_rows_get(rows, row, CONTENT_X)) &&
            array_add_bytes(&c->list[MACS], (span){(const char *)next, sizeof next})) ||
           no_memory(f);
}

/* written: what the database has written of `taken` rows. */
static bool put(content *c, const char *sql, const char *const param[5], int64_t taken, int64_t counts[2],
                failure *f)
{
    pg_rows *answer = pg_query(c->pg, sql, 5, param, f);
    const char *text = answer && pg_rows_count(answer) == 1 ? pg_rows_get(answer, 0, 0) : NULL;
    int64_t written = text ? strtoll(text, NULL, 10) : 0;
    pg_rows_free(answer);
    counts[0] += written;
    counts[1] += taken - written;
    return answer != NULL;
}

static bool turn_people(content *c, const rotate_part *part, int64_t counts[2], failure *f)
{
    const char *param[] = {part->table, part->first, part->end[0] ? part->end : NULL};
    pg_rows *rows =
        pg_query(c->pg, "SELECT * FROM keyring.take_contents($1::text, $2::bigint, $3::bigint)", 3, param, f);
    if (!rows)
        return false;
    bool good = true;
    int64_t taken = 0;
    for (int i = 0; i < LISTS; i++)
        buf_clear(&c->list[i]);
    for (int row = 0; row < pg_rows_count(rows) && good; row++) {
        size_t before = c->list[MACS].size;
        good = judge_row(c, part->table, rows, row, f);
        taken += c->list[MACS].size > before;
    }
    pg_rows_free(rows);
    if (!good || taken == 0)
        return good;
    stop_point("keys_sealed");
    for (int i = 0; i < LISTS; i++)
        if (!array_end(&c->list[i]))
            return no_memory(f);
    const char *written[] = {c->rotation, part->table, c->list[PLACES].data, c->list[VERSIONS].data,
                             c->list[MACS].data};
    return put(c, "SELECT keyring.put_macs($1::bigint, $2::text, $3::tid[], $4::xid[], $5::bytea[])", written,
               taken, counts, f);
}

/* The record as it was received, under its new MAC: again in hex, as the database reads it. */
static bool put_record(content *c, const char *const at[2], span clear, const uint8_t mac[TOKEN_BYTES],
                       int64_t counts[2], failure *f)
{
    char mac_text[2 + 2 * TOKEN_BYTES + 1];
    hex_write_bytea(mac, TOKEN_BYTES, mac_text);
    const seal_place place = {"etl.quarantine", "sealed", span_of(mac_text + 2)};
    buf *hex = &c->list[MACS];
    buf_clear(&c->again);
    buf_clear(hex);
    if (!seal_value(c->ring, &place, clear, &c->again))
        return fail(f, EXIT_INTERNAL, "a value cannot be sealed: out of memory, or OpenSSL refuses");
    if (!buf_add_text(hex, "\\x") || !buf_add_hex(hex, c->again.data, c->again.size) ||
        !buf_add_char(hex, '\0'))
        return no_memory(f);
    const char *param[] = {c->rotation, at[0], at[1], mac_text, hex->data};
    stop_point("keys_sealed");
    return put(c, "SELECT keyring.put_record($1::bigint, $2::tid, $3::xid, $4::bytea, $5::bytea)", param, 1,
               counts, f);
}

/* Columns: at, x, row_mac, sealed. */
static bool turn_record(content *c, const pg_rows *rows, int row, int64_t counts[2], failure *f)
{
    uint8_t next[TOKEN_BYTES];
    span clear;
    failure why = {.text = ""};
    const char *at[2] = {pg_rows_get(rows, row, 0), pg_rows_get(rows, row, 1)},
               *mac = pg_rows_get(rows, row, 2), *sealed = pg_rows_get(rows, row, 3);
    const seal_place place = {"etl.quarantine", "sealed", span_of(mac + 2)};
    if (!value_room_make(&c->room, strlen(sealed), f))
        return false;
    if (!value_room_open(&c->room, c->ring, &place, sealed, &clear, &why)) {
        books_unreadable(&c->unread, place.row_id, why.text);
        return true;
    }
    verdict is = judge(c, clear, mac, next);
    bool good = is == MAC_OLDER ? put_record(c, at, clear, next, counts, f) : settle(c, is, place.row_id, f);
    wipe(c->room.clear, clear.n);
    return good;
}

static bool turn_records(content *c, const rotate_part *part, int64_t counts[2], failure *f)
{
    const char *param[] = {part->first, part->end[0] ? part->end : NULL};
    pg_rows *rows =
        pg_query(c->pg, "SELECT at, x, row_mac, sealed FROM keyring.take_records($1::bigint, $2::bigint)", 2,
                 param, f);
    bool good = rows != NULL;
    for (int row = 0; good && row < pg_rows_count(rows); row++)
        good = turn_record(c, rows, row, counts, f);
    pg_rows_free(rows);
    return good;
}

bool content_part(content *c, const rotate_part *part, int64_t counts[2], failure *f)
{
    counts[0] = counts[1] = 0;
    return strcmp(part->table, "etl.quarantine") == 0 ? turn_records(c, part, counts, f)
                                                      : turn_people(c, part, counts, f);
}
