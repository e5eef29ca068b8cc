/*
 * json_page.c - elements of the array of records, each read when it is an object of bearable size and otherwise
 * reported as it is. Refuses nothing of its own.
 */
#include "decode/json_page.h"

#include <stdlib.h>

#include "decode/record.h"

struct json_page {
    decode_out *out;
    framer frame;
    record_reader *reader;
};

static bool on_element(void *context, const frame_element *element)
{
    json_page *page = context;
    raw_record *record = &page->out->record;
    reason_list damaged = {.count = 0};

    record->count = 0;
    record->bytes = element->bytes;
    if (element->bytes.p[0] != '{') {
        reason_add(&damaged, REASON_NOT_AN_OBJECT, TARGET_COUNT, NULL, 0);
    }
    if (element->too_large) {
        reason_add(&damaged, REASON_RECORD_TOO_LARGE, TARGET_COUNT, NULL, 0);
    }
    if (damaged.count == 0) {
        record_read(page->reader, element->bytes, record, &damaged);
    }
    return decode_hand_over(page->out, &damaged);
}

json_page *json_page_open(decode_out *out)
{
    json_page *page = calloc(1, sizeof *page);

    if (page == NULL) {
        return NULL;
    }
    page->out = out;
    page->reader = record_reader_new(out->options.row_bytes);
    if (page->reader == NULL || !frame_init(&page->frame, &out->options, on_element, page)) {
        record_reader_free(page->reader);
        free(page);
        return NULL;
    }
    return page;
}

void json_page_close(json_page *page)
{
    frame_free(&page->frame);
    record_reader_free(page->reader);
    free(page);
}

static frame_result tell(const json_page *page, frame_result result, decode_loss *loss)
{
    if (result == FRAME_LOST) {
        *loss = (decode_loss){.problem = page->frame.problem, .at = page->frame.lost_at};
    }
    return result;
}

frame_result json_page_feed(json_page *page, span bytes, decode_loss *loss)
{
    return tell(page, frame_feed(&page->frame, bytes), loss);
}

frame_result json_page_end(json_page *page, decode_loss *loss)
{
    return tell(page, frame_end(&page->frame), loss);
}

bool json_page_envelope(const json_page *page, int i, span *text)
{
    const envelope_value *value = &page->frame.outside.value[i];

    if (!value->seen || value->is_null) {
        return false;
    }
    *text = (span){value->text, value->length};
    return true;
}

void json_page_excuse(json_page *page)
{
    page->out->options.rows_optional = true;
}

static void *open_state(decode_out *out)
{
    return json_page_open(out);
}

static frame_result feed_state(void *state, span bytes, decode_loss *loss)
{
    return json_page_feed(state, bytes, loss);
}

static frame_result end_state(void *state, decode_loss *loss)
{
    return json_page_end(state, loss);
}

static bool envelope_value_of(const void *state, int i, span *text)
{
    return json_page_envelope(state, i, text);
}

static void close_state(void *state)
{
    json_page_close(state);
}

const format_ops format_json = {open_state, feed_state, end_state, envelope_value_of, close_state};
