/*
 * trail.c - see trail.h. COPY takes no parameters: what stands in its text is numbers of our own, nothing else.
 */
#include "trace/trail.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/copy_escape.h"
#include "base/hex.h"
#include "trace/leaf.h"
#include "wire/copy_rows.h"

const char trail_columns[] =
    "e.xact, e.id, e.at, e.actor, e.source, e.run_id, e.page_sha256, e.purpose, e.table_name, e.op, "
    "e.row_id, e.commitment, e.salt, e.old, e.new";

enum { LEAF_MAX_BYTES = 1 << 30, QUERY_MAX_BYTES = 1024 };

bool trail_prepare(pg_session *pg, failure *f)
{
    static const char *const setting[] = {"SET TimeZone = 'UTC'",
                                          "SET DateStyle = 'ISO, YMD'",
                                          "SET bytea_output = 'hex'",
                                          "SET search_path = pg_catalog",
                                          "SET max_parallel_workers_per_gather = 0",
                                          "SET jit = off"};
    for (size_t i = 0; i < sizeof setting / sizeof *setting; i++)
        if (!pg_run(pg, setting[i], 0, NULL, f))
            return false;
    return true;
}

bool trail_number(const char *text, uint64_t *out)
{
    *out = 0;
    if (!text || !*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || *out > UINT64_MAX / 10 - 1)
            return false;
        *out = *out * 10 + (uint64_t)(*text - '0');
    }
    return true;
}

bool trail_line(const pg_rows *rows, int row, buf *out)
{
    bool good = pg_rows_columns(rows) >= TRAIL_FIELDS;
    buf_clear(out);
    for (int i = 0; good && i < TRAIL_FIELDS; i++) {
        const char *value = pg_rows_get(rows, row, i);
        good = (i == 0 || buf_add_char(out, '\t')) &&
               (value ? copy_escape(out, span_of(value)) : buf_add_text(out, "\\N"));
    }
    return good;
}

bool trail_split(span line, span field[TRAIL_FIELDS])
{
    const char *at = line.p, *end = line.p + line.n;
    for (int i = 0; i < TRAIL_FIELDS; i++) {
        const char *tab = at < end ? memchr(at, '\t', (size_t)(end - at)) : NULL;
        if ((tab == NULL) != (i == TRAIL_FIELDS - 1))
            return false;
        field[i] = (span){at, (size_t)((tab ? tab : end) - at)};
        at = tab ? tab + 1 : end;
    }
    return true;
}

bool trail_is_null(span field)
{
    return field.n == 2 && memcmp(field.p, "\\N", 2) == 0;
}

bool trail_leaf(span line, const span field[TRAIL_FIELDS], buf *room, span *out)
{
    span last = field[TRAIL_COMMITMENT];
    if (!trail_is_null(last)) {
        *out = (span){line.p, (size_t)(last.p + last.n - line.p)};
        return true;
    }
    buf_clear(room);
    if (!buf_add(room, line.p, (size_t)(last.p - line.p)) ||
        !buf_add(room, field[TRAIL_OLD].p, field[TRAIL_OLD].n) || !buf_add_char(room, '\t') ||
        !buf_add(room, field[TRAIL_NEW].p, field[TRAIL_NEW].n))
        return false;
    *out = buf_span(room);
    return true;
}

void trail_room_init(trail_room *room)
{
    for (int i = 0; i < TRAIL_FIELDS; i++)
        buf_init(&room->value[i], LEAF_MAX_BYTES);
}

void trail_room_free(trail_room *room)
{
    for (int i = 0; i < TRAIL_FIELDS; i++)
        buf_free(&room->value[i]);
}

/* What is not the text of bytes comes to none, which are no commitment and no salt. */
static bool read_bytes(buf *b)
{
    if (!buf_add(b, "", 1))
        return false;
    b->size = hex_read_bytea(b->data, (uint8_t *)b->data, b->size);
    return true;
}

