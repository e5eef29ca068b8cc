/*
 * decode.c - a page's records, whole or damaged, from the framing (frame.h) and yajl (record.h).
 * Promises that a page once broken stays broken; refuses to quote it: what it says holds byte offsets and the
 * configured path only.
 */
#include "decode/decode.h"

#include <stdlib.h>

#include "decode/frame.h"
#include "decode/record.h"

struct decoder {
    decode_options options;
    framer frame;
    record_reader *reader;
    size_t records;
    bool broken, stopped;
    failure why;
    raw_record record;
};

/* One element of the array: read when it is an object of bearable size, otherwise reported as it is. */
static bool on_element(void *context, const frame_element *element)
{
    decoder *d = context;
    reason_list damaged = {.count = 0};

    d->record.count = 0;
    d->record.bytes = element->bytes;
    if (element->bytes.p[0] != '{') {
        reason_add(&damaged, REASON_NOT_AN_OBJECT, TARGET_COUNT, NULL, 0);
    }
    if (element->too_large) {
        reason_add(&damaged, REASON_RECORD_TOO_LARGE, TARGET_COUNT, NULL, 0);
    }
    if (damaged.count == 0) {
        record_read(d->reader, element->bytes, &d->record, &damaged);
    }
    d->records++;
    return d->options.on_record(d->options.context, &d->record, &damaged);
}

decoder *decoder_new(const decode_options *options)
{
    if (options->row_bytes == 0 || options->row_bytes > ROW_BYTES_MAX) {
        return NULL;
    }
    decoder *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return NULL;
    }
    d->options = *options;
    d->reader = record_reader_new(options->row_bytes);
    if (d->reader == NULL || !frame_init(&d->frame, &d->options, on_element, d)) {
        record_reader_free(d->reader);
        free(d);
        return NULL;
    }
    return d;
}

void decoder_free(decoder *d)
{
    if (d == NULL) {
        return;
    }
    frame_free(&d->frame);
    record_reader_free(d->reader);
    free(d);
}

/* True to go on; otherwise remembers what happened. A stop by on_record leaves f as it is. */
static bool accept(decoder *d, frame_result result, failure *f)
{
    if (result == FRAME_GOES_ON) {
        return true;
    }
    d->stopped = result == FRAME_STOPPED;
    d->broken = !d->stopped;
    if (d->broken) {
        const char *path = d->options.rows_path;
        fail(&d->why, EXIT_PARTIAL, "page broken at byte %zu: %s (records at \"%s\")", d->frame.lost_at,
             d->frame.problem, path[0] != '\0' ? path : "the page itself");
        *f = d->why;
    }
    return false;
}

/* Has an earlier call ended the page? */
static bool ended(const decoder *d, failure *f)
{
    if (d->broken) {
        *f = d->why;
    }
    return d->broken || d->stopped;
}

bool decoder_feed(decoder *d, span bytes, failure *f)
{
    return !ended(d, f) && accept(d, frame_feed(&d->frame, bytes), f);
}

bool decoder_finish(decoder *d, failure *f)
{
    return !ended(d, f) && accept(d, frame_end(&d->frame), f);
}

size_t decoder_records(const decoder *d)
{
    return d->records;
}

bool decoder_envelope(const decoder *d, int i, span *text)
{
    if (i < 0 || i >= ENVELOPE_MAX) {
        return false;
    }
    const envelope_value *value = &d->frame.outside.value[i];
    if (!value->seen || value->is_null) {
        return false;
    }
    *text = (span){value->text, value->length};
    return true;
}
