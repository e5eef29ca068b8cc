/* talk.c - see talk.h. */
#include "cell/talk.h"

enum { FIELD_FIXED = 2 + 1 + 4, REASON_FIXED = 1 + 1 + 4 + 1, RECORD_FIXED = 4 + 4 + 2 + 1 };

talk_hello talk_hello_now(void)
{
    return (talk_hello){TALK_PROTOCOL, sizeof(talk_page), sizeof(talk_file)};
}

size_t talk_room(size_t row_bytes)
{
    size_t paths = (size_t)RAW_FIELDS_MAX * (RAW_PATH_MAX + FIELD_FIXED);
    size_t reasons = (size_t)REASONS_MAX * (TALK_DETAIL + REASON_FIXED);
    size_t record = RECORD_FIXED + paths + reasons + 5 * row_bytes; /* text of Windows-1252 grows by half */
    return sizeof(talk_head) + (record > TALK_PIECE ? record : TALK_PIECE);
}

bool talk_add(buf *out, talk_kind kind, const void *payload, size_t size)
{
    const talk_head head = {(uint32_t)kind, (uint32_t)size};
    return buf_reserve(out, sizeof head + size) && buf_add(out, &head, sizeof head) &&
           (size == 0 || buf_add(out, payload, size));
}

static bool add_number(buf *out, uint32_t value, size_t bytes)
{
    return buf_add(out, &value,
                   bytes); /* little-endian, as every machine that PostgreSQL 15 is packaged for */
}

static bool add_fields(buf *out, const raw_record *record)
{
    bool good = true;
    for (size_t i = 0; good && i < record->count; i++) {
        const raw_field *f = &record->field[i];
        good = add_number(out, (uint32_t)f->path.n, 2) && add_number(out, (uint32_t)f->type, 1) &&
               add_number(out, (uint32_t)f->text.n, 4) && buf_add(out, f->path.p, f->path.n) &&
               buf_add(out, f->text.p, f->text.n);
    }
    return good;
}

static bool add_reasons(buf *out, const reason_list *damaged)
{
    bool good = true;
    for (size_t i = 0; good && i < damaged->count; i++) {
        const reason *r = &damaged->item[i];
        size_t n = r->detail ? strnlen(r->detail, TALK_DETAIL - 1) : 0;
        good = add_number(out, (uint32_t)r->code, 1) && add_number(out, (uint32_t)r->field, 1) &&
               add_number(out, (uint32_t)r->position, 4) && add_number(out, (uint32_t)n, 1) &&
               buf_add(out, r->detail, n);
    }
    return good;
}

bool talk_record_add(buf *out, const raw_record *record, const reason_list *damaged)
{
    size_t start = out->size, fields = damaged->count > 0 ? 0 : record->count;
    raw_record const *told = record;
    const talk_head none = {TALK_RECORD, 0};
    bool good = buf_add(out, &none, sizeof none) && add_number(out, (uint32_t)told->bytes.n, 4) &&
                add_number(out, (uint32_t)told->line, 4) && add_number(out, (uint32_t)fields, 2) &&
                add_number(out, (uint32_t)damaged->count, 1) && buf_add(out, told->bytes.p, told->bytes.n) &&
                (fields == 0 || add_fields(out, told)) && add_reasons(out, damaged);
    if (!good) {
        out->size = start;
        return false;
    }
    uint32_t size = (uint32_t)(out->size - start - sizeof none);
    memcpy(out->data + start + offsetof(talk_head, size), &size, sizeof size);
    return true;
}

/* A message being read; once short, it stays short. */
typedef struct {
    span rest;
    bool good;
} cursor;

static span take(cursor *c, size_t n)
{
    if (n > c->rest.n) {
        c->good = false;
        return (span){NULL, 0};
    }
    span taken = {c->rest.p, n};
    c->rest.p += n;
    c->rest.n -= n;
    return taken;
}

static uint32_t take_number(cursor *c, size_t bytes)
{
    uint32_t value = 0;
    span taken = take(c, bytes);
    if (taken.n == bytes)
        memcpy(&value, taken.p, bytes);
    return value;
}

static void read_field(cursor *c, raw_field *f)
{
    size_t path = take_number(c, 2);
    uint32_t type = take_number(c, 1);
    size_t text = take_number(c, 4);
    c->good = c->good && path <= RAW_PATH_MAX && type <= RAW_ERROR;
    f->type = (raw_type)type;
    f->path = take(c, path);
    f->text = take(c, text);
}

static void read_reason(cursor *c, reason *r, char detail[TALK_DETAIL])
{
    uint32_t code = take_number(c, 1), field = take_number(c, 1), position = take_number(c, 4);
    span text = take(c, take_number(c, 1));
    c->good = c->good && code < REASON_COUNT && field <= TARGET_COUNT;
    talk_clean(text.p, text.n, detail, TALK_DETAIL);
    *r = (reason){.code = (reason_code)code,
                  .field = (target)field,
                  .detail = text.n > 0 ? detail : NULL,
                  .position = (int)position};
}

bool talk_record_read(span message, size_t row_bytes, talk_read *out)
{
    cursor c = {message, true};
    size_t bytes = take_number(&c, 4);
    out->record.line = (int)take_number(&c, 4);
    out->record.count = take_number(&c, 2);
    out->damaged.count = take_number(&c, 1);
    if (!c.good || bytes > row_bytes || out->record.count > RAW_FIELDS_MAX ||
        out->damaged.count > REASONS_MAX || out->record.line < 0)
        return false;
    out->record.bytes = take(&c, bytes);
    for (size_t i = 0; c.good && i < out->record.count; i++)
        read_field(&c, &out->record.field[i]);
    for (size_t i = 0; c.good && i < out->damaged.count; i++)
        read_reason(&c, &out->damaged.item[i], out->detail[i]);
    return c.good && c.rest.n == 0;
}

void talk_clean(const char *from, size_t n, char *to, size_t room)
{
    size_t digits = 0, at = 0;
    for (size_t i = 0; i < n && from[i] && at + 1 < room; i++) {
        char c = from[i];
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        if (digits > 9 || c < ' ' || c > '~')
            c = digits > 9 ? '#' : '?';
        to[at++] = c;
    }
    to[at] = '\0';
}
