/* lines.c - see lines.h. A line that lies whole in a chunk is read there; one that is cut is carried. */
#include "decode/lines.h"

#include <stdlib.h>

#include "decode/mark.h"
#include "decode/record.h"

enum { NUMBER_MAX = 16 /* of a row's number and its tab */ };

typedef struct {
    decode_out *out;
    record_reader *reader;
    bool rows;   /* of a workbook */
    size_t mark; /* of mark.h */
    int line;    /* of the file, from 1 */
    char *carry; /* row_bytes and the row's number, and one byte more, which tells that it is too much */
    size_t kept, room;
    size_t length; /* of the line so far, kept or not */
    bool content;  /* it holds more than blanks */
} lines;

static void *open_lines(decode_out *out, bool rows)
{
    lines *l = calloc(1, sizeof *l);

    if (l == NULL) {
        return NULL;
    }
    *l = (lines){.out = out, .rows = rows};
    l->mark = out->options.first_line > 0 ? MARK_PAST : 0; /* who cut the file has read it over */
    l->line = out->options.first_line > 0 ? out->options.first_line : 1;
    l->room = out->options.row_bytes + (rows ? NUMBER_MAX : 1);
    l->carry = malloc(l->room + 1);
    l->reader = record_reader_new(out->options.row_bytes);
    if (l->carry == NULL || l->reader == NULL) {
        free(l->carry);
        record_reader_free(l->reader);
        free(l);
        return NULL;
    }
    return l;
}

static bool blank(span line)
{
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r') {
            return false;
        }
    }
    return true;
}

/* Moves the suffix that marks a cell's kind from its path to its type. */
static void read_cell(raw_field *field)
{
    static const struct {
        const char *suffix;
        raw_type type;
    } kind[] = {{"." CELL_DATE, RAW_DATE}, {"." CELL_ERROR, RAW_ERROR}};

    if (field->type == RAW_NUMBER) {
        field->type = RAW_FLOAT;
    }
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
        size_t n = strlen(kind[i].suffix);
        if (field->path.n > n && memcmp(field->path.p + field->path.n - n, kind[i].suffix, n) == 0) {
            field->path.n -= n;
            field->type = kind[i].type;
        }
    }
}

/* Takes the row's number off its line; false when there is none. */
static bool take_number(span *line, int *number)
{
    size_t at = 0;
    int value = 0;

    while (at < line->n && at < 8 && line->p[at] >= '0' && line->p[at] <= '9') {
        value = value * 10 + (line->p[at++] - '0');
    }
    if (at == 0 || at == line->n || line->p[at] != '\t') {
        return false;
    }
    *line = (span){line->p + at + 1, line->n - at - 1};
    *number = value;
    return true;
}

static void read_record(lines *l, span line, reason_list *damaged)
{
    raw_record *record = &l->out->record;

    if (l->length > l->room - 1 || line.n > l->out->options.row_bytes ||
        (l->rows && span_equals(line, ROW_TOO_LARGE))) {
        reason_add(damaged, REASON_RECORD_TOO_LARGE, TARGET_COUNT, NULL, 0);
        record->bytes.n = line.n > l->out->options.row_bytes ? l->out->options.row_bytes : line.n;
    } else if (line.n == 0 || line.p[0] != '{') {
        reason_add(damaged, REASON_NOT_AN_OBJECT, TARGET_COUNT, NULL, 0);
    } else {
        record_read(l->reader, line, record, damaged);
    }
    for (size_t i = 0; l->rows && i < record->count; i++) {
        read_cell(&record->field[i]);
    }
}

static span trimmed(span line)
{
    while (line.n > 1 && strchr(" \t\r", line.p[0]) != NULL) {
        line.p++;
        line.n--;
    }
    while (line.n > 1 && strchr(" \t\r", line.p[line.n - 1]) != NULL) {
        line.n--;
    }
    return line;
}

static bool line_end(lines *l, span line)
{
    reason_list damaged = {.count = 0};
    raw_record *record = &l->out->record;

    if (!l->content) {
        return true;
    }
    record->count = 0;
    record->line = l->line;
    if (l->rows && !take_number(&line, &record->line)) {
        reason_add(&damaged, REASON_MALFORMED, TARGET_COUNT, "the row has no number", 0);
    }
    if (l->length <= l->room - 1) {
        line = trimmed(line);
    }
    record->bytes = line;
    read_record(l, line, &damaged);
    if (damaged.count > 0) {
        record->count = 0;
    }
    return decode_hand_over(l->out, &damaged);
}

static void carry(lines *l, span part)
{
    size_t free_room = l->room - l->kept;
    size_t count = part.n < free_room ? part.n : free_room;

    l->length += part.n;
    l->content = l->content || !blank(part);
    if (count > 0) {
        memcpy(l->carry + l->kept, part.p, count);
        l->kept += count;
    }
}

/* A line is complete; what came of it in earlier chunks is carried. */
static bool complete(lines *l, span part)
{
    bool good;

    if (l->kept > 0) {
        carry(l, part);
        good = line_end(l, (span){l->carry, l->kept});
    } else {
        /* the same cut as for a carried one, so that chunks make no difference */
        l->length = part.n;
        l->content = !blank(part);
        good = line_end(l, (span){part.p, part.n < l->room ? part.n : l->room});
    }
    l->kept = l->length = 0;
    l->content = false;
    l->line++;
    return good;
}

static frame_result feed(void *state, span bytes, decode_loss *loss)
{
    lines *l = state;
    const char *end;

    (void)loss;
    carry(l, mark_skip(&l->mark, &bytes));
    while (bytes.n > 0 && (end = memchr(bytes.p, '\n', bytes.n)) != NULL) {
        span part = {bytes.p, (size_t)(end - bytes.p)};
        bytes = (span){end + 1, bytes.n - part.n - 1};
        if (!complete(l, part)) {
            return FRAME_STOPPED;
        }
    }
    carry(l, bytes);
    return FRAME_GOES_ON;
}

static frame_result finish(void *state, decode_loss *loss)
{
    lines *l = state;

    (void)loss;
    carry(l, mark_end(&l->mark));
    return l->kept == 0 || complete(l, (span){NULL, 0}) ? FRAME_GOES_ON : FRAME_STOPPED;
}

static void close_lines(void *state)
{
    lines *l = state;

    explicit_bzero(l->carry, l->room);
    free(l->carry);
    record_reader_free(l->reader);
    free(l);
}

static void *open_jsonl(decode_out *out)
{
    return open_lines(out, false);
}

static void *open_rows(decode_out *out)
{
    return open_lines(out, true);
}

const format_ops format_jsonl = {open_jsonl, feed, finish, NULL, close_lines};
const format_ops format_rows = {open_rows, feed, finish, NULL, close_lines};
