/*
 * content.c - see content.h. A MAC that no known key makes of what stands is left as it is and noted: the row turns
 * when its source is pulled, which brings the MAC of what was sent by every version (etl.stage_macs).
 */
#include "rotate/content.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/stop_point.h"
#include "rotate/array_text.h"
#include "rotate/content_row.h"

enum { PLACES, VERSIONS, MACS, UNMADE, UNMADE_MACS, LISTS, LIST_MAX = 64 << 20 };

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

static bool no_mac(failure *f)
{
    return fail(f, EXIT_INTERNAL, "a MAC cannot be made: out of memory, or OpenSSL refuses");
}

/* Notes a row whose MAC cannot be made anew: the database may know that it was written since. */
static bool leave(content *c, const char *id, const char *mac_text, failure *f)
{
    uint8_t mac[TOKEN_BYTES];
    return hex_read_bytea(mac_text, mac, sizeof mac) == TOKEN_BYTES &&
           ((array_add_word(&c->list[UNMADE], id) &&
             array_add_bytes(&c->list[UNMADE_MACS], (span){(const char *)mac, sizeof mac})) ||
            no_memory(f));
}

static bool judge_row(content *c, const char *table, const pg_rows *rows, int row, failure *f)
{
    char text[CONTENT_TEXT];
    uint8_t next[TOKEN_BYTES];
    failure why;
    const char *id = pg_rows_get(rows, row, CONTENT_ID), *mac = pg_rows_get(rows, row, CONTENT_MAC);
    const content_reader with = {&c->room, c->ring, table};
    size_t size = content_row(&with, rows, row, text, &why);
    verdict is = size > 0 ? judge(c, (span){text, size}, mac, next) : MAC_UNKNOWN;
    wipe(text, size);
    switch (is) {
    case MAC_NEW:
        c->checked++;
        return true;
    case MAC_UNKNOWN:
        return leave(c, id, mac, f);
    case MAC_FAILED:
        return no_mac(f);
    case MAC_OLDER:
        break;
    }
    return (array_add_word(&c->list[PLACES], pg_rows_get(rows, row, CONTENT_AT)) &&
            array_add_word(&c->list[VERSIONS], pg_rows_get(rows, row, CONTENT_X)) &&
            array_add_bytes(&c->list[MACS], (span){(const char *)next, sizeof next})) ||
           no_memory(f);
}

/* unmade: rows left in the part. Those that were written since they were first noted have a MAC of the new version. */
static bool note_unmade(content *c, const char *table, int64_t unmade, failure *f)
{
    if (!array_end(&c->list[UNMADE]) || !array_end(&c->list[UNMADE_MACS]))
        return no_memory(f);
    const char *param[] = {c->rotation, table, c->list[UNMADE].data, c->list[UNMADE_MACS].data};
    pg_rows *rows = pg_query(
        c->pg, "SELECT keyring.note_unmade($1::bigint, $2::text, $3::uuid[], $4::bytea[])", 4, param, f);
    if (!rows)
        return false;
    for (int row = 0; row < pg_rows_count(rows); row++)
        books_unreadable(&c->unread, span_of(pg_rows_get(rows, row, 0)), table);
    c->checked += unmade - pg_rows_count(rows);
    pg_rows_free(rows);
    return true;
}

/* Counts what the database has written of `taken` rows, and what it has passed over. */
static bool put(content *c, const char *sql, const char *const param[5], int64_t taken, failure *f)
{
    pg_rows *answer = pg_query(c->pg, sql, 5, param, f);
    const char *text = answer && pg_rows_count(answer) == 1 ? pg_rows_get(answer, 0, 0) : NULL;
    int64_t written = text ? strtoll(text, NULL, 10) : 0;
    pg_rows_free(answer);
    c->written += written;
    c->passed_over += taken - written;
    return answer != NULL;
}

static bool put_macs(content *c, const char *table, int64_t taken, failure *f)
{
    for (int i = PLACES; i <= MACS; i++)
        if (!array_end(&c->list[i]))
            return no_memory(f);
    const char *param[] = {c->rotation, table, c->list[PLACES].data, c->list[VERSIONS].data,
                           c->list[MACS].data};
    stop_point("keys_sealed");
    return put(c, "SELECT keyring.put_macs($1::bigint, $2::text, $3::tid[], $4::xid[], $5::bytea[])", param,
               taken, f);
}

