/*
 * csv_page.c - a page of CSV: a header, then records. A page cut from a file carries the file's header rows, without
 * the titles above them, and options.first_line says where its first record stands. Refuses what csv.h refuses.
 *
 * A record is handed over as a page of its own, header and line, so that it can be read again wherever it is kept; only
 * the line where both together are larger than row_bytes.
 */
#include <stdlib.h>

#include "decode/csv_header.h"
#include "decode/format.h"
#include "decode/mark.h"

typedef struct {
    decode_out *out;
    size_t mark; /* of mark.h */
    bool in_rows;
    csv_head head;
    table_header header;
    csv_scan scan;
    int first_line; /* of the record at hand */
    char *carry;    /* row_bytes and a line end */
    size_t kept, room;
    char *wide, *text; /* the record as UTF-8, and its fields unquoted */
    char *single;      /* header and record, row_bytes */
    span field[RAW_FIELDS_MAX];
} csv_page;

static void close_page(void *state)
{
    csv_page *page = state;

    if (page->carry != NULL && page->wide != NULL && page->text != NULL && page->single != NULL) {
        explicit_bzero(page->carry, page->room);
        explicit_bzero(page->wide, 3 * page->room);
        explicit_bzero(page->text, 3 * page->room);
        explicit_bzero(page->single, page->room);
    }
    free(page->carry);
    free(page->wide);
    free(page->text);
    free(page->single);
    free(page);
}

static void *open_page(decode_out *out)
{
    csv_page *page = calloc(1, sizeof *page);

    if (page == NULL || out->options.table == NULL) {
        free(page);
        return NULL;
    }
    page->out = out;
    page->mark = out->options.first_line > 0 ? MARK_PAST : 0; /* who cut the file has read it over */
    page->room = out->options.row_bytes + 2;
    page->carry = malloc(page->room);
    page->wide = malloc(3 * page->room);
    page->text = malloc(3 * page->room);
    page->single = malloc(page->room);
    if (page->carry == NULL || page->wide == NULL || page->text == NULL || page->single == NULL) {
        close_page(page);
        return NULL;
    }
    csv_head_begin(&page->head, out->options.table,
                   out->options.first_line > 0 ? 0 : out->options.table->title_rows);
    return page;
}

static frame_result lost(const csv_page *page, const char *problem, int line, decode_loss *loss)
{
    (void)page;
    *loss = (decode_loss){.problem = problem, .line = line > 0 ? line : 1};
    return FRAME_LOST;
}

/* The record's fields into page->field; how many there are. */
static size_t cut(csv_page *page, span record)
{
    if (page->out->options.table->encoding == ENCODING_WINDOWS_1252) {
        record = (span){page->wide, csv_to_utf8(record, page->wide)};
    }
    return csv_fields(page->scan.delimiter, record, page->text, page->field, RAW_FIELDS_MAX);
}

static void fill(csv_page *page)
{
    raw_record *record = &page->out->record;

    for (size_t i = 0; i < page->header.columns; i++) {
        if (page->header.path[i][0] != '\0') {
            record->field[record->count++] = (raw_field){
                .path = span_of(page->header.path[i]), .type = RAW_STRING, .text = page->field[i]};
        }
    }
}

/* Header and record, where they fit. */
static span as_page(csv_page *page, span record)
{
    size_t head = page->head.size;

    if (head + record.n > page->out->options.row_bytes) {
        return record;
    }
    memcpy(page->single, page->head.text, head);
    memcpy(page->single + head, record.p, record.n);
    return (span){page->single, head + record.n};
}

