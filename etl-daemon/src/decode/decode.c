/*
 * decode.c - a page's records, whole or damaged, by the format's table of functions (format.h).
 * Promises that a page once broken stays broken; refuses to quote it: what it says holds byte offsets, lines and the
 * configured path only.
 */
#include "decode/decode.h"

#include <stdlib.h>

#include "decode/format.h"

struct decoder {
    decode_out out;
    const format_ops *ops;
    void *state;
    bool broken, stopped;
    failure why;
};

bool decode_hand_over(decode_out *out, const reason_list *damaged)
{
    out->records++;
    return out->options.on_record(out->options.context, &out->record, damaged);
}

static const format_ops *ops_of(source_format format)
{
    switch (format) {
    case FORMAT_JSON:
        return &format_json;
    case FORMAT_JSONL:
        return &format_jsonl;
    case FORMAT_CSV:
        return &format_csv;
    case FORMAT_XLSX:
        return &format_rows;
    case FORMAT_SPDCI:
        return &format_spdci;
    }
    return NULL;
}

decoder *decoder_new(const decode_options *options)
{
    const format_ops *ops = ops_of(options->format);
    if (ops == NULL || options->row_bytes == 0 || options->row_bytes > ROW_BYTES_MAX) {
        return NULL;
    }
    decoder *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return NULL;
    }
    d->out.options = *options;
    d->ops = ops;
    d->state = ops->open(&d->out);
    if (d->state == NULL) {
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
    d->ops->close(d->state);
    free(d);
}

static void say_where(decoder *d, const decode_loss *loss)
{
    const char *path = d->out.options.rows_path;

    if (loss->line > 0) {
        fail(&d->why, EXIT_PARTIAL, "broken at line %d: %s", loss->line, loss->problem);
    } else if (d->out.options.format == FORMAT_JSON) {
        fail(&d->why, EXIT_PARTIAL, "page broken at byte %zu: %s (records at \"%s\")", loss->at,
             loss->problem, path != NULL && path[0] != '\0' ? path : "the page itself");
    } else {
        fail(&d->why, EXIT_PARTIAL, "page broken at byte %zu: %s", loss->at, loss->problem);
    }
}

/* True to go on; otherwise remembers what happened. A stop by on_record leaves f as it is. */
static bool accept(decoder *d, frame_result result, const decode_loss *loss, failure *f)
{
    if (result == FRAME_GOES_ON) {
        return true;
    }
    d->stopped = result == FRAME_STOPPED;
    d->broken = !d->stopped;
    if (d->broken) {
        say_where(d, loss);
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
    decode_loss loss = {.problem = ""};
    return !ended(d, f) && accept(d, d->ops->feed(d->state, bytes, &loss), &loss, f);
}

bool decoder_finish(decoder *d, failure *f)
{
    decode_loss loss = {.problem = ""};
    return !ended(d, f) && accept(d, d->ops->end(d->state, &loss), &loss, f);
}

size_t decoder_records(const decoder *d)
{
    return d->out.records;
}

bool decoder_envelope(const decoder *d, int i, span *text)
{
    return i >= 0 && i < ENVELOPE_MAX && d->ops->envelope != NULL && d->ops->envelope(d->state, i, text);
}