static bool turn_people(content *c, const rotate_part *part, failure *f)
{
    const char *param[] = {part->table, part->first, part->end[0] ? part->end : NULL};
    pg_rows *rows =
        pg_query(c->pg, "SELECT * FROM keyring.take_contents($1::text, $2::bigint, $3::bigint)", 3, param, f);
    if (!rows)
        return false;
    bool good = true;
    int64_t taken = 0, unmade = 0;
    for (int i = 0; i < LISTS; i++)
        buf_clear(&c->list[i]);
    for (int row = 0; row < pg_rows_count(rows) && good; row++) {
        const size_t before[] = {c->list[MACS].size, c->list[UNMADE].size};
        good = judge_row(c, part->table, rows, row, f);
        taken += c->list[MACS].size > before[0];
        unmade += c->list[UNMADE].size > before[1];
    }
    pg_rows_free(rows);
    return good && (unmade == 0 || note_unmade(c, part->table, unmade, f)) &&
           (taken == 0 || put_macs(c, part->table, taken, f));
}

/* The record as it was received, under its new MAC: again in hex, as the database reads it. */
static bool put_record(content *c, const char *const at[2], const uint8_t mac[TOKEN_BYTES], failure *f)
{
    char mac_text[2 + 2 * TOKEN_BYTES + 1];
    hex_write_bytea(mac, TOKEN_BYTES, mac_text);
    const seal_place place = {"etl.quarantine", "sealed", span_of(mac_text + 2)};
    buf *hex = &c->list[MACS];
    buf_clear(&c->again);
    buf_clear(hex);
    if (!seal_value(c->ring, &place, c->room.value, &c->again))
        return fail(f, EXIT_INTERNAL, "a value cannot be sealed: out of memory, or OpenSSL refuses");
    if (!buf_add_text(hex, "\\x") || !buf_add_hex(hex, c->again.data, c->again.size) ||
        !buf_add_char(hex, '\0'))
        return no_memory(f);
    const char *param[] = {c->rotation, at[0], at[1], mac_text, hex->data};
    stop_point("keys_sealed");
    return put(c, "SELECT keyring.put_record($1::bigint, $2::tid, $3::xid, $4::bytea, $5::bytea)", param, 1,
               f);
}

/* Columns: at, x, row_mac, sealed. */
static bool turn_record(content *c, const pg_rows *rows, int row, failure *f)
{
    uint8_t next[TOKEN_BYTES];
    failure why = {.text = ""};
    const char *at[2] = {pg_rows_get(rows, row, 0), pg_rows_get(rows, row, 1)},
               *mac = pg_rows_get(rows, row, 2), *sealed = pg_rows_get(rows, row, 3);
    const seal_place place = {"etl.quarantine", "sealed", span_of(mac + 2)};
    if (!value_room_make(&c->room, strlen(sealed), f))
        return false;
    if (!value_room_open(&c->room, c->ring, &place, sealed, &why)) {
        books_unreadable(&c->unread, place.row_id, why.text);
        return true;
    }
    bool good = true;
    switch (judge(c, c->room.value, mac, next)) {
    case MAC_NEW:
        c->checked++;
        break;
    case MAC_OLDER:
        good = put_record(c, at, next, f);
        break;
    case MAC_UNKNOWN:
        books_unreadable(&c->unread, place.row_id, "etl.quarantine: its MAC is of no key of the key file");
        break;
    case MAC_FAILED:
        good = no_mac(f);
        break;
    }
    value_room_wipe(&c->room);
    return good;
}

static bool turn_records(content *c, const rotate_part *part, failure *f)
{
    const char *param[] = {part->first, part->end[0] ? part->end : NULL};
    pg_rows *rows =
        pg_query(c->pg, "SELECT at, x, row_mac, sealed FROM keyring.take_records($1::bigint, $2::bigint)", 2,
                 param, f);
    bool good = rows != NULL;
    for (int row = 0; good && row < pg_rows_count(rows); row++)
        good = turn_record(c, rows, row, f);
    pg_rows_free(rows);
    return good;
}

bool content_part(content *c, const rotate_part *part, int64_t counts[2], failure *f)
{
    c->written = c->passed_over = 0;
    bool good =
        strcmp(part->table, "etl.quarantine") == 0 ? turn_records(c, part, f) : turn_people(c, part, f);
    counts[0] = c->written;
    counts[1] = c->passed_over;
    return good;
}