bool trail_images(const span field[TRAIL_FIELDS], trail_room *room, span value[TRAIL_FIELDS])
{
    for (int i = 0; i < TRAIL_FIELDS; i++) {
        buf *b = &room->value[i];
        value[i] = (span){NULL, 0};
        if (i < TRAIL_COMMITMENT || trail_is_null(field[i]))
            continue;
        if (!copy_unescape(field[i], b) || (i <= TRAIL_SALT && !read_bytes(b)))
            return false;
        value[i] = buf_span(b);
    }
    return true;
}

bool trail_stretch_add(trail_stretch *s, const trail_entry *entry, bool begins)
{
    const trail_key key = entry->key;
    uint64_t number;
    if (!copy_number(entry->value[TRAIL_AT], &number))
        return false;
    const int64_t at = (int64_t)number;
    if (begins)
        *s = (trail_stretch){key, key.id, key.id, at, at};
    s->lowest = key.id < s->lowest ? key.id : s->lowest;
    s->highest = key.id > s->highest ? key.id : s->highest;
    s->since = at < s->since ? at : s->since;
    s->until = at > s->until ? at : s->until;
    return true;
}

typedef struct {
    trail_fn take;
    void *context;
    copy_rows pieces; /* of one cell: rows as they lie in it */
    leaf_writer leaf;
} reader;

static bool broken(failure *f)
{
    return fail(f, EXIT_DATABASE, "an audit entry came with other columns than it should have");
}

static bool on_piece(reader *r, span piece, failure *f)
{
    copy_rows rows = {.cells = TRAIL_FIELDS, .rest = piece, .begun = true};
    trail_entry entry;
    copy_step step;
    while ((step = copy_rows_next(&rows, entry.value)) == COPY_ROW) {
        if (!copy_number(entry.value[TRAIL_XACT], &entry.key.xact) ||
            !copy_number(entry.value[TRAIL_ID], &entry.key.id) ||
            !leaf_write(&r->leaf, entry.value, &entry.leaf))
            return broken(f);
        if (!r->take(r->context, &entry, f))
            return false;
    }
    return (step == COPY_NO_MORE && !rows.ended) || broken(f);
}

static bool on_message(void *context, span message, failure *f)
{
    reader *r = context;
    span piece;
    copy_step step = copy_rows_message(&r->pieces, message) ? COPY_ROW : COPY_BROKEN;
    while (step == COPY_ROW && (step = copy_rows_next(&r->pieces, &piece)) == COPY_ROW)
        if (!on_piece(r, piece, f))
            return false;
    return step != COPY_BROKEN || broken(f);
}

/* One more argument: the number, or null where no bound is given. */
static bool add_bound(buf *sql, bool given, uint64_t number, const char *type)
{
    return given ? buf_printf(sql, ", '%" PRIu64 "'::%s", number, type) : buf_add_text(sql, ", NULL");
}

static bool add_key(buf *sql, const trail_key *key)
{
    return add_bound(sql, key->xact, key->xact, "xid8") && add_bound(sql, key->xact, key->id, "bigint");
}

static bool write_query(const trail_part *part, buf *sql)
{
    buf_clear(sql);
    return buf_add_text(sql, "COPY (SELECT ekok.trace_rows('audit.entry'") && add_key(sql, &part->after) &&
           add_key(sql, &part->upto) && add_bound(sql, part->below, part->below, "xid8") &&
           add_bound(sql, part->most, part->most, "bigint") &&
           buf_printf(sql, ", %s)) TO STDOUT (FORMAT binary)", part->images ? "true" : "false") &&
           buf_add(sql, "", 1);
}

bool trail_read(pg_session *pg, const trail_part *part, trail_fn take, void *context, failure *f)
{
    reader r = {.take = take, .context = context, .pieces = {.cells = 1}};
    buf sql;
    buf_init(&sql, QUERY_MAX_BYTES);
    leaf_writer_init(&r.leaf);
    bool good = write_query(part, &sql) || fail(f, EXIT_INTERNAL, "no memory to read the audit with");
    good = good && pg_copy_out(pg, sql.data, on_message, &r, f);
    leaf_writer_free(&r.leaf);
    buf_free(&sql);
    return good;
}
