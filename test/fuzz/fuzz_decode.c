/*
 * fuzz_decode.c - any bytes as a page. The first three bytes choose the path of the records, the largest
 * record and the way in which the rest is cut; the page must come out the same whole and cut, and within its
 * limits.
 */
#include <stdint.h>
#include <string.h>

#include "decode/decode.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    uint64_t hash; /* of everything that was handed over */
    size_t row_bytes;
} digest;

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    digest *d = context;

    must(record->bytes.n > 0 && record->bytes.n <= d->row_bytes);
    must(record->count <= RAW_FIELDS_MAX && (record->count == 0 || damaged->count == 0));
    mix(&d->hash, record->bytes.p, record->bytes.n);
    for (size_t i = 0; i < record->count; i++) {
        const raw_field *field = &record->field[i];
        must(field->path.n <= RAW_PATH_MAX &&
             raw_find(record, field->path) == (field->path.n > 0 ? field : NULL));
        mix(&d->hash, field->path.p, field->path.n);
        mix(&d->hash, &field->type, sizeof field->type);
        mix(&d->hash, field->text.p, field->text.n);
    }
    for (size_t i = 0; i < damaged->count; i++) {
        mix(&d->hash, &damaged->item[i].code, sizeof damaged->item[i].code);
    }
    return true;
}

static uint64_t run(const decode_options *options, span page, size_t chunk)
{
    digest *d = options->context;
    failure f;
    decoder *decoder = decoder_new(options);

    d->hash = FEED_HASH_START;
    (void)feed_page(decoder, page, chunk, &f);
    mix(&d->hash, f.text, strlen(f.text));
    for (int i = 0; i < ENVELOPE_MAX; i++) {
        span text;
        if (decoder_envelope(decoder, i, &text)) {
            mix(&d->hash, text.p, text.n);
        }
    }
    decoder_free(decoder);
    return d->hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"", "d", "data.rows", "d.0.r"};

    if (size < 3) {
        return 0;
    }
    digest d = {.row_bytes = 1 + (size_t)data[1] * 8};
    decode_options options = {.rows_path = paths[data[0] % 4],
                              .envelope = {"next", "meta.total", "d.1", NULL},
                              .row_bytes = d.row_bytes,
                              .on_record = on_record,
                              .context = &d};
    span page = {(const char *)data + 3, size - 3};
    uint64_t whole = run(&options, page, page.n + 1);
    must(whole == run(&options, page, 1));
    must(whole == run(&options, page, 2 + (size_t)data[2] % 61));
    return 0;
}