/* A record is complete: `record` is all of it, or its first row_bytes. */
static frame_result record_end(csv_page *page, span record, decode_loss *loss)
{
    const csv_scan *scan = &page->scan;
    raw_record *raw = &page->out->record;
    reason_list damaged = {.count = 0};
    bool whole = scan->length <= page->room;

    record = whole ? csv_without_end(record) : record;
    bool too_large = !whole || record.n > page->out->options.row_bytes;
    if (scan->nul) {
        return lost(page, "a NUL byte: not text, or UTF-16; save the file as CSV UTF-8", page->first_line,
                    loss);
    }
    if (!scan->content) {
        return FRAME_GOES_ON;
    }
    bool ragged = !too_large && !scan->malformed && cut(page, record) != page->header.columns;
    if (scan->quoted_line && (too_large || scan->malformed || ragged)) {
        return lost(page, "a quote that is missing or too many: rows can't be told apart from here on",
                    page->first_line, loss);
    }
    if (too_large) {
        record.n = page->out->options.row_bytes;
        reason_add(&damaged, REASON_RECORD_TOO_LARGE, TARGET_COUNT, NULL, 0);
    }
    if (scan->malformed) {
        reason_add(&damaged, REASON_MALFORMED, TARGET_COUNT, "text stands behind a closing quote", 0);
    }
    if (ragged) {
        reason_add(&damaged, REASON_RAGGED_ROW, TARGET_COUNT, NULL, 0);
    }
    raw->count = 0;
    raw->bytes = as_page(page, record);
    raw->line = page->first_line;
    if (damaged.count == 0) {
        fill(page);
    }
    return decode_hand_over(page->out, &damaged) ? FRAME_GOES_ON : FRAME_STOPPED;
}

static void carry(csv_page *page, span part)
{
    size_t room = page->room - page->kept;
    size_t count = part.n < room ? part.n : room;

    if (count > 0) {
        memcpy(page->carry + page->kept, part.p, count);
        page->kept += count;
    }
}

static frame_result complete(csv_page *page, span part, decode_loss *loss)
{
    frame_result result;

    if (page->kept > 0) {
        carry(page, part);
        part = (span){page->carry, page->kept};
    } else if (part.n > page->room) {
        part.n = page->room;
    }
    result = record_end(page, part, loss);
    page->kept = 0;
    csv_next(&page->scan);
    page->first_line = page->scan.line;
    return result;
}

static frame_result enter_rows(csv_page *page, decode_loss *loss)
{
    int line = page->out->options.first_line;

    if (!csv_head_resolve(&page->head, &page->header)) {
        return lost(page, page->header.problem, 1, loss);
    }
    page->first_line = line > 0 ? line : page->head.scan.line;
    csv_begin(&page->scan, page->head.delimiter, page->first_line);
    page->in_rows = true;
    return FRAME_GOES_ON;
}

static frame_result take(csv_page *page, span bytes, decode_loss *loss)
{
    size_t at = 0;

    if (!page->in_rows) {
        head_step step = csv_head_feed(&page->head, bytes, &at);
        if (step == HEAD_LOST) {
            return lost(page, page->head.problem, page->head.scan.line, loss);
        }
        if (step == HEAD_MORE) {
            return FRAME_GOES_ON;
        }
        frame_result result = enter_rows(page, loss);
        if (result != FRAME_GOES_ON) {
            return result;
        }
    }
    while (at < bytes.n) {
        size_t from = at;
        bool ended = csv_find_end(&page->scan, bytes, &at);
        span part = {bytes.p + from, at - from};
        if (!ended) {
            carry(page, part);
            break;
        }
        frame_result result = complete(page, part, loss);
        if (result != FRAME_GOES_ON) {
            return result;
        }
    }
    return FRAME_GOES_ON;
}

static frame_result feed(void *state, span bytes, decode_loss *loss)
{
    csv_page *page = state;
    span text = mark_skip(&page->mark, &bytes);
    frame_result result = take(page, text, loss);

    return result == FRAME_GOES_ON ? take(page, bytes, loss) : result;
}

static frame_result finish(void *state, decode_loss *loss)
{
    csv_page *page = state;
    frame_result result = take(page, mark_end(&page->mark), loss);

    if (result == FRAME_GOES_ON && !page->in_rows && page->head.size > 0) {
        result = take(page, (span){"\n", 1}, loss); /* a header without a line end is one */
    }
    if (result != FRAME_GOES_ON) {
        return result;
    }
    if (!page->in_rows) {
        return lost(page, "the file ends before its header does", page->head.scan.line, loss);
    }
    if (page->scan.in_quotes) {
        return lost(page, "the file ends inside quotes", page->first_line, loss);
    }
    return page->scan.length == 0 ? FRAME_GOES_ON : complete(page, (span){NULL, 0}, loss);
}

const format_ops format_csv = {open_page, feed, finish, NULL, close_page};
